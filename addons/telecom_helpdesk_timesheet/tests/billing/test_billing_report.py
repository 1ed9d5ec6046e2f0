from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestBillingReport(BillingCommon, TransactionCase):
    """What waits, for whom and since when; what was billed, from which ticket."""

    def read(self, domain, groups, measures, user=None):
        report = self.env["telecom.billing.report"].with_user(user or self.accountant)
        mine = [("partner_id", "in", (self.customer + self.other_customer).ids)]
        return report._read_group(mine + domain, groups, measures)

    def test_what_waits_by_customer_and_age(self):
        for day, minutes in (("2026-01-05", 15), ("2026-03-05", 30), ("2026-03-28", 60)):
            with frozen(f"{day} 12:00:00"):
                self.log_approved(minutes, date=day)
        with frozen("2026-03-29 12:00:00"):
            self.log_approved(45, ticket=self.other_ticket)
        with frozen("2026-03-31 12:00:00"):
            rows = self.read(
                [("billing_state", "=", "approved")],
                ["partner_id", "age"],
                ["waiting_hours:sum", "waiting_amount:sum"],
            )
        self.assertEqual(
            {(partner, age): (hours, amount) for partner, age, hours, amount in rows},
            {
                (self.customer, "1"): (1, 80),
                (self.customer, "2"): (0.5, 40),
                (self.customer, "3"): (0.25, 20),
                (self.other_customer, "1"): (0.75, 60),
            },
        )

    def test_billable_hours_by_period(self):
        self.log_approved(60, date="2026-02-02")
        self.log_approved(50, date="2026-03-02")
        self.log(90, date="2026-03-02", billable=False)
        rows = self.read([], ["date:month"], ["spent_hours:sum", "billed_hours:sum"], self.manager)
        self.assertEqual(
            [(str(month), round(spent * 60), billed) for month, spent, billed in rows],
            [("2026-02-01", 60, 1), ("2026-03-01", 140, 1)],
        )

    def test_what_was_billed_from_which_ticket(self):
        self.rate_working.rounding_minutes = 1
        with frozen("2026-03-10 12:00:00"):
            self.include_hours(1)
            self.log_approved(100)
            self.log_approved(60, ticket=self.other_ticket)
            run = self.bill(invoice_date="2026-03-31")
        rows = self.read(
            [("billing_state", "=", "invoiced")],
            ["ticket_id", "invoice_id"],
            ["billed_hours:sum", "included_hours:sum", "invoiced_hours:sum", "amount:sum"],
        )
        mine, other = run.line_ids.sorted("partner_id").mapped("move_id")
        found = {
            (ticket, move): [round(number, 2) for number in numbers]
            for ticket, move, *numbers in rows
        }
        moves = {move.commercial_partner_id: move for move in mine + other}
        self.assertEqual(
            found,
            {
                (self.ticket, moves[self.customer]): [1.67, 1, 0.67, 53.33],
                (self.other_ticket, moves[self.other_customer]): [1, 0, 1, 80],
            },
        )

    def test_from_the_invoice_to_the_entries_to_the_ticket_and_back(self):
        entry = self.log_approved(60)
        move = self.bill().line_ids.move_id.with_user(self.accountant)
        self.assertEqual(move.support_time_count, 1)
        action = move.action_open_support_time()
        found = self.env[action["res_model"]].with_user(self.accountant).search(action["domain"])
        self.assertEqual(found, entry)
        ticket = self.env["telecom.ticket"].with_user(self.accountant)
        ticket = ticket.browse(found.action_open_billed_ticket()["res_id"])
        self.assertEqual((ticket, ticket.invoice_count), (self.ticket, 1))
        self.assertEqual(ticket.action_open_invoices()["res_id"], move.id)
        self.assertEqual(found.action_open_invoice()["res_id"], move.id)

    def test_agents_see_nothing_of_invoices(self):
        self.log_approved(60)
        self.bill()
        ticket = self.ticket.with_user(self.agent_voice)
        with self.assertRaises(AccessError):
            ticket.read(["invoice_count"])
        with self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.agent_voice).search([])
        for user in (self.agent_voice, self.internal_user, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.read([], [], ["__count"], user)

    def test_nothing_of_other_companies(self):
        self.log_approved(60)
        other = self.env["res.company"].create({"name": "Other Telecom"})
        stranger = self.make_user(
            "stranger",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertEqual(self.read([], [], ["__count"], stranger), [(0,)])
        wizard = self.env["telecom.bill.time"].with_user(stranger).create({})
        self.assertFalse(wizard.line_ids)

    def test_query_counts_of_report_and_invoice_list(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.read([], ["partner_id", "age"], ["waiting_hours:sum"])
            moves = self.env["account.move"].search([("move_type", "=", "out_invoice")])
            moves.with_user(self.accountant).mapped("support_time_count")
            return self.env.cr.sql_log_count - start

        self.log_approved(60)
        self.bill()
        few = count()
        for _each in range(5):
            self.log_approved(60)
            self.log_approved(60, ticket=self.other_ticket)
            for move in self.bill().line_ids.move_id:
                move.action_post()
        self.assertLessEqual(count(), few)

    def test_a_page_counts_the_shares_of_its_own_lines_alone(self):
        """However much is billed: what a page of the list costs follows from its rows."""
        entries = self.log_approved(60)
        for minutes in range(15, 180, 15):
            entries += self.log_approved(minutes)
        self.bill(grouping="entry")
        report = self.env["telecom.billing.report"].with_user(self.accountant)
        domain = [("entry_id", "in", entries.ids)]
        get_query = type(entries)._get_shares_query
        counted = []

        def note(model, lines=None):
            counted.append(lines)
            return get_query(model, lines)

        def read(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            counted.clear()
            start = self.env.cr.sql_log_count
            with patch.object(type(entries), "_get_shares_query", note):
                rows = report.search_fetch(domain, ["amount", "invoiced_hours"], limit=limit)
            return rows, self.env.cr.sql_log_count - start

        read(2)  # caches of the registry
        rows, queries = read(2)
        self.assertEqual(counted[-1], rows.sudo().entry_id.invoice_line_id)
        more, more_queries = read(80)
        self.assertEqual(counted[-1].support_time_ids, entries)
        self.assertEqual((len(rows), len(more)), (2, 12))
        self.assertEqual(more_queries, queries)
        sums = report._read_group(domain, ["entry_id"], ["amount:sum", "invoiced_hours:sum"])
        self.assertEqual(
            {row.id: (row.amount, row.invoiced_hours) for row in more},
            {row.id: tuple(values) for row, *values in sums},
        )
        self.assertFalse(report.search([*domain, ("amount", "<", 0)]))
        top = report.search(domain, order="amount desc", limit=1)
        self.assertEqual(top.amount, max(more.mapped("amount")))
