import re
from datetime import date, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from odoo import api, fields, models

from ..tools.incoming_mail import IncomingMail

MAILS = Path(__file__).parent / "mails"
LAST_DAY = date(2026, 11, 8)  # of the week in which they were written


class TelecomDemo(models.AbstractModel):
    _inherit = "telecom.demo"

    @api.model
    def _load_quarantine(self):
        """One mail for each reason: ``mails/<reason>.eml``, written in the last two weeks."""
        errors = {
            "error": "ValidationError: There is no sequence with the code telecom.ticket.",
            "no_route": "No possible route found for incoming message from "
            "p.vogel@vogel-spedition.example to suport@telco.example.",
        }
        # Whole weeks: what was written on a Monday still was.
        weeks = (fields.Date.today() - LAST_DAY) // timedelta(weeks=1)

        def later(found):
            instant = parsedate_to_datetime(found[1].decode()) + timedelta(weeks=weeks)
            return b"Date: " + format_datetime(instant).encode()

        quarantine = self._operator_env()["telecom.mail.quarantine"]
        for path in sorted(MAILS.glob("*.eml")):
            mail = re.sub(rb"^Date: (.*)$", later, path.read_bytes(), count=1, flags=re.MULTILINE)
            quarantine._store(IncomingMail(mail), path.stem, errors.get(path.stem, ""))
