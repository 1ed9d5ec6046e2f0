from unittest.mock import patch

from odoo.fields import Command

from odoo.addons.telecom_helpdesk.models.mixins import planning_mixin

from ...models.ticket import ticket_sla_terms
from ..common import SlaCase, frozen

DAYS = {("0", "1", "2", "3", "4"): ((9, 16),)}
MONDAY = "2026-07-13 07:00:00"  # 9:00 in Paris; Tuesday is Bastille Day


class TestPlanning(SlaCase):
    """Open tickets follow policies and working hours that change, in the background."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("telecom_helpdesk_sla.ir_cron_sla_policy_planning")
        cls.premium = cls.env.ref("telecom_helpdesk.tier_premium")

    def make_tickets(self, count, at=MONDAY, **values):
        with frozen(at):
            tickets = self.env["telecom.ticket"]
            for _number in range(count):
                tickets += self.make_ticket(**values)
            self.env.flush_all()
            return tickets

    def plan(self, at="2026-07-13 07:30:00"):
        """The scheduled action runs at ``at``."""
        with frozen(at), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def notes(self, ticket):
        bodies = ticket.message_ids.sorted("id").mapped("body")
        return [" ".join(body.split()) for body in bodies if "SLA policy" in body]

    def test_first_policy_reaches_tickets_that_are_open_without_old_alerts(self):
        open_ticket, done = self.make_tickets(2)
        with frozen("2026-07-13 07:10:00"):
            self.set_state(done, "resolved")
            policy = self.make_policy(calendar_id=self.paris.id)
        self.assertTrue(policy.to_plan)
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]))
        self.assertFalse(open_ticket.sla_policy_id)
        self.plan("2026-07-13 09:30:00")  # the first response is late by then
        self.assertFalse(policy.to_plan)
        self.assertEqual(open_ticket.sla_policy_id, policy)
        self.assertFalse(done.sla_policy_id)
        self.assertTrue(open_ticket.sla_term_id.is_quiet)
        first = self.clock(open_ticket, "first_response")
        self.assert_clock(first, "missed", breached_at="2026-07-13 08:00:00")
        self.assertEqual(len(self.notes(open_ticket)), 1)
        with frozen("2026-07-13 09:31:00"):
            self.env["telecom.sla.clock"]._run_due_batch()
        self.assertFalse(self.env["telecom.sla.alert"].search([("clock_id", "=", first.id)]))

    def test_changed_targets_hours_order_and_switching_off(self):
        policy = self.make_policy("Long", calendar_id=self.paris.id)
        [ticket] = self.make_tickets(1)
        resolution = self.clock(ticket)
        self.assert_clock(resolution, "running", deadline="2026-07-15 07:30:00")
        normal = policy.target_ids.filtered(lambda target: target.priority == "1")
        as_manager = policy.with_user(self.manager)

        as_manager.target_ids = [Command.update(normal.id, {"resolution_hours": 4})]
        self.plan()
        self.assert_clock(resolution, "running", deadline="2026-07-13 12:30:00")
        self.assertIn("Wed, Jul 15, 9:30 AM → Mon, Jul 13, 2:30 PM", self.notes(ticket)[-1])

        as_manager.calendar_id = self.berlin
        self.plan("2026-07-13 07:31:00")
        self.assertEqual(ticket.sla_term_id.calendar_id, self.berlin)
        self.assert_clock(resolution, "running", deadline="2026-07-13 11:00:00")

        other = self.make_policy("Other", sequence=20)
        self.plan("2026-07-13 07:32:00")
        self.assertEqual(ticket.sla_policy_id, policy)
        other.with_user(self.manager).sequence = 1
        self.plan("2026-07-13 07:33:00")
        self.assertEqual(ticket.sla_policy_id, other)
        other.with_user(self.manager).active = False
        self.plan("2026-07-13 07:34:00")
        self.assertEqual(ticket.sla_policy_id, policy)
        as_manager.active = False
        self.plan("2026-07-13 07:35:00")
        self.assertFalse(ticket.sla_policy_id)
        self.assertEqual(resolution.state, "void")
        with frozen("2026-07-13 07:36:00"):
            self.assert_rebuilds(ticket)

    def test_target_removed(self):
        policy = self.make_policy()
        [ticket] = self.make_tickets(1)
        self.plan()
        policy.with_user(self.manager).target_ids = [
            Command.delete(policy.target_ids.filtered(lambda t: t.priority == "1").id)
        ]
        self.plan()
        self.assertEqual(set(ticket.sla_clock_ids.mapped("state")), {"void"})

    def test_what_promises_nothing_else_plans_nothing(self):
        policy = self.make_policy()
        self.plan()
        policy.with_user(self.manager).write({"name": "Gold", "notify_collaborators": True})
        self.assertFalse(policy.to_plan)
        policy.active = False
        self.plan()
        policy.with_user(self.manager).write({"warn_percent": 50})
        self.assertFalse(policy.to_plan)

    def test_holiday_moves_deadlines_and_the_thread_says_so(self):
        policy = self.make_policy(calendar_id=self.paris.id)
        other = self.make_policy(
            "Berlin", sequence=1, calendar_id=self.berlin.id,
            team_ids=[Command.link(self.team_internet.id)],
        )  # fmt: skip
        [ticket] = self.make_tickets(1)
        [elsewhere] = self.make_tickets(1, team_id=self.team_internet.id)
        deadline = self.clock(elsewhere).deadline
        self.plan()
        with frozen("2026-07-13 10:00:00"):
            self.make_holiday("Bridge", "2026-07-14 22:00:00", "2026-07-15 21:59:59", self.paris)
        self.assertTrue(policy.to_plan)
        self.assertFalse(other.to_plan)
        self.plan("2026-07-13 10:01:00")
        self.assert_clock(self.clock(ticket), "running", deadline="2026-07-16 07:30:00")
        [note] = self.notes(ticket)
        self.assertIn("Resolution: Wed, Jul 15, 9:30 AM → Thu, Jul 16, 9:30 AM", note)
        self.assertNotIn("First Response", note, "missed before, and that stands")
        self.assertEqual(self.clock(elsewhere).deadline, deadline)
        self.assertFalse(self.notes(elsewhere))
        with frozen("2026-07-13 10:02:00"):
            self.assert_rebuilds(ticket)

    def test_days_off_of_the_whole_company_move_deadlines(self):
        self.make_policy(calendar_id=self.paris.id)
        [ticket] = self.make_tickets(1)
        self.plan()
        with frozen("2026-07-13 07:40:00"):
            self.make_holiday(
                "Move", "2026-07-14 22:00:00", "2026-07-15 21:59:59", company_id=self.company.id
            )
        self.plan("2026-07-13 07:41:00")
        self.assert_clock(self.clock(ticket), "running", deadline="2026-07-16 07:30:00")

    def test_own_hours_of_a_target(self):
        policy = self.make_policy(targets={"1": (1, 2, 8)}, calendar_id=self.berlin.id)
        policy.target_ids.calendar_id = self.paris
        [ticket] = self.make_tickets(1)
        self.plan()
        self.paris.with_user(self.env.ref("base.user_admin")).attendance_ids = [
            Command.create({"name": "Evening", "dayofweek": "0", "hour_from": 18, "hour_to": 19.5})
        ]
        self.assertTrue(policy.to_plan)
        self.plan("2026-07-13 07:31:00")
        # Half an hour of Wednesday's morning is done on Monday evening.
        self.assert_clock(self.clock(ticket), "running", deadline="2026-07-13 16:30:00")

    def test_goes_on_where_a_killed_server_stopped(self):
        tickets = self.make_tickets(1)
        tickets += self.copy_ticket(tickets, 9)
        policy = self.make_policy(calendar_id=self.paris.id)
        with patch.object(planning_mixin, "BATCH_SIZE", 4), frozen("2026-07-13 07:30:00"):
            before = self.env["telecom.sla.policy"]._plan_batch()
            self.assertEqual(before, (4, False))
            self.assertEqual(len(tickets.filtered("sla_policy_id")), 4)
            self.assertTrue(policy.to_plan)
            self.plan()
        self.assertEqual(tickets.sla_policy_id, policy)
        self.assertEqual(len(tickets.filtered("sla_policy_id")), 10)
        terms = self.env["telecom.sla.term"].search([("ticket_id", "in", tickets.ids)])
        self.assertEqual(len(terms), 10, "each once")

    def test_more_tickets_than_a_person_waits_for_are_left_to_the_background(self):
        tier_policy = self.make_policy(
            "Premium", sequence=1, tier_ids=[Command.link(self.premium.id)]
        )
        self.make_policy(sequence=2)
        tickets = self.make_tickets(3)
        self.plan()
        with patch.object(ticket_sla_terms, "MAX_AT_ONCE", 2):
            self.customer.telecom_tier_id = self.premium
        self.assertTrue(tier_policy.to_plan)
        self.assertNotIn(tier_policy, tickets.sla_policy_id)
        self.plan()
        self.assertEqual(tickets.sla_policy_id, tier_policy)

    def test_cost_of_a_batch_in_which_nothing_changes(self):
        policy = self.make_policy(calendar_id=self.paris.id)
        [ticket] = self.make_tickets(1)
        self.plan()
        counts = []
        for more in (0, 30):
            self.copy_ticket(ticket, more)
            policy._plan_open_tickets()
            self.env.flush_all()
            self.env.invalidate_all()
            with frozen("2026-07-13 07:31:00"):
                before = self.env.cr.sql_log_count
                self.env["telecom.sla.policy"]._plan_batch()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
        self.assertLess(counts[1], 30)

    def test_two_companies(self):
        other_company = self.env["res.company"].create({"name": "Operator Two"})
        other_agent = self.make_user(
            "agent_two",
            "telecom_helpdesk.group_agent",
            company_id=other_company.id,
            company_ids=[Command.set(other_company.ids)],
        )
        other_team = self.make_team("Voice Two", other_agent, company_id=other_company.id)
        [here] = self.make_tickets(1)
        [there] = self.make_tickets(1, as_user=other_agent, team_id=other_team.id)
        mine = self.make_policy("Here", company_id=self.company.id, calendar_id=self.paris.id)
        shared = self.make_calendar("Shared", "Europe/Paris", DAYS, company_id=False)
        for_all = self.make_policy("For All", sequence=20, calendar_id=shared.id)
        self.plan()
        self.assertEqual((here.sla_policy_id, there.sla_policy_id), (mine, for_all))
        # Days off of one company are not the other's.
        with frozen("2026-07-13 07:40:00"):
            self.setup_env["resource.calendar.leaves"].with_company(other_company).create(
                {
                    "name": "Bridge",
                    "date_from": "2026-07-13 22:00:00",
                    "date_to": "2026-07-14 21:59:59",
                }
            )
        self.assertTrue(for_all.to_plan)
        self.plan("2026-07-13 07:41:00")
        self.assert_clock(self.clock(here), "running", deadline="2026-07-15 07:30:00")
        self.assertEqual(len(self.notes(here)), 1)
        self.assert_clock(self.clock(there), "running", deadline="2026-07-15 08:00:00")
        self.assertEqual(len(self.notes(there)), 2)
