from lxml import html

from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


def read_sheet(content):
    """Rows of the time sheet in a page (HTML), as text."""
    rows = html.fromstring(content).xpath("//div[contains(@class, 'o_telecom_time_sheet')]//tr")
    return [" ".join(row.text_content().split()) for row in rows]


@tagged("post_install", "-at_install")
class TestTimeSheet(BillingCommon, TransactionCase):
    """The customer sees the hours behind the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with frozen("2026-03-10 09:00:00"):
            cls.include_hours(1)
            cls.covered = cls.log_approved(50, name="Found <the> cause")
            cls.paid = cls.log_approved(40, date="2026-03-03", hours_period="out")
            cls.move = cls.bill().line_ids.move_id

    def sheet(self, report="account.account_invoices"):
        reports = self.env["ir.actions.report"].with_user(self.accountant)
        content, _kind = reports._render_qweb_html(report, self.move.ids)
        return read_sheet(content)

    def test_invoice_ends_with_the_time_sheet(self):
        _head, ticket, first, second, total = self.sheet()
        self.assertEqual(ticket, f"{self.ticket.number} No dial tone")
        self.assertEqual(first, "03/02/2026 Found <the> cause Vera Voice 00:50 01:00 01:00 00:00")
        self.assertEqual(
            second, "03/03/2026 Looked into it (out of hours) Vera Voice 00:40 01:00 01:00 $ 120.00"
        )
        self.assertEqual(total, "Total 02:00 01:00 01:00 $ 120.00")

    def test_totals_are_those_of_the_lines(self):
        lines = self.support_lines(self.move).filtered("product_id")
        self.assertEqual(sum(lines.mapped("quantity")), 1)
        self.assertEqual(self.move._get_time_sheet()["totals"]["invoiced"], 1)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.assertIn("02/03/2026", self.sheet()[2])

    def test_company_may_do_without(self):
        self.company.telecom_billing_append_sheet = False
        self.assertFalse(self.sheet())
        # It is still to be had on its own.
        own = self.sheet("telecom_helpdesk_timesheet.report_time_sheet")
        self.assertEqual(own[-1], "Total 02:00 01:00 01:00 $ 120.00")

    def test_invoice_without_support_time_has_none(self):
        self.move = self.draft()
        self.assertFalse(self.sheet())

    def test_nothing_of_other_invoices(self):
        other = self.log_approved(60, ticket=self.other_ticket, name="Secret of Globex")
        self.bill()
        self.assertNotEqual(other.invoice_id, self.move)
        self.assertNotIn("Secret", " ".join(self.sheet()))


@tagged("post_install", "-at_install")
class TestTimeSheetPortal(BillingCommon, HttpCase):
    def test_customer_sees_the_hours_behind_the_invoice_in_the_portal(self):
        self.log_approved(50)
        move = self.bill().line_ids.move_id
        move.action_post()
        address = f"/my/invoices/{move.id}?report_type=html"
        self.authenticate(self.portal_user.login, self.portal_user.login)
        self.assertEqual(
            read_sheet(self.url_open(address).content)[-1], "Total 01:00 01:00 $ 80.00"
        )
        self.authenticate(self.portal_other.login, self.portal_other.login)
        self.assertFalse(read_sheet(self.url_open(address).content))
