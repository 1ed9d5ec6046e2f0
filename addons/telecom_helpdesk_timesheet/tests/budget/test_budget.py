from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCase

DAY = "2026-03-16 10:00:00"


@tagged("post_install", "-at_install")
class TestBudget(TimeCase):
    """Hours agreed with a customer: what was used of them, and who is told when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.budgets = cls.env["telecom.time.budget"]
        cls.ticket.user_id = cls.agent_voice

    def agree(self, hours=4, *, user=None, ticket=None):
        """A manager enters the agreed hours on the ticket's form."""
        ticket = (ticket or self.ticket).with_user(user or self.manager)
        with Form(ticket) as form:
            form.agreed_hours = hours
        return self.budgets.search([("ticket_id", "=", ticket.id)])

    def agree_monthly(self, hours=4):
        with Form(self.customer.with_user(self.manager)) as form:
            form.telecom_agreed_hours = hours
        return self.budgets.search([("partner_id", "=", self.customer.id)])

    def look(self, ticket=None):
        """What the agent reads on the ticket: (words, status)."""
        ticket = (ticket or self.ticket).with_user(self.agent_voice)
        ticket.invalidate_recordset()
        return ticket.budget_notice, ticket.budget_level

    def tell(self, record=None):
        """The scheduled action runs: (user, summary) of the activities on ``record`` after it."""
        self.budgets._notify_used_budgets()
        activities = (record or self.ticket).activity_ids.sorted("id")
        return [(activity.user_id, activity.summary) for activity in activities]

    # What was used

    def test_agent_reads_how_much_was_used(self):
        self.assertEqual(self.look(), (False, False))
        self.agree(4)
        self.log(190)
        self.assertEqual(self.look(), ("3:10 of 4:00 h used", False))
        self.log(2)
        self.assertEqual(self.look(), ("3:12 of 4:00 h used", "near"))
        self.log(48)
        self.assertEqual(self.look(), ("4:00 of 4:00 h used", "near"))
        self.log(40)
        self.assertEqual(self.look(), ("4:40 of 4:00 h used", "over"))

    def test_what_counts(self):
        self.agree(4)
        self.log(60, billable=False)
        self.assertEqual(self.look()[0], "0:00 of 4:00 h used")
        line = self.log(60)
        line.with_user(self.manager)._reject("Ours to bear")
        self.assertEqual(self.look()[0], "0:00 of 4:00 h used")
        corrected = self.log(60)
        corrected.with_user(self.manager)._correct_hours(0.5, "Half of it was ours")
        self.approve(corrected)
        self.assertEqual(self.look()[0], "0:30 of 4:00 h used")

    def test_threshold_is_the_companys(self):
        self.agree(4)
        self.log(130)
        self.assertFalse(self.look()[1])
        self.company.telecom_budget_percent = 50
        self.assertEqual(self.look()[1], "near")

    def test_threshold_is_a_share(self):
        for percent in (0, 101):
            with self.subTest(percent=percent), self.assertRaises(ValidationError):
                self.company.with_user(
                    self.env.ref("base.user_admin")
                ).telecom_budget_percent = percent

    def test_month_of_the_customer(self):
        with frozen(DAY):
            self.agree_monthly(10)
            self.log(120, date="2026-03-02")
            self.log(60, ticket=self.make_ticket(name="Another"))
            self.log(60, date="2026-02-28")
            self.log(60, ticket=self.make_ticket(partner_id=self.other_customer.id))
            ticket = self.ticket.with_user(self.agent_voice)
            self.assertEqual(ticket.month_budget_notice, "3:00 of 10:00 h used in March")
            self.assertFalse(ticket.budget_notice)

    def test_a_month_begins_at_midnight_where_the_company_is(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self.agent_voice.tz = "Pacific/Auckland"
        ticket = self.ticket.with_user(self.agent_voice)
        # In UTC it is the same day all along: there, one minute before April and at its beginning.
        with frozen("2026-03-31 10:59:00"):
            self.agree_monthly(1)
            self.log(60)
            self.assertEqual(ticket.month_budget_notice, "1:00 of 1:00 h used in March")
            self.assertEqual(len(self.tell(self.customer)), 1)
        with frozen("2026-03-31 11:00:00"):
            self.log(90)
            ticket.invalidate_recordset()
            self.assertEqual(ticket.month_budget_notice, "1:30 of 1:00 h used in April")
            self.assertEqual(len(self.tell(self.customer)), 2)

    def test_each_company_has_a_month_of_its_own(self):
        other_company = self.env["res.company"].create({"name": "Overseas"})
        other_company.partner_id.tz = "Pacific/Auckland"
        self.company.partner_id.tz = "Europe/Paris"
        with frozen("2026-03-31 12:00:00"):
            here = self.budgets.create({"partner_id": self.customer.id, "hours": 1})
            there = self.budgets.create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other_company.id,
                    "hours": 1,
                }
            )
            self.log(60, date="2026-03-31")
            both = here + there
            self.assertEqual(both._get_used_minutes(), {here: 60, there: 0})
            self.assertEqual(
                [budget._describe_used(0) for budget in both],
                ["0:00 of 1:00 h used in March", "0:00 of 1:00 h used in April"],
            )

    def test_contacts_share_what_was_agreed_with_their_company(self):
        self.agree_monthly(10)
        contact = self.customer_contact.with_user(self.manager)
        self.assertEqual(contact.telecom_agreed_hours, 10)

    # Who is told

    def test_told_once_when_nearly_used_up_and_once_when_exceeded(self):
        self.agree(4)
        self.log(180)
        self.assertEqual(self.tell(), [])
        self.log(20)
        near = (self.agent_voice, "Agreed hours nearly used up")
        self.assertEqual(self.tell(), [near])
        self.assertEqual(self.tell(), [near])
        self.log(60)
        over = "Agreed hours exceeded"
        told = [near, (self.agent_voice, over), (self.manager, over)]
        self.assertCountEqual(self.tell(), told)
        self.log(60)
        self.assertCountEqual(self.tell(), told)

    def test_what_was_rejected_and_logged_again_is_told_once(self):
        self.agree(1)
        line = self.log(90)
        told = self.tell()
        line.with_user(self.manager)._reject("Too long")
        self.tell()
        line.with_user(self.agent_voice).action_resubmit()
        self.assertEqual(self.tell(), told)

    def test_told_again_of_other_hours(self):
        self.agree(1)
        self.log(90)
        self.assertEqual(len(self.tell()), 2)
        self.agree(2)
        self.assertEqual(len(self.tell()), 2)
        self.log(10)
        self.assertEqual(len(self.tell()), 3)

    def test_agent_who_left_is_not_told(self):
        self.agree(1)
        self.log(50)
        self.agent_voice.active = False
        self.assertIn((self.manager, "Agreed hours nearly used up"), self.tell())

    def test_a_month_is_told_once_and_the_next_one_again(self):
        with frozen(DAY):
            self.agree_monthly(1)
            self.log(90, date="2026-03-02")
            self.assertEqual(len(self.tell(self.customer)), 1)
            self.assertEqual(len(self.tell(self.customer)), 1)
        with frozen("2026-04-10 10:00:00"):
            self.assertEqual(len(self.tell(self.customer)), 1)
            self.log(90, date="2026-04-02")
            self.assertEqual(len(self.tell(self.customer)), 2)

    def test_one_that_cannot_be_told_stops_no_other(self):
        self.agree(1)
        other = self.make_ticket(name="Another")
        self.agree(1, ticket=other)
        self.log(90)
        self.log(90, ticket=other)
        schedule = type(self.ticket).activity_schedule

        def fail(ticket, *args, **values):
            if ticket.id == other.id:
                raise UserError("No")
            return schedule(ticket, *args, **values)

        self.patch(type(self.ticket), "activity_schedule", fail)
        with mute_logger("odoo.addons.telecom_helpdesk_timesheet.models.budget.time_budget"):
            self.assertEqual(len(self.tell()), 2)
        self.assertFalse(other.activity_ids)

    def test_scheduled_action(self):
        cron = self.env.ref("telecom_helpdesk_timesheet.ir_cron_time_budget")
        self.agree(1)
        self.log(90)
        cron.ir_actions_server_id.sudo().run()
        self.assertEqual(len(self.ticket.activity_ids), 2)

    # Review

    def test_reviewer_reads_by_how_much(self):
        self.agree(1)
        self.assertFalse(self.log(60).with_user(self.manager).budget_excess)
        line = self.log(40).with_user(self.manager)
        self.assertEqual(line.budget_excess, "over by 0:40 h")
        self.approve(line)
        self.assertFalse(line.budget_excess)

    def test_reviewer_reads_the_month_of_the_work(self):
        with frozen(DAY):
            self.agree_monthly(1)
            march = self.log(90, date="2026-03-02").with_user(self.manager)
            february = self.log(75, date="2026-02-27").with_user(self.manager)
            self.assertEqual(march.budget_excess, "Mar 2026: over by 0:30 h")
            self.assertEqual(february.budget_excess, "Feb 2026: over by 0:15 h")

    def test_nothing_is_blocked(self):
        self.agree(1)
        self.approve(self.log(300))

    # Merged and split

    def merge(self, ticket, target):
        wizard = self.env["telecom.ticket.merge"].with_user(self.agent_voice)
        form = Form(wizard.with_context(default_ticket_ids=[Command.set(ticket.ids)]))
        form.target_id = target.with_user(self.agent_voice)
        form.save().action_merge()

    def test_merging_adds_what_was_agreed(self):
        other = self.make_ticket(name="The same")
        self.agree(4)
        self.agree(2, ticket=other)
        self.log(60, ticket=other)
        self.merge(other, self.ticket)
        self.assertEqual(self.look()[0], "1:00 of 6:00 h used")
        self.assertFalse(self.budgets.search([("ticket_id", "=", other.id)]))

    def test_merging_keeps_what_was_agreed_for_one(self):
        other = self.make_ticket(name="The same")
        self.agree(2, ticket=other)
        self.merge(other, self.ticket)
        self.assertEqual(self.look()[0], "0:00 of 2:00 h used")

    def test_merged_customers_have_the_hours_of_both(self):
        self.agree_monthly(4)
        twin = self.make_partner("Twin", is_company=True)
        self.budgets.create({"partner_id": twin.id, "hours": 2})
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((twin | self.customer).ids)],
                "dst_partner_id": self.customer.id,
            }
        )
        wizard.action_merge()
        self.env.invalidate_all()
        budget = self.budgets.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(budget.mapped("hours"), [6])

    def test_customer_who_becomes_a_contact_of_another_brings_its_hours_along(self):
        self.agree_monthly(4)
        single = self.make_partner("Sole Trader")
        self.budgets.create({"partner_id": single.id, "hours": 2})
        single.parent_id = self.customer
        self.assertEqual(single.with_user(self.manager).telecom_agreed_hours, 6)
        self.assertEqual(self.customer.with_user(self.manager).telecom_agreed_hours, 6)

    # Who may set and know what

    def test_agents_read_and_do_not_set(self):
        budget = self.agree(4)
        ticket = self.ticket.with_user(self.agent_voice)
        with self.assertRaises(AccessError):
            ticket.agreed_hours = 100
        with self.assertRaises(AccessError):
            budget.with_user(self.agent_voice).hours = 100
        with self.assertRaises(AccessError):
            budget.with_user(self.agent_voice).create({"ticket_id": ticket.id, "hours": 1})
        self.assertEqual(budget.with_user(self.agent_voice).hours, 4)
        with self.assertRaises(AccessError):
            budget.with_user(self.agent_internet).read(["hours"])

    def test_accountant_agrees_from_the_list(self):
        self.approve(self.log(60))
        action = Form(self.budgets.with_user(self.accountant))
        action.ticket_id = self.ticket.with_user(self.accountant)
        action.hours = 2
        budget = action.save()
        self.assertEqual((budget.customer_id, budget.used_hours), (self.customer, 1))
        ticket = self.ticket.with_user(self.accountant)
        self.assertEqual((ticket.agreed_hours, ticket.budget_notice), (2, "1:00 of 2:00 h used"))

    def test_taken_back(self):
        self.agree(4)
        self.assertFalse(self.agree(0))
        self.agree_monthly(4)
        self.assertFalse(self.agree_monthly(0))

    def test_once_for_each(self):
        self.agree(4)
        self.agree_monthly(4)
        budgets = self.budgets.with_user(self.manager)
        for values, error in (
            ({"partner_id": self.customer.id, "hours": 1}, ValidationError),
            ({"hours": 1}, IntegrityError),
            ({"partner_id": self.other_customer.id, "hours": -1}, UserError),
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(error),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                budgets.create(values)

    def test_queries_do_not_grow(self):
        def count(tickets):
            tickets.invalidate_recordset()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            tickets.mapped("budget_notice")
            return self.env.cr.sql_log_count - before

        tickets = self.ticket
        for number in range(5):
            tickets |= self.make_ticket(name=f"Ticket {number}")
        for ticket in tickets:
            self.agree(1, ticket=ticket)
            self.log(50, ticket=ticket)
        self.agree_monthly(4)
        few = count(tickets[:1])
        self.assertLessEqual(count(tickets), few)
        self.budgets._notify_used_budgets()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.budgets._notify_used_budgets()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 8)
