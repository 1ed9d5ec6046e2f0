from collections import Counter
from datetime import timedelta
from unittest import SkipTest

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES, STATES


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demo's operator is believable: its figures, its history, its silence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False)
        if not cls.company:
            raise SkipTest("The database has no demo data.")
        cls.tickets = cls.env["telecom.ticket"].search([("company_id", "=", cls.company.id)])

    def count(self, model, *domain):
        return self.env[model].search_count([("company_id", "=", self.company.id), *domain])

    def test_an_operator_of_believable_size(self):
        agents = self.env.ref("telecom_helpdesk.group_agent").all_user_ids.filtered(
            lambda user: user.company_id == self.company and user.login != "admin"
        )
        customers = self.env["ir.model.data"].search_count(
            [("module", "=", "telecom_helpdesk"), ("name", "=like", "customer\\_%")]
        )
        self.assertEqual(self.count("telecom.ticket.team"), 3)
        self.assertEqual(len(agents), 8)
        self.assertEqual(len([user for user in agents if "level 3" in user.function]), 2)
        self.assertEqual(customers, 60)
        self.assertGreaterEqual(self.count("telecom.service"), 140)
        self.assertEqual(self.count("telecom.contract"), 40)
        self.assertEqual(self.count("project.project", ("is_telecom_deployment", "=", True)), 10)
        self.assertGreaterEqual(len(self.tickets), 200)

    def test_open_tickets_fill_the_board_and_every_state_is_there(self):
        states = Counter(self.tickets.mapped("state"))
        self.assertEqual(set(states), {state for state, _label in STATES})
        open_tickets = self.tickets.filtered(lambda ticket: not ticket.is_done)
        self.assertGreaterEqual(len(open_tickets), 30)
        self.assertLessEqual(len(open_tickets), 50)
        for team in self.tickets.team_id:
            with self.subTest(team=team.name):
                self.assertGreaterEqual(team.open_ticket_count, 4)

    def test_customers_speak_three_languages(self):
        languages = Counter(self.tickets.partner_id.mapped("lang"))
        for language in ("fr_FR", "de_DE", "en_US"):
            self.assertGreaterEqual(languages[language], 10)

    def test_tickets_are_spread_over_ninety_days_and_numbered_as_they_came(self):
        now = fields.Datetime.now()
        in_order = self.tickets.sorted("create_date")
        self.assertEqual(in_order.mapped("number"), sorted(self.tickets.mapped("number")))
        self.assertGreater(in_order[0].create_date, now - timedelta(days=95))
        self.assertLess(in_order[0].create_date, now - timedelta(days=75))
        self.assertLess(in_order[-1].create_date, now)

    def test_the_history_of_a_ticket_leads_to_its_state(self):
        for ticket in self.tickets:
            with self.subTest(ticket=ticket.display_name):
                log = ticket.transition_ids.sorted(lambda line: (line.at, line.id))
                self.assertEqual(log[0].at, ticket.create_date.replace(microsecond=0))
                self.assertEqual(
                    [line.state_from for line in log],
                    [False, *[line.state_to for line in log[:-1]]],
                )
                self.assertEqual(log[-1].state_to, ticket.state)
                if ticket.state in ("resolved", "closed"):
                    self.assertIn(ticket.resolved_at, log.mapped("at"))
                if ticket.state == "closed":
                    self.assertEqual(ticket.closed_at, log[-1].at)

    def test_instants_of_a_ticket_agree_with_its_messages(self):
        public = self.env.ref("mail.mt_comment")
        for ticket in self.tickets:
            with self.subTest(ticket=ticket.display_name):
                messages = ticket.message_ids
                answers = messages.filtered(
                    lambda message: (
                        message.subtype_id == public
                        and message.message_type in ("comment", "email")
                        and message.author_id.user_ids
                        and not message.author_id.partner_share
                    )
                )
                self.assertTrue(
                    all(
                        ticket.create_date.replace(microsecond=0) <= message.date
                        for message in messages
                    )
                )
                if answers:
                    self.assertEqual(ticket.first_response_at, min(answers.mapped("date")))
                    self.assertEqual(ticket.last_agent_reply_at, max(answers.mapped("date")))
                else:
                    self.assertFalse(ticket.first_response_at)

    def test_resolved_tickets_will_close_by_themselves(self):
        resolved = self.tickets.filtered(lambda ticket: ticket.state == "resolved")
        self.assertTrue(resolved)
        for ticket in resolved:
            with self.subTest(ticket=ticket.display_name):
                days = timedelta(days=ticket.team_id.auto_close_days)
                self.assertEqual(ticket.next_due_at, ticket.resolved_at + days)
                self.assertGreater(ticket.next_due_at, self.company.create_date)

    def test_promises_are_missed_due_and_to_come(self):
        promised = self.tickets.filtered(
            lambda ticket: ticket.date_deadline and ticket.state not in DONE_STATES
        ).mapped("date_deadline")
        now = fields.Datetime.now()
        self.assertGreaterEqual(len(promised), 15)
        self.assertTrue(any(deadline < now for deadline in promised))
        self.assertTrue(any(deadline > now + timedelta(days=1) for deadline in promised))

    def test_special_cases_are_there_to_look_at(self):
        incident = self.tickets.filtered("child_ids")
        self.assertEqual(len(incident), 1)
        self.assertEqual(incident.child_count, 5)
        self.assertGreater(incident.affected_service_count, 15)
        self.assertEqual(incident.incident_update_ids.mapped("failed_count"), [0, 0])
        self.assertEqual({row.lang for row in incident.incident_update_ids.delivery_ids},
                         {"en_US", "fr_FR", "de_DE"})  # fmt: skip
        [works] = self.tickets.filtered(lambda ticket: ticket.incident_kind == "maintenance")
        self.assertEqual(works.window_state, "ahead")
        self.assertGreater(works.incident_update_ids.delivered_count, 10)
        self.assertTrue(self.tickets.filtered("follow_up_of_id"))
        self.assertTrue(self.tickets.filtered("is_escalated"))
        self.assertTrue(self.tickets.filtered("reopen_count"))
        self.assertTrue(self.tickets.filtered("collaborator_ids"))
        self.assertTrue(self.tickets.filtered("activity_ids"))
        self.assertTrue(self.tickets.filtered(lambda ticket: not ticket.partner_id))
        self.assertTrue(self.tickets.message_ids.attachment_ids)

    def test_customers_owe_paid_and_overdue_invoices(self):
        today = fields.Date.today()
        invoices = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")]
        )
        posted = invoices.filtered(lambda invoice: invoice.state == "posted")
        unpaid = posted.filtered("amount_residual")
        self.assertEqual(invoices.currency_id.name, "EUR")
        self.assertTrue(posted - unpaid)
        self.assertTrue(unpaid.filtered(lambda invoice: invoice.invoice_date_due >= today))
        late = [(today - date).days for date in unpaid.mapped("invoice_date_due") if date < today]
        self.assertGreater(max(late), 60)
        self.assertTrue([days for days in late if days <= 30])

    def test_nobody_was_written_to(self):
        messages = self.env["mail.message"].search(
            [("model", "=", "telecom.ticket"), ("res_id", "in", self.tickets.ids)]
        )
        self.assertFalse(self.env["mail.mail"].search([("mail_message_id", "in", messages.ids)]))
        self.assertFalse(
            self.env["mail.notification"].search(
                [
                    ("mail_message_id", "in", messages.ids),
                    ("notification_type", "=", "email"),
                    ("notification_status", "!=", "sent"),
                ]
            )
        )

    def test_loading_again_adds_nothing(self):
        before = (
            self.count("telecom.ticket"),
            self.count("account.move"),
            self.count("telecom.service"),
        )
        demo = self.env["telecom.demo"]
        for load in (
            demo._load_languages,
            demo._load_chart_of_accounts,
            demo._load_registry,
            demo._load_invoices,
            demo._load_tickets,
        ):
            load()
        after = (
            self.count("telecom.ticket"),
            self.count("account.move"),
            self.count("telecom.service"),
        )
        self.assertEqual(before, after)
