import time
from unittest.mock import patch

from odoo import api
from odoo.tools import mute_logger

from ...models.mixins import planning_mixin
from ...models.rule import ticket_rule_firing
from ..common import frozen
from .test_rules import RuleCase

LOGGER = ticket_rule_firing.__name__
OPEN = "[('state', 'in', ['new', 'open'])]"


class TimeRuleCase(RuleCase):
    """The operator works Monday to Friday, 8-12 and 13-17 in Brussels. 2026-03-02 is a Monday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.quietly_create(
            "resource.calendar",
            {"name": "Office", "tz": "Europe/Brussels", "company_id": cls.company.id},
        )
        (cls.team_voice + cls.team_internet).resource_calendar_id = cls.calendar
        cls.senior = cls.make_user("senior", "telecom_helpdesk.group_agent", name="Sana Senior")
        cls.env["telecom.agent"]._ensure_rows(cls.senior).support_level = "3"
        cls.cron = cls.env.ref("telecom_helpdesk.ir_cron_ticket_due")
        cls.planning_cron = cls.env.ref("telecom_helpdesk.ir_cron_rule_planning")

    @classmethod
    def make_time_rule(cls, name, after, measure="since_customer_message", **values):
        """A time rule after ``after`` ("2 hours") of working time."""
        count, unit = after.split()
        return cls.make_rule(
            name, trigger="on_time", after_value=int(count), after_unit=unit, measure=measure,
            **{"in_working_time": unit != "days", **values},
        )  # fmt: skip

    def ticket_at(self, at, **values):
        with frozen(at):
            return self.make_ticket(**values)

    def run_cron(self, at, cron=None):
        """The scheduled action runs ``at``."""
        with frozen(at), self.enter_registry_test_mode():
            (cron or self.cron).method_direct_trigger()

    def assert_due(self, ticket, expected):
        self.assertEqual(str(ticket.next_due_at), str(expected))


class TestTimeRules(TimeRuleCase):
    def test_unanswered_ticket_escalates_after_two_working_hours(self):
        self.team_voice.escalation_team_id = self.team_internet
        rule = self.make_time_rule(
            "Unanswered", "2 hours", domain=OPEN, escalate=True, set_minimum_priority="2",
            set_user_id=self.senior.id, set_support_level="3", notify_manager=True,
        )  # fmt: skip
        ticket = self.ticket_at("2026-03-06 15:00:00")  # Friday, an hour before the end
        self.assert_due(ticket, "2026-03-09 08:00:00")
        self.run_cron("2026-03-09 07:59:59")
        self.assertFalse(ticket.is_escalated)
        self.run_cron("2026-03-09 08:00:00")
        self.assertTrue(ticket.is_escalated)
        self.assertEqual(ticket.priority, "2")
        self.assertEqual(ticket.support_level, "3")
        self.assertEqual(ticket.team_id, self.team_internet)
        self.assertEqual(ticket.user_id, self.senior)
        note = self.assert_one_note(
            ticket, "Unanswered", "no answer for 2 working hour(s)", "Escalated",
            "Level 1 → Level 3", "Voice → Internet", "Agent: none → Sana Senior", "Notified:",
        )  # fmt: skip
        self.assertIn(self.manager.partner_id, note.notified_partner_ids)
        self.assertEqual(rule.log_ids.ticket_id, ticket)
        self.assertFalse(ticket.next_due_at)
        self.run_cron("2026-03-10 08:00:00")
        self.assertEqual(rule.log_count, 1, "once")

    def test_answer_in_time_keeps_it_where_it_is(self):
        self.make_time_rule("Unanswered", "2 hours", escalate=True)
        ticket = self.ticket_at("2026-03-02 08:00:00")
        with frozen("2026-03-02 09:30:00"):
            self.agent_replies(ticket)
        self.assertFalse(ticket.next_due_at)
        with frozen("2026-03-02 13:00:00"):
            self.customer_writes(ticket)
        self.assert_due(ticket, "2026-03-02 15:00:00")
        with frozen("2026-03-02 14:00:00"):
            self.customer_writes(ticket, "Hello?")
        self.assert_due(ticket, "2026-03-02 15:00:00")
        self.run_cron("2026-03-02 15:00:00")
        self.assertTrue(ticket.is_escalated)

    def test_elapsed_time_runs_at_night(self):
        self.make_time_rule("Night", "15 minutes", in_working_time=False, notify_manager=True)
        self.assert_due(self.ticket_at("2026-03-06 23:00:00"), "2026-03-06 23:15:00")

    def test_three_levels_in_steps_each_once(self):
        first = self.make_time_rule("One", "2 hours", sequence=1, escalate=True, domain=OPEN)
        second = self.make_time_rule(
            "Two", "4 hours", "since_created", sequence=2, escalate=True,
            set_team_id=self.team_internet.id, domain="[('support_level', '=', '2')]",
        )  # fmt: skip
        third = self.make_time_rule(
            "Three", "6 hours", "since_created", sequence=3, set_user_id=self.senior.id,
            domain="[('support_level', '=', '3')]",
        )  # fmt: skip
        ticket = self.ticket_at("2026-03-02 07:00:00")  # 8 in Brussels
        seen = []
        for at in ("09:00:00", "10:59:59", "12:00:00", "14:00:00", "15:00:00"):
            self.run_cron(f"2026-03-02 {at}")
            seen.append((ticket.support_level, ticket.team_id.name, ticket.user_id.name))
        self.assertEqual(
            seen,
            [
                ("2", "Voice", False),
                ("2", "Voice", False),
                ("3", "Internet", False),
                ("3", "Internet", "Sana Senior"),
                ("3", "Internet", "Sana Senior"),
            ],
        )
        self.assertEqual([rule.log_count for rule in (first, second, third)], [1, 1, 1])
        self.assertEqual(len(self.notes(ticket)), 3)

    def test_after_downtime_every_step_once_oldest_first(self):
        third = self.make_time_rule(
            "Three", "6 hours", "since_created", sequence=1, set_user_id=self.senior.id,
            domain="[('support_level', '=', '3')]",
        )  # fmt: skip
        second = self.make_time_rule(
            "Two", "4 hours", "since_created", sequence=2, escalate=True,
            set_team_id=self.team_internet.id, domain="[('support_level', '=', '2')]",
        )  # fmt: skip
        first = self.make_time_rule("One", "2 hours", sequence=3, escalate=True, domain=OPEN)
        ticket = self.ticket_at("2026-03-02 07:00:00")
        self.run_cron("2026-03-20 07:00:00")
        self.assertEqual(
            (ticket.support_level, ticket.team_id, ticket.user_id),
            ("3", self.team_internet, self.senior),
        )
        logs = (first + second + third).log_ids.sorted("id")
        self.assertEqual(logs.rule_id.mapped("name"), ["One", "Two", "Three"])
        self.run_cron("2026-03-21 07:00:00")
        self.assertEqual(len((first + second + third).log_ids), 3)

    def test_premium_customer_waits_three_days(self):
        tier = self.env.ref("telecom_helpdesk.tier_premium")
        self.make_time_rule(
            "Premium", "3 days", "since_created", escalate=True,
            domain=f"[('tier_id', '=', {tier.id}), ('priority', '>=', '2')]",
        )  # fmt: skip
        ticket = self.ticket_at("2026-03-02 09:00:00")
        self.assertFalse(ticket.next_due_at)
        with frozen("2026-03-03 09:00:00"):
            self.customer.telecom_tier_id = tier
            self.env.flush_all()
        ticket.with_user(self.manager).priority = "2"
        self.assert_due(ticket, "2026-03-05 09:00:00")
        self.run_cron("2026-03-05 09:00:00")
        self.assertTrue(ticket.is_escalated)

    def test_shipped_time_rules_escalate_when_switched_on(self):
        for name in ("unanswered", "level_2_too_long", "unassigned", "critical_unanswered",
                     "premium_open"):  # fmt: skip
            rule = self.env.ref(f"telecom_helpdesk.rule_{name}")
            self.assertFalse(rule.active)
            rule.with_user(self.manager).active = True
        ticket = self.ticket_at("2026-03-02 07:00:00", priority="3")
        self.assert_due(ticket, "2026-03-02 07:15:00")
        self.run_cron("2026-03-05 07:00:00")
        self.assertTrue(ticket.is_escalated)
        self.assertEqual(ticket.support_level, "3")

    def test_unassigned_time_stops_with_an_agent_and_runs_anew_without(self):
        self.make_time_rule("Nobody", "30 minutes", "unassigned", notify_manager=True)
        ticket = self.ticket_at("2026-03-02 08:00:00")
        self.assert_due(ticket, "2026-03-02 08:30:00")
        with frozen("2026-03-02 08:10:00"):
            ticket.with_user(self.agent_voice).action_assign_to_me()
            self.assertFalse(ticket.next_due_at)
        with frozen("2026-03-02 08:20:00"):
            ticket.with_user(self.agent_voice).user_id = False
        self.assert_due(ticket, "2026-03-02 08:50:00")
        self.run_cron("2026-03-02 08:50:00")
        self.assert_one_note(ticket, "without an agent for 30 working minute(s)")

    def test_condition_is_looked_at_anew_when_what_it_reads_is_written(self):
        self.make_time_rule("High", "2 hours", domain="[('priority', '=', '3')]", escalate=True)
        ticket = self.ticket_at("2026-03-02 08:00:00")
        self.assertFalse(ticket.next_due_at)
        ticket.with_user(self.manager).priority = "3"
        self.assert_due(ticket, "2026-03-02 10:00:00")
        ticket.with_user(self.manager).priority = "1"
        self.assertFalse(ticket.next_due_at)

    def test_condition_outside_the_ticket_is_looked_at_when_time_is_up(self):
        self.make_time_rule(
            "Belgium", "2 hours", domain="[('partner_id.city', '=', 'Gent')]", escalate=True
        )
        ticket, other = (self.ticket_at("2026-03-02 08:00:00") for _n in range(2))
        other.partner_id = self.other_customer
        self.customer_contact.city = "Gent"
        self.run_cron("2026-03-02 10:00:00")
        self.assertTrue(ticket.is_escalated)
        self.assertFalse(other.is_escalated)

    def test_done_merged_and_archived_tickets_are_left_alone(self):
        self.make_time_rule("Any", "2 hours", "since_created", escalate=True)
        done, merged, archived = (self.ticket_at("2026-03-02 08:00:00") for _n in range(3))
        done.with_user(self.agent_voice).action_cancel()
        merged.merged_into_id = done
        archived.active = False
        self.assertFalse((done + merged + archived).filtered("next_due_at"))
        self.run_cron("2026-03-03 08:00:00")
        self.assertFalse((done + merged + archived).filtered("is_escalated"))
        with frozen("2026-03-03 09:00:00"):
            done.with_user(self.agent_voice).action_reopen()
        self.assertTrue(done.next_due_at)

    def test_step_without_effect_counts_as_taken_and_says_nothing(self):
        rule = self.make_time_rule("High", "2 hours", set_minimum_priority="2")
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="3")
        self.run_cron("2026-03-02 10:00:00")
        self.assertFalse(self.notes(ticket))
        self.assertEqual(rule.log_ids.changes, "Nothing was left to change.")

    def test_rules_of_one_instant_route_once_and_in_their_order(self):
        self.make_time_rule("B", "2 hours", sequence=2, set_team_id=self.team_voice.id)
        self.make_time_rule("A", "2 hours", sequence=1, set_team_id=self.team_internet.id)
        ticket = self.ticket_at("2026-03-02 08:00:00", team_id=False)
        ticket.company_id.resource_calendar_id = self.calendar
        self.run_cron("2026-03-02 11:00:00")
        self.assertEqual(ticket.team_id, self.team_internet)

    def test_rule_that_fails_stops_neither_the_ticket_nor_the_others(self):
        bad = self.make_time_rule("Bad", "1 hours", set_user_id=self.agent_voice.id)
        self.make_time_rule("Good", "2 hours", escalate=True)
        tickets = self.ticket_at("2026-03-02 08:00:00") + self.ticket_at("2026-03-02 08:00:00")
        self.agent_voice.active = False
        with mute_logger(LOGGER):
            self.run_cron("2026-03-02 10:00:00")
        self.assertEqual(tickets.mapped("is_escalated"), [True, True])
        self.assertFalse(any(tickets.due_ids.mapped("due_error")))
        self.assertEqual(bad.error, "Vera Voice has been archived.")
        self.assertFalse(bad.log_ids)
        self.agent_voice.active = True
        bad.with_user(self.manager).set_user_id = self.agent_voice
        self.run_cron("2026-03-02 10:01:00", self.planning_cron)
        self.run_cron("2026-03-02 10:02:00")
        self.assertEqual(bad.log_count, 2, "the mended rule is caught up on")


class TestRulePlanning(TimeRuleCase):
    """A changed rule plans the open tickets anew, in the background."""

    def plan(self, at="2026-03-02 08:01:00"):
        self.run_cron(at, self.planning_cron)

    def test_rule_switched_on_reaches_open_tickets(self):
        tickets = self.ticket_at("2026-03-02 08:00:00") + self.ticket_at("2026-03-02 09:00:00")
        self.env["ir.cron.trigger"].search([]).unlink()
        rule = self.make_time_rule("Late", "2 hours", escalate=True)
        self.assertTrue(rule.to_plan)
        self.assertTrue(
            self.env["ir.cron.trigger"].search([("cron_id", "=", self.planning_cron.id)])
        )
        self.assertFalse(any(tickets.mapped("next_due_at")))
        with patch.object(planning_mixin, "BATCH_SIZE", 1):
            self.plan()
        self.assert_due(tickets[0], "2026-03-02 10:00:00")
        self.assert_due(tickets[1], "2026-03-02 11:00:00")
        self.assertFalse(rule.to_plan)
        rule.with_user(self.manager).after_value = 1
        self.plan()
        self.assert_due(tickets[0], "2026-03-02 09:00:00")
        rule.with_user(self.manager).active = False
        self.plan()
        self.assertFalse(any(tickets.mapped("next_due_at")))

    def test_what_changes_nothing_plans_nothing(self):
        rule = self.make_time_rule("Late", "2 hours", escalate=True)
        self.plan()
        rule.with_user(self.manager).write({"name": "Very late", "sequence": 5})
        self.assertFalse(rule.to_plan)
        self.assertFalse(self.make_rule().to_plan)

    def test_planning_goes_on_where_a_killed_server_stopped(self):
        rule = self.make_time_rule("Late", "2 hours", escalate=True)
        self.plan()
        tickets = self.ticket_at("2026-03-02 08:00:00")
        tickets += self.copy_ticket(tickets, 9)
        self.env.cr.execute("DELETE FROM telecom_ticket_due")
        self.env.invalidate_all()
        rule.with_user(self.manager).measure = "since_created"
        with patch.object(planning_mixin, "BATCH_SIZE", 4), frozen("2026-03-02 08:01:00"):
            rules = self.env["telecom.ticket.rule"]
            self.assertEqual(rules._plan_batch(), (4, False))
            self.assertEqual(len(tickets.filtered("next_due_at")), 4)
            self.assertTrue(rule.to_plan)
            self.plan()
        self.assertEqual(len(tickets.filtered("next_due_at")), 10)

    def test_working_hours_and_holidays_plan_anew(self):
        rule = self.make_time_rule("Late", "2 hours", escalate=True)
        ticket = self.ticket_at("2026-03-02 08:00:00")
        self.plan()
        self.assert_due(ticket, "2026-03-02 10:00:00")
        holiday = self.env["resource.calendar.leaves"].create(
            {
                "name": "Strike", "calendar_id": self.calendar.id,
                "date_from": "2026-03-01 23:00:00", "date_to": "2026-03-02 22:59:59",
            }
        )  # fmt: skip
        self.plan()
        self.assert_due(ticket, "2026-03-03 09:00:00")
        holiday.unlink()
        self.plan()
        self.assert_due(ticket, "2026-03-02 10:00:00")
        self.team_voice.with_user(self.manager).resource_calendar_id = False
        self.assertTrue(rule.to_plan)
        self.plan()
        self.assert_due(ticket, "2026-03-02 10:00:00")
        self.calendar.tz = "Asia/Tokyo"
        self.assertTrue(rule.to_plan)

    def test_one_persons_leave_plans_nothing(self):
        rule = self.make_time_rule("Late", "2 hours", escalate=True)
        self.plan()
        resource = self.env["resource.resource"].create({"name": "Vera"})
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Ill", "calendar_id": self.calendar.id, "resource_id": resource.id,
                "date_from": "2026-03-02 00:00:00", "date_to": "2026-03-03 00:00:00",
            }
        )  # fmt: skip
        self.assertFalse(rule.to_plan)


class TestTimeRuleCost(TimeRuleCase):
    """A run costs what is due; planning costs a constant number of queries a batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in range(5):
            cls.make_time_rule(f"Step {number}", f"{2 + number} hours", domain=OPEN, escalate=True)

    def count_of_a_run(self, method="_run_due", model="telecom.ticket.due"):
        root = self.env.ref("base.user_root")
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            before = self.env.cr.sql_log_count
            getattr(api.Environment(cr, root.id, {})[model], method)()
            return self.env.cr.sql_log_count - before

    def count_due(self):
        """Queries of a run with 5 tickets due for their first step."""
        tickets = self.env["telecom.ticket"]
        for _number in range(5):
            tickets += self.ticket_at("2026-03-02 08:00:00")
        with frozen("2026-03-02 10:00:00"):
            count = self.count_of_a_run()
        self.assertEqual(set(tickets.mapped("support_level")), {"2"})
        tickets.write({"active": False})
        return count

    def test_as_many_queries_among_6_open_tickets_as_among_10000(self):
        sample = self.ticket_at("2026-03-03 08:00:00")
        self.count_due()
        few = self.count_due()
        self.copy_ticket(sample, 10_000)
        many = self.count_due()
        self.assertEqual(few, many)

    def spread_over_time(self):
        """No two tickets are due at one instant."""
        self.env.cr.execute(
            """UPDATE telecom_ticket
               SET unanswered_since = unanswered_since - id * interval '1 minute'"""
        )
        self.env.invalidate_all()

    def count_planning(self):
        self.env["telecom.ticket.rule"].search([])._plan_open_tickets()
        with frozen("2026-03-02 08:00:00"):
            return self.count_of_a_run("_run_planning", "telecom.ticket.rule")

    def test_planning_costs_as_much_for_100_tickets_as_for_480(self):
        sample = self.ticket_at("2026-03-02 08:00:00")
        self.copy_ticket(sample, 99)
        self.spread_over_time()
        self.count_planning()
        few = self.count_planning()
        self.copy_ticket(self.ticket_at("2026-03-02 08:00:00"), 380)
        self.spread_over_time()
        # Odoo updates 100 rows at once, and the calendar is read for a wider span.
        self.assertLessEqual(self.count_planning(), few + 12)

    def test_agents_work_costs_three_queries_more_where_steps_are_planned(self):
        ticket = self.ticket_at("2026-03-02 08:00:00").with_user(self.agent_voice)
        rules = self.env["telecom.ticket.rule"].search([])

        def count(priority):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with frozen("2026-03-02 08:30:00"):
                ticket.team_id = self.team_internet if priority else self.team_voice
                self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1), count(0)
        planned = max(count(1), count(0))
        rules.active = False
        count(1), count(0)
        self.assertLessEqual(planned - min(count(1), count(0)), 8)

    def test_thousands_of_tickets_are_planned_in_seconds(self):
        self.copy_ticket(self.ticket_at("2026-03-02 08:00:00"), 2_000)
        self.spread_over_time()
        start = time.monotonic()
        self.count_planning()
        self.assertLess(time.monotonic() - start, 20)
