from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from .rates_common import RatesCommon

MARCH = "2026-03-10 09:00:00"
PAGE = "/my/support-hours"


@tagged("-at_install", "post_install")
class TestPortal(RatesCommon, HttpCase):
    def setUp(self):
        super().setUp()
        clock = frozen(MARCH)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.contract.write({"included_hours": 5})
        self.line = self.log_hours(2, "2026-03-05 09:00:00", name="Replaced the line card")
        self.approve_hours(self.line, 1.25)

    def see(self, user, path=PAGE):
        """The page's text as ``user`` (res.users, or None: nobody) sees it."""
        self.env.flush_all()
        self.authenticate(user and user.login, user and user.login)
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return " ".join(response.text.split())

    def see_home_count(self, user):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request("/my/counters", {"counters": ["support_hours_count"]})[
            "support_hours_count"
        ]

    def make_invoice(self, line):
        """A posted invoice that bills ``line``."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-03-09",
                "invoice_line_ids": [(0, 0, {"name": "Support", "price_unit": 100})],
            }
        )
        line._write_billing(
            {"billing_state": "invoiced", "invoice_line_id": invoice.invoice_line_ids[:1].id}
        )
        return invoice

    # What they see

    def test_the_customer_sees_the_hours_of_the_contract(self):
        self.customer_contact.telecom_portal_scope = "company"
        text = self.see(self.portal_user)
        self.assertIn("Nine to Six", text)
        self.assertIn("3:45 h left", text)
        self.assertIn("of 5:00 h, until 03/31/2026", text)
        self.assertIn('aria-valuenow="25"', text)
        self.assertIn("Hours that are not used by then are lost.", text)

    def test_the_customer_sees_the_work_behind_the_hours(self):
        text = self.see(self.portal_user)
        self.assertIn("Replaced the line card", text)
        self.assertIn(self.ticket.number, text)
        self.assertIn("Covered by your contract", text)
        self.assertIn("1:15", text)
        self.assertNotIn("2:00", text, "what the agent logged is not what the manager let pass")
        self.assertNotIn("Vera Voice", text)

    def test_from_the_work_to_the_invoice(self):
        invoice = self.make_invoice(
            self.log_hours(1, "2026-03-06 09:00:00", name="Reset the trunk")
        )
        text = self.see(self.portal_user)
        self.assertNotIn(f"/my/invoices/{invoice.id}", text)
        invoice.action_post()
        self.customer_contact.telecom_portal_scope = "company"
        text = self.see(self.portal_user)
        self.assertIn(f'href="/my/invoices/{invoice.id}"', text)
        self.assertIn(invoice.name, text)

    def test_out_of_hours_work_is_marked(self):
        self.approve(self.log_hours(1, "2026-03-06 20:00:00", name="Night call"))
        text = self.see(self.portal_user)
        self.assertIn("Night call", text)
        self.assertIn("Out of hours", text)
        self.assertIn("On your next invoice", text)

    def test_the_list_is_narrowed_to_a_period(self):
        self.customer_contact.telecom_portal_scope = "company"
        self.approve(self.log_hours(1, "2026-02-06 09:00:00", name="Before"))
        period = self.contract.period_ids
        self.assertIn("Before", self.see(self.portal_user))
        text = self.see(self.portal_user, f"{PAGE}?filterby=period-{period.id}")
        self.assertIn("Replaced the line card", text)
        self.assertNotIn("Before", text)
        self.assertIn("Before", self.see(self.portal_user, f"{PAGE}?filterby=nonsense"))

    def test_long_lists_have_pages(self):
        lines = self.env["account.analytic.line"]
        for index in range(25):
            lines |= self.log_hours(0.5, "2026-03-02 09:00:00", name=f"Job {index:02}")
        self.approve(lines)
        first = self.see(self.portal_user)
        second = self.see(self.portal_user, f"{PAGE}/page/2")
        seen = [[f"Job {index:02}" in text for index in range(25)] for text in (first, second)]
        self.assertEqual([sum(page) for page in seen], [19, 6], "and the first entry")
        self.assertTrue(all(a != b for a, b in zip(*seen, strict=True)))

    def test_the_page_takes_as_many_queries_for_many_entries(self):
        counts = []
        for number in (1, 1, 15):
            lines = self.env["account.analytic.line"]
            for _index in range(number):
                lines |= self.log_hours(0.5, "2026-03-02 09:00:00", self.make_own_ticket())
            self.approve(lines)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env["account.analytic.line"].sudo()
            found = found.search(found._get_portal_domain(self.portal_user), limit=20)
            found._prepare_portal_values(self.portal_user)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_portals_first_page_leads_there(self):
        self.assertEqual(self.see_home_count(self.portal_user), 1)
        self.assertEqual(self.see_home_count(self.portal_other), 0)
        self.assertIn(PAGE, self.see(self.portal_user, "/my/home"))

    # What they do not see

    def test_what_is_not_approved_is_not_shown(self):
        for state in ("to_approve", "rejected", "not_billable"):
            self.line._write_billing({"billing_state": state})
            with self.subTest(state=state):
                self.assertNotIn("Replaced the line card", self.see(self.portal_user))

    def test_a_colleague_sees_their_own_tickets_and_no_balance(self):
        text = self.see(self.portal_colleague)
        self.assertNotIn("Replaced the line card", text)
        self.assertNotIn("h left", text)
        text = self.see(self.portal_user)
        self.assertIn("Replaced the line card", text)
        self.assertNotIn("h left", text, "the hours are the whole account's")
        self.portal_colleague.partner_id.telecom_portal_scope = "company"
        text = self.see(self.portal_colleague)
        self.assertIn("Replaced the line card", text)
        self.assertIn("3:45 h left", text)

    def test_the_contact_whom_the_contract_names_sees_its_hours(self):
        self.contract.partner_id = self.customer_contact
        self.assertIn("3:45 h left", self.see(self.portal_user))

    def test_another_customer_sees_nothing(self):
        self.portal_other.partner_id.telecom_portal_scope = "company"
        text = self.see(self.portal_other)
        self.assertIn("No work was approved here yet", text)
        for secret in ("Replaced the line card", self.ticket.number, self.contract.name, "h left"):
            self.assertNotIn(secret, text)
        period = self.contract.period_ids
        text = self.see(self.portal_other, f"{PAGE}?filterby=period-{period.id}")
        self.assertNotIn("Replaced the line card", text)

    def test_the_work_stays_with_whom_it_was_approved_for(self):
        """The ticket is given to another customer: its subject goes there, the hours do not."""
        self.ticket.name = "Was opened for the wrong customer"
        self.ticket.with_user(self.manager).write(
            {"partner_id": self.portal_other.partner_id.id, "contract_id": False}
        )
        self.approve(self.log_hours(1, "2026-03-09 09:00:00", name="Told them"))
        for partner in self.customer_contact + self.portal_other.partner_id:
            partner.telecom_portal_scope = "company"
        text = self.see(self.portal_user)
        self.assertIn("Replaced the line card", text)
        self.assertIn(self.ticket.number, text)
        for other in ("Told them", self.ticket.name):
            self.assertNotIn(other, text)
        text = self.see(self.portal_other)
        self.assertIn("Told them", text)
        self.assertIn(self.ticket.name, text)
        self.assertNotIn("Replaced the line card", text)

    def test_nobody_without_an_account_gets_in(self):
        self.env.flush_all()
        self.authenticate(None, None)
        response = self.url_open(PAGE, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    def test_an_agent_sees_their_own_company_there_not_the_customers(self):
        self.assertNotIn("Replaced the line card", self.see(self.agent_voice))

    def test_the_entries_themselves_stay_with_the_operator(self):
        project = self.company.telecom_support_project_id
        project.privacy_visibility = "portal"
        self.customer_contact.telecom_portal_scope = "company"
        for user in (self.portal_user, self.public_user):
            lines = self.env["account.analytic.line"].with_user(user)
            with self.subTest(user=user.name):
                try:
                    self.assertFalse(lines.search([("ticket_id", "!=", False)]))
                except AccessError:
                    continue
                with self.assertRaises(AccessError):
                    self.line.with_user(user).read(["amount"])
        self.assertNotIn("Replaced the line card", self.see(self.portal_user, "/my/timesheets"))
