from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from unittest import SkipTest

from pytz import utc

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What waits in the demo operator's quarantine; skipped without the demo data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False):
            raise SkipTest("The database has no demo data.")
        cls.mails = cls.env["telecom.mail.quarantine"].search([])

    def test_mails_in_quarantine_were_written_in_the_last_two_weeks(self):
        self.assertEqual(
            set(self.mails.mapped("reason")),
            {"automatic", "blocked", "bulk", "error", "loop", "no_route"},
        )
        now = utc.localize(fields.Datetime.now())
        for mail in self.mails:
            with self.subTest(mail.name):
                written = parsedate_to_datetime(message_from_bytes(mail._get_raw())["Date"])
                self.assertLess(written, now)
                self.assertGreater(written, now - timedelta(days=14))
