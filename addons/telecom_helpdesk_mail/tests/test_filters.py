import email.policy
from email.parser import Parser

from odoo.tests import BaseCase

from ..filters import find_hints


class TestFilters(BaseCase):
    """What a mail says about itself."""

    def find_hints(self, *headers):
        text = "\n".join(("From: a@example.com", *headers, "", "Text"))
        return find_hints(Parser(policy=email.policy.SMTP).parsestr(text))

    def test_m4_automatic_mail(self):
        for header in (
            "Auto-Submitted: auto-replied",
            "auto-submitted: Auto-Generated",
            "Auto-Submitted: auto-replied; owner-email=a@example.com",
            "Auto-Submitted: auto-replied (vacation)",
            "Auto-Submitted: auto-notified",
            "Precedence: bulk",
            "Precedence: Junk",
            "Precedence: auto_reply",
        ):
            with self.subTest(header=header):
                self.assertEqual(self.find_hints(header), {"automatic": True})

    def test_m4_mail_that_somebody_wrote(self):
        for header in (
            "Auto-Submitted: no",
            "Auto-Submitted: No (really)",
            "Auto-Submitted:",
            "Precedence: list",
            "Precedence: first-class",
            "X-Mailer: Thunderbird",
        ):
            with self.subTest(header=header):
                self.assertEqual(self.find_hints(header), {})
