import json
from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import api
from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tools import SQL, mute_logger

from ...models.mixins import due_mixin
from ..common import HelpdeskCase, frozen

CRON = "telecom_helpdesk.ir_cron_ticket_due"
DUE_LOGGER = due_mixin.__name__


class DueCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.auto_close_days = 7
        cls.team_internet.auto_close_days = 3
        cls.cron = cls.env.ref(CRON)
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.cron.id)]).unlink()

    def resolved_ticket(self, at, **values):
        """A ticket that was resolved ``at`` ("2026-03-02 09:00:00")."""
        with frozen(at):
            ticket = self.make_ticket(**values)
            ticket.with_user(self.manager).action_resolve()
        return ticket

    def run_cron(self, at):
        """The scheduled action runs ``at``."""
        with frozen(at), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def triggers(self):
        """Instants at which the scheduled action was asked to run."""
        self.env.cr.flush()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        return [str(at) for at in sorted(triggers.mapped("call_at"))]

    def on_due(self, function):
        """Context in which the work on a due row is ``function(ticket)``, and nothing else."""
        return patch.object(
            self.registry["telecom.ticket"], "_on_close_due", lambda ticket, now: function(ticket)
        )


class TestAutoClose(DueCase):
    """Resolved tickets close by themselves: the first user of the scheduler."""

    def test_planned_when_it_is_resolved(self):
        ticket = self.make_ticket()
        self.assertFalse(ticket.next_due_at)
        with frozen("2026-03-02 09:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assertEqual(str(ticket.next_due_at), "2026-03-09 09:00:00")

    def test_closes_at_its_time_and_not_before(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        self.run_cron("2026-03-09 08:59:59")
        self.assertEqual(ticket.state, "resolved")
        self.run_cron("2026-03-09 09:00:00")
        self.assertEqual(ticket.state, "closed")
        self.assertEqual(str(ticket.closed_at), "2026-03-09 09:00:00")
        self.assertFalse(ticket.next_due_at)
        last = ticket.transition_ids.sorted()[-1]
        self.assertEqual((last.state_from, last.state_to), ("resolved", "closed"))
        self.assertEqual(last.reason, "Resolved 7 day(s) ago, no answer since")
        self.assertEqual(last.user_id, self.env.ref("base.user_root"))

    def test_planned_anew_when_the_team_changes_its_days(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        for days, expected in (
            (10, "2026-03-12 09:00:00"),
            (0, "False"),
            (2, "2026-03-04 09:00:00"),
        ):
            self.team_voice.with_user(self.manager).auto_close_days = days
            self.assertEqual(str(ticket.next_due_at), expected)

    def test_planned_anew_when_it_goes_to_another_team(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        ticket.with_user(self.manager).team_id = self.team_internet
        self.assertEqual(str(ticket.next_due_at), "2026-03-05 09:00:00")
        ticket.with_user(self.manager).team_id = False
        self.assertFalse(ticket.next_due_at)

    def test_cleared_when_it_is_reopened(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        ticket.with_user(self.agent_voice).action_reopen()
        self.assertFalse(ticket.next_due_at)
        self.run_cron("2026-04-01 09:00:00")
        self.assertEqual(ticket.state, "open")

    def test_cleared_by_a_word_of_the_customer(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        self.customer_writes(ticket, "Still no dial tone")
        self.assertFalse(ticket.next_due_at)
        self.run_cron("2026-04-01 09:00:00")
        self.assertEqual(ticket.state, "open")

    def test_closed_by_hand_is_not_due_any_more(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        with frozen("2026-03-03 09:00:00"):
            ticket.with_user(self.agent_voice).action_close()
        self.assertFalse(ticket.next_due_at)
        self.run_cron("2026-04-01 09:00:00")
        self.assertEqual(str(ticket.closed_at), "2026-03-03 09:00:00")


class TestDueRun(DueCase):
    """What a run does with the rows that are due."""

    def test_after_downtime_everything_due_runs_once_oldest_first(self):
        days = (5, 3, 9, 4, 20)
        tickets = {day: self.resolved_ticket(f"2026-03-{day:02} 09:00:00") for day in days}
        done = []
        with self.on_due(lambda ticket: done.append(ticket.id) or ticket._set_state("closed")):
            self.run_cron("2026-03-20 09:00:00")
            self.run_cron("2026-03-20 09:01:00")
        self.assertEqual(done, [tickets[day].id for day in (3, 4, 5, 9)])
        self.assertEqual(tickets[20].state, "resolved", "not due yet")

    @mute_logger(DUE_LOGGER)
    def test_row_that_always_fails_is_set_aside_and_the_rest_goes_on(self):
        bad = self.resolved_ticket("2026-03-02 09:00:00")
        good = self.resolved_ticket("2026-03-02 09:00:01")
        real = self.registry["telecom.ticket"]._on_close_due

        def work(ticket):
            if ticket == bad.with_env(ticket.env):
                ticket.name = "Half done"
                raise UserError("The exchange does not answer")
            real(ticket, ticket._due_now())

        with self.on_due(work):
            for at, attempts, next_due in (
                ("2026-03-09 10:00:00", 1, "2026-03-09 10:01:00"),
                ("2026-03-09 10:01:00", 2, "2026-03-09 10:11:00"),
                ("2026-03-09 10:11:00", 3, "2026-03-09 11:11:00"),
                ("2026-03-09 11:11:00", 4, "False"),
            ):
                self.assertFalse(bad.activity_ids)
                self.run_cron(at)
                self.assertEqual(bad.due_ids.due_attempts, attempts)
                self.assertEqual(str(bad.next_due_at), next_due)
                self.assertEqual(bad.due_ids.due_error, "UserError: The exchange does not answer")
                self.assertEqual(good.state, "closed")
                if next_due != "False":
                    self.assertIn(next_due, self.triggers())
            self.run_cron("2026-03-10 11:11:00")
        self.assertEqual(bad.due_ids.due_attempts, 4, "set aside: not tried any more")
        self.assertEqual((bad.state, bad.name), ("resolved", "No dial tone"))
        self.assertEqual(bad.activity_ids.user_id, self.manager, "the leader is told")
        self.assertIn("The exchange does not answer", bad.activity_ids.note)

    @mute_logger(DUE_LOGGER)
    def test_row_set_aside_is_tried_again_by_button(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        ticket.due_ids.due_attempts = 3
        with self.on_due(lambda ticket: 1 / 0):
            self.run_cron("2026-03-09 10:00:00")
        self.assertFalse(ticket.next_due_at)
        with self.assertRaises(AccessError):
            ticket.due_ids.with_user(self.portal_user).action_retry_due()
        ticket.due_ids.with_user(self.agent_voice).action_retry_due()
        self.assertFalse(ticket.due_ids.due_error)
        self.run_cron("2026-03-09 12:00:00")
        self.assertEqual(ticket.state, "closed")

    @mute_logger(DUE_LOGGER)
    def test_row_that_recovers_starts_afresh(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        with self.on_due(lambda ticket: 1 / 0):
            self.run_cron("2026-03-09 10:00:00")
        self.assertEqual(ticket.due_ids.due_error, "ZeroDivisionError: division by zero")
        self.run_cron("2026-03-09 10:01:00")
        self.assertEqual(ticket.state, "closed")
        self.assertEqual((ticket.due_ids.due_attempts, ticket.due_ids.due_error), (0, False))

    @mute_logger(DUE_LOGGER, "odoo.sql_db")
    def test_error_of_the_database_spoils_one_row_alone(self):
        bad = self.resolved_ticket("2026-03-02 09:00:00")
        good = self.resolved_ticket("2026-03-02 09:00:01")
        real = self.registry["telecom.ticket"]._on_close_due

        def work(ticket):
            if ticket.id == bad.id:
                ticket.number = good.number  # refused by a unique index when it is written
            else:
                real(ticket, ticket._due_now())

        with self.on_due(work):
            self.run_cron("2026-03-09 10:00:00")
        self.assertIn("UniqueViolation", bad.due_ids.due_error)
        self.assertEqual(good.state, "closed")

    @mute_logger(DUE_LOGGER)
    def test_the_rest_goes_on_when_nobody_can_be_told(self):
        bad = self.resolved_ticket("2026-03-02 09:00:00")
        bad.due_ids.due_attempts = 3
        good = self.resolved_ticket("2026-03-02 09:00:01")
        real = self.registry["telecom.ticket"]._on_close_due

        def work(ticket):
            if ticket.id == bad.id:
                raise UserError("Boom")
            real(ticket, ticket._due_now())

        def tell(ticket, step, error):
            raise UserError("The leader cannot open this ticket")

        nobody = patch.object(self.registry["telecom.ticket"], "_on_step_failed", tell)
        with nobody, self.on_due(work):
            self.run_cron("2026-03-09 10:00:00")
        self.assertFalse(bad.next_due_at)
        self.assertEqual(bad.due_ids.due_error, "UserError: Boom")
        self.assertFalse(bad.activity_ids)
        self.assertEqual(good.state, "closed")

    def test_each_batch_commits(self):
        first = self.resolved_ticket("2026-03-02 09:00:00")
        rest = self.copy_ticket(first, due_mixin.BATCH_SIZE + 20)
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).unlink()
        fatal = rest.sorted("id")[due_mixin.BATCH_SIZE + 5]
        real = self.registry["telecom.ticket"]._on_close_due

        def work(ticket):
            if ticket.id == fatal.id:
                raise KeyboardInterrupt  # the server goes down
            real(ticket, ticket._due_now())

        with (
            frozen("2026-03-09 10:00:00"),
            self.enter_registry_test_mode(),
            self.on_due(work),
            suppress(KeyboardInterrupt),
            self.registry.cursor() as cr,
        ):
            api.Environment(cr, self.env.uid, {})["telecom.ticket.due"]._run_due()
        closed = (first + rest).filtered(lambda ticket: ticket.state == "closed")
        self.assertEqual(len(closed), due_mixin.BATCH_SIZE)
        self.run_cron("2026-03-09 10:05:00")
        self.assertEqual(set((first + rest).mapped("state")), {"closed"})

    def test_work_that_plans_a_next_step_is_due_again(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        later = Datetime.to_datetime("2026-03-11 09:00:00")
        with (
            self.on_due(lambda ticket: None),
            patch.object(self.registry["telecom.ticket"], "_get_close_due", lambda ticket: later),
        ):
            self.run_cron("2026-03-09 09:00:00")
        self.assertEqual(ticket.next_due_at, later)
        self.assertEqual(self.triggers()[-1], "2026-03-11 09:00:00")


class TestConcerns(DueCase):
    """What falls due on one ticket is planned, done and fails each by itself."""

    def at(self, kind, instant):
        """Context in which ``kind`` is due at ``instant`` on every ticket that is not closed."""
        at = Datetime.to_datetime(instant)
        return patch.object(
            self.registry["telecom.ticket"],
            f"_get_{kind}_due",
            lambda ticket: ticket.state != "closed" and at,
        )

    def on(self, kind, function):
        """Context in which what is done for ``kind`` is ``function(ticket)``."""
        return patch.object(
            self.registry["telecom.ticket"], f"_on_{kind}_due", lambda ticket, now: function(ticket)
        )

    @mute_logger(DUE_LOGGER)
    def test_one_that_fails_keeps_no_other_from_happening(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        with (
            self.at("distribution", "2026-03-02 10:00:00"),
            self.on("distribution", lambda ticket: 1 / 0),
        ):
            ticket._plan_due()
            planned = {step.kind: str(step.next_due_at) for step in ticket.due_ids}
            self.assertEqual(
                planned, {"distribution": "2026-03-02 10:00:00", "close": "2026-03-09 09:00:00"}
            )
            for at in ("10:00:00", "10:01:00", "10:11:00", "11:11:00"):
                self.run_cron(f"2026-03-02 {at}")
            [failed] = ticket.due_ids.filtered("due_error")
            self.assertEqual((failed.kind, failed.due_attempts), ("distribution", 4))
            self.assertEqual(
                ticket.activity_ids.summary, "An automatic step failed: Choose an Agent"
            )
            self.run_cron("2026-03-09 09:00:00")
        self.assertEqual(ticket.state, "closed")

    def test_each_has_its_error_and_its_button(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        with self.at("rules", "2026-03-02 10:00:00"), mute_logger(DUE_LOGGER):
            ticket._plan_due()
            ticket.due_ids.due_attempts = 3
            with (
                self.on("rules", lambda ticket: int("three")),
                self.on("close", lambda ticket: 1 / 0),
            ):
                self.run_cron("2026-03-09 09:00:00")
            errors = {step.kind: step.due_error for step in ticket.due_ids}
            self.assertEqual(set(errors), {"rules", "close"})
            self.assertNotEqual(errors["rules"], errors["close"])
            close = ticket.due_ids.filtered(lambda step: step.kind == "close")
            close.with_user(self.agent_voice).action_retry_due()
            self.assertEqual(close.due_attempts, 0)
            self.assertFalse(close.due_error)
            rules = ticket.due_ids - close
            self.assertEqual((rules.next_due_at, rules.due_attempts), (False, 4), "left alone")

    def test_what_another_step_has_ended_is_not_done(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        done = []
        with (
            self.at("rules", "2026-03-02 10:00:00"),
            self.on("rules", lambda ticket: ticket._set_state("closed")),
            self.on("close", lambda ticket: done.append(ticket.id)),
        ):
            ticket._plan_due()
            self.assertEqual(ticket.due_ids.mapped("kind"), ["rules", "close"])
            self.run_cron("2026-03-09 10:00:00")
        self.assertEqual(ticket.state, "closed")
        self.assertFalse(done)
        self.assertFalse(ticket.due_ids)

    def test_agents_see_the_steps_of_their_tickets_and_set_none(self):
        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        step = ticket.with_user(self.agent_voice).due_ids
        self.assertEqual(str(step.next_due_at), "2026-03-09 09:00:00")
        with self.assertRaises(AccessError):
            step.next_due_at = "2026-03-03 09:00:00"
        with self.assertRaises(AccessError):
            step.unlink()
        other = ticket.with_user(self.agent_internet)
        self.assertFalse(other.env["telecom.ticket.due"].search([("id", "=", step.id)]))

    def test_planning_many_takes_as_many_queries_as_planning_few(self):
        def count(days, tickets):
            self.team_voice._write({"auto_close_days": days})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            tickets._plan_due()
            count = self.cr.sql_log_count - before
            expected = tickets[0].resolved_at + timedelta(days=days)
            self.assertEqual(set(tickets.due_ids.mapped("next_due_at")), {expected})
            return count

        ticket = self.resolved_ticket("2026-03-02 09:00:00")
        few = self.copy_ticket(ticket, 5)
        many = self.copy_ticket(few[:1], 100)
        count(9, few)
        self.assertEqual(count(10, few), count(10, many))


class TestDueTogether(DueCase):
    """Rows that share their work are done as one, and one by one where that fails."""

    def setUp(self):
        super().setUp()
        self.patch(self.registry["telecom.ticket.due"], "_due_together", True)
        self.calls = []

    def work(self, failing=()):
        """Context in which due tickets are closed; ``failing`` ones fail after it."""
        real = self.registry["telecom.ticket"]._set_state

        def work(tickets):
            self.calls.append(tickets.ids)
            real(tickets, "closed")
            for ticket in tickets:
                ticket.name = f"{ticket.name}!"
                self.env.ref("base.user_admin").with_env(tickets.env)._bus_send("t", ticket.id)
                if ticket.id in [bad.id for bad in failing]:
                    raise UserError("The exchange does not answer")

        return self.on_due(work)

    def bus_messages(self):
        messages = self.env["bus.bus"].search([], order="id").mapped("message")
        return [json.loads(message)["payload"] for message in messages]

    def test_all_at_once(self):
        tickets = [self.resolved_ticket(f"2026-03-0{day} 09:00:00") for day in (3, 2, 4)]
        with self.work():
            self.run_cron("2026-03-20 09:00:00")
        self.assertEqual(self.calls, [[tickets[n].id for n in (1, 0, 2)]], "oldest first")
        for ticket in tickets:
            self.assertEqual((ticket.state, ticket.next_due_at), ("closed", False))

    def test_one_that_fails_is_found_and_leaves_no_trace_of_the_first_try(self):
        self.env["bus.bus"].search([]).unlink()
        first, bad, last = (self.resolved_ticket(f"2026-03-0{day} 09:00:00") for day in (2, 3, 4))
        with self.work(failing=bad), mute_logger(DUE_LOGGER):
            self.run_cron("2026-03-20 09:00:00")
        self.assertEqual(self.calls, [[first.id, bad.id, last.id], [first.id], [bad.id], [last.id]])
        for ticket in (first, last):
            self.assertEqual((ticket.state, ticket.name), ("closed", "No dial tone!"))
            self.assertEqual((ticket.due_ids.due_attempts, ticket.next_due_at), (0, False))
        self.assertEqual((bad.state, bad.name), ("resolved", "No dial tone"))
        self.assertEqual(bad.due_ids.due_error, "UserError: The exchange does not answer")
        self.assertEqual(str(bad.next_due_at), "2026-03-20 09:01:00")
        self.assertEqual(self.bus_messages(), [first.id, last.id], "each once")

    def test_one_alone_is_not_tried_twice(self):
        bad = self.resolved_ticket("2026-03-02 09:00:00")
        with self.work(failing=bad), mute_logger(DUE_LOGGER):
            self.run_cron("2026-03-20 09:00:00")
        self.assertEqual(self.calls, [[bad.id]])
        self.assertEqual(bad.due_ids.due_attempts, 1)


class TestDueTrigger(DueCase):
    """The scheduled action is asked to run for the next event alone."""

    def test_one_trigger_for_many_rows(self):
        with frozen("2026-03-02 09:00:00"):
            tickets = self.env["telecom.ticket"]
            for _copy in range(10):
                tickets += self.make_ticket()
            tickets.with_user(self.manager).action_resolve()
            self.assertEqual(self.triggers(), ["2026-03-09 09:00:00"])

    def test_later_event_needs_no_trigger_and_an_earlier_one_does(self):
        self.resolved_ticket("2026-03-02 09:00:00")
        with frozen("2026-03-02 09:00:00"):
            self.env.cr.flush()
        with frozen("2026-03-04 09:00:00"):
            later = self.make_ticket()
            later.action_resolve()
            self.assertEqual(self.triggers(), ["2026-03-09 09:00:00"])
            earlier = self.make_ticket(team_id=self.team_internet.id)
            earlier.action_resolve()
            self.assertEqual(self.triggers(), ["2026-03-07 09:00:00", "2026-03-09 09:00:00"])

    def test_run_plans_the_next_event(self):
        self.resolved_ticket("2026-03-02 09:00:00")
        self.resolved_ticket("2026-03-05 09:00:00")
        with frozen("2026-03-05 09:00:00"):
            self.assertEqual(self.triggers(), ["2026-03-09 09:00:00"])
        self.run_cron("2026-03-09 09:00:00")
        self.assertEqual(self.triggers(), ["2026-03-12 09:00:00"], "the used one is gone")

    def test_trigger_about_to_fire_is_not_relied_upon(self):
        # It may fire, and be used up, before this transaction is committed: the run
        # would not see the new row, and nobody would come back for it.
        with frozen("2026-03-02 09:00:00"):
            self.cron._trigger(Datetime.to_datetime("2026-03-02 09:02:00"))
            self.make_ticket().action_resolve()
            self.assertEqual(self.triggers(), ["2026-03-02 09:02:00", "2026-03-09 09:00:00"])

    def test_trigger_in_good_time_is_relied_upon(self):
        with frozen("2026-03-02 09:00:00"):
            self.cron._trigger(Datetime.to_datetime("2026-03-02 09:30:00"))
            self.make_ticket().action_resolve()
            self.assertEqual(self.triggers(), ["2026-03-02 09:30:00"])
        self.run_cron("2026-03-02 09:30:00")
        self.assertEqual(self.triggers(), ["2026-03-09 09:00:00"])

    def test_rows_locked_by_somebody_are_looked_at_again_soon(self):
        self.resolved_ticket("2026-03-02 09:00:00")
        with patch.object(self.registry["telecom.ticket.due"], "_run_due_batch", lambda tickets: 0):
            self.run_cron("2026-03-09 09:00:00")
        self.assertIn("2026-03-09 09:01:00", self.triggers(), "not at once, again and again")

    def test_scheduled_action_is_there_once(self):
        self.assertEqual(self.cron.code.strip(), "model._run_due()")
        self.assertEqual(self.cron.model_id.model, "telecom.ticket.due")
        self.assertTrue(self.cron.active)


class TestDueCost(DueCase):
    """A run costs what is due, whatever else is open."""

    def test_due_rows_are_found_through_a_partial_index(self):
        definitions = [
            definition
            for (definition,) in self.env.execute_query(
                SQL("SELECT indexdef FROM pg_indexes WHERE tablename = 'telecom_ticket_due'")
            )
            if "next_due_at" in definition
        ]
        self.assertEqual(len(definitions), 1)
        self.assertRegex(definitions[0], r"\(next_due_at\) WHERE \(next_due_at IS NOT NULL\)")
        self.copy_ticket(self.resolved_ticket("2026-03-20 09:00:00"), 2000)
        self.resolved_ticket("2026-03-02 09:00:00")
        self.env.flush_all()
        self.env.cr.execute("ANALYZE telecom_ticket_due")
        self.assertIn("telecom_ticket_due_next_due", self.plan_of_a_run())

    def plan_of_a_run(self):
        """What PostgreSQL does for the query by which a run finds its rows."""
        queries = []
        execute_query = type(self.env).execute_query

        def spy(env, query):
            queries.append(query)
            return execute_query(env, query)

        with frozen("2026-03-09 10:00:00"), patch.object(type(self.env), "execute_query", spy):
            self.env["telecom.ticket.due"]._run_due_batch()
        [query] = [query for query in queries if "SKIP LOCKED" in query.code]
        plan = self.env.execute_query(SQL("EXPLAIN %s", query))
        return "\n".join(line for (line,) in plan)

    def count_queries_of_a_run(self):
        tickets = [self.resolved_ticket("2026-03-02 09:00:00") for _copy in range(5)]
        self.env.flush_all()
        root = self.env.ref("base.user_root")
        with (
            frozen("2026-03-09 10:00:00"),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            before = self.env.cr.sql_log_count
            api.Environment(cr, root.id, {})["telecom.ticket.due"]._run_due()
            count = self.env.cr.sql_log_count - before
        self.assertEqual({ticket.state for ticket in tickets}, {"closed"})
        return count

    def test_as_many_queries_among_10_open_tickets_as_among_2000(self):
        ticket = self.make_ticket()
        self.count_queries_of_a_run()  # fills caches
        self.copy_ticket(ticket, 9)
        few = self.count_queries_of_a_run()
        self.copy_ticket(ticket.browse(ticket.create({"name": "Another"}).id), 1990)
        many = self.count_queries_of_a_run()
        self.assertEqual(few, many)
