from pathlib import Path

from odoo import api, models

MAILS = Path(__file__).parent / "mails"


class TelecomDemo(models.AbstractModel):
    _inherit = "telecom.demo"

    @api.model
    def _load_quarantine(self):
        """One mail for each reason: ``mails/<reason>.eml``."""
        errors = {
            "error": "ValidationError: There is no sequence with the code telecom.ticket.",
            "no_route": "No possible route found for incoming message from "
            "p.vogel@vogel-spedition.example to suport@telco.example.",
        }
        quarantine = self._operator_env()["telecom.mail.quarantine"]
        for path in sorted(MAILS.glob("*.eml")):
            quarantine._store(path.read_bytes(), path.stem, errors.get(path.stem, ""))
