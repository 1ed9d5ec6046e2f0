from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.models.mixins import due_mixin

from ..common import frozen
from .test_alert import AlertCase

BACK = "2026-07-16 07:00:00"  # Thursday, 9:00 in Paris


class TestDowntime(AlertCase):
    """Nothing goes unnoticed, however long the server was away."""

    def test_all_that_was_due_is_recorded_and_one_message_says_so(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(BACK)
        alerts = self.alerts(ticket)
        self.assertEqual(
            [(alert.kind, str(alert.due_at)) for alert in alerts],
            [("warning", self.WARNING), ("imminent", self.IMMINENT), ("breach", self.BREACH)],
        )
        self.assertTrue(all(alerts.mapped("is_late")))
        self.assertEqual({str(at) for at in alerts.mapped("at")}, {BACK})
        for alert in alerts:
            self.assertEqual(alert.recipient_ids, self.agent_voice | self.manager)
        self.assertEqual(
            self.mailed(ticket),
            [("SLA breached", "Vera Voice"), ("SLA breached", "Mona Manager")],
        )
        self.assertEqual(len(self.pushed(self.agent_voice)), 1)
        self.assertEqual(len(self.activities(ticket)), 2)
        body = str(self.mails(ticket)[0].body_html)
        self.assertIn("Sent late", body)
        self.assertIn("not running", body)
        self.assert_clock(self.clock(ticket), "missed", breached_at=self.BREACH)
        # From 15:30 until 18:00 the day before: work did not begin yet.
        self.assertEqual(alerts[-1].left_seconds, -2.5 * 3600)
        self.assertIn("2 h 30 min overdue", body)
        self.run_at("2026-07-16 07:01:00")
        self.assertEqual(len(self.alerts(ticket)), 3)
        self.assertEqual(len(self.mails(ticket)), 2)
        with frozen("2026-07-16 07:02:00"):
            self.assert_rebuilds(ticket)

    def test_oldest_first(self):
        late, early, middle = (
            self.ticket_at(at)
            for at in ("2026-07-13 14:00:00", "2026-07-13 07:00:00", "2026-07-13 10:00:00")
        )
        self.run_at(BACK)
        mails = self.env["mail.mail"].search(
            [("res_id", "in", (late + early + middle).ids), ("subject", "like", "SLA breached")],
            order="id",
        )
        self.assertEqual(
            list(dict.fromkeys(mails.mapped("res_id"))), [early.id, middle.id, late.id]
        )
        for mail in mails:  # though they are made together
            ticket = self.env["telecom.ticket"].browse(mail.res_id)
            self.assertIn(ticket.number, mail.subject)
            self.assertIn(ticket.number, mail.body_html)
            self.assertEqual(mail.body_html.count("Resolution within"), 1)

    def test_resolved_late_before_anybody_noticed(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 14:30:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assert_clock(self.clock(ticket), "missed", breached_at=self.BREACH)
        self.assertEqual(ticket.sla_state, "missed")
        self.assertFalse(self.mails(ticket))
        self.run_at(BACK)
        breach = self.alerts(ticket)[-1]
        self.assertEqual((breach.kind, str(breach.due_at)), ("breach", self.BREACH))
        self.assertIn(self.manager, breach.recipient_ids)
        self.assertEqual(breach.left_seconds, -3600)
        self.assertFalse(self.activities(ticket), "nothing is left to do")
        self.run_at("2026-07-16 08:00:00")
        self.assertEqual(len(self.mails(ticket)), 2)

    def test_answered_in_time_is_not_alerted_however_late_the_action_runs(self):
        self.policy.target_ids.write({"first_response_hours": 1, "resolution_hours": 0})
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-13 13:40:00"):
            self.agent_replies(ticket)
        self.run_at(BACK)
        self.assertFalse(self.alerts(ticket))

    def test_a_few_minutes_are_not_late(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at("2026-07-15 10:05:00")
        self.assertFalse(self.alerts(ticket).is_late)
        other = self.ticket_at(self.CREATED)
        self.run_at("2026-07-15 10:05:01")
        self.assertTrue(self.alerts(other).is_late)


class TestEachOnce(AlertCase):
    """What happens to the ticket neither repeats an alert nor swallows one."""

    def test_pause_before_the_warning_moves_it(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-13 14:00:00"):  # after an hour
            self.set_state(ticket, "waiting_customer")
        self.assertFalse(self.clock(ticket).next_due_at)
        self.run_at("2026-07-17 10:00:00")
        self.assertFalse(self.alerts(ticket))
        with frozen("2026-07-20 07:00:00"):  # Monday, 9:00 in Paris
            self.customer_writes(ticket)
        # Five hours until the warning: three, and two after lunch.
        self.assertIn("2026-07-20 13:30:00", self.triggers())
        self.run_at("2026-07-20 13:30:00")
        self.assertEqual(self.kinds(ticket), ["warning"])

    def test_pause_after_the_warning_does_not_repeat_it(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        with frozen("2026-07-15 12:00:00"):  # half an hour after lunch
            self.set_state(ticket, "waiting_customer")
        with frozen("2026-07-20 07:00:00"):
            self.customer_writes(ticket)
        self.assertEqual(str(self.clock(ticket).next_due_at), "2026-07-20 08:00:00")
        self.run_at("2026-07-20 07:30:00")
        self.assertEqual(self.kinds(ticket), ["warning"])
        self.run_at("2026-07-20 08:00:00")
        self.run_at("2026-07-20 08:30:00")
        self.assertEqual(self.kinds(ticket), ["warning", "imminent", "breach"])
        self.assertEqual(str(self.alerts(ticket)[-1].deadline), "2026-07-20 08:30:00")

    def test_tighter_terms_alert_anew(self):
        target = self.policy.target_ids.filtered(lambda target: target.priority == "3")
        target.resolution_hours = 4
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 08:00:00"):  # five hours are used up
            ticket.with_user(self.manager).priority = "3"
        self.assert_clock(self.clock(ticket), "missed", breached_at="2026-07-15 08:00:00")
        self.run_at("2026-07-15 08:00:00")
        self.assertEqual(self.kinds(ticket), ["breach"])
        with frozen("2026-07-15 08:30:00"):
            ticket.with_user(self.manager).priority = "1"
        self.run_at(BACK)
        self.assertEqual(self.kinds(ticket), ["breach"], "a breach stands, and is told once")

    def test_more_time_and_the_same_again(self):
        target = self.policy.target_ids.filtered(lambda target: target.priority == "0")
        target.resolution_hours = 40
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        with frozen("2026-07-15 11:45:00"):
            ticket.with_user(self.manager).priority = "0"
        self.assertEqual(ticket.sla_state, "on_track")
        with frozen("2026-07-15 11:50:00"):
            ticket.with_user(self.manager).priority = "1"
        self.run_at("2026-07-15 11:55:00")
        self.assertEqual(self.kinds(ticket), ["warning"], "about this deadline they were warned")
        self.run_at(self.IMMINENT)
        self.assertEqual(self.kinds(ticket), ["warning", "imminent"])

    def test_reopened_goes_on_with_what_was_not_told(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        with frozen("2026-07-15 12:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.run_at(BACK)
        with frozen("2026-07-20 07:00:00"):
            ticket.with_user(self.agent_voice).action_reopen()
        self.run_at("2026-07-20 08:00:00")
        self.assertEqual(self.kinds(ticket), ["warning", "imminent"])

    def test_first_terms_for_the_past_are_quiet(self):
        self.policy.active = False
        ticket = self.ticket_at(self.CREATED)
        with frozen(BACK):
            self.policy.active = True
            ticket._agree_sla_terms(quiet=True)
        self.assert_clock(self.clock(ticket), "missed", breached_at=self.BREACH)
        self.run_at("2026-07-16 08:00:00")
        self.assertFalse(self.alerts(ticket))

    def test_no_warning_where_it_is_the_deadline(self):
        self.policy.write({"warn_percent": 100, "imminent_minutes": 0})
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        self.assertEqual(self.kinds(ticket), ["breach"])


class TestArchived(AlertCase):
    """An archived ticket disturbs nobody, and catches up when it is restored."""

    def archive(self, ticket, at):
        with frozen(at):
            ticket.with_user(self.manager).action_archive()

    def restore(self, ticket, at):
        with frozen(at):
            ticket.with_user(self.manager).action_unarchive()
        self.run_at(at)

    def test_nobody_is_told_but_the_record_stands(self):
        ticket = self.ticket_at(self.CREATED)
        self.archive(ticket, "2026-07-15 09:00:00")
        self.run_at(BACK)
        self.assert_clock(self.clock(ticket), "missed", breached_at=self.BREACH)
        for told in (self.alerts(ticket), self.activities(ticket), self.mails(ticket)):
            self.assertFalse(told)
        self.assertFalse(self.clock(ticket).next_due_at)

    def test_restored_it_is_told_once(self):
        ticket = self.ticket_at(self.CREATED)
        self.archive(ticket, "2026-07-15 09:00:00")
        self.run_at(BACK)
        self.restore(ticket, "2026-07-20 07:00:00")
        self.assertEqual(
            self.mailed(ticket),
            [("SLA breached", "Vera Voice"), ("SLA breached", "Mona Manager")],
        )
        self.assertEqual(len(self.activities(ticket)), 2)
        self.assertEqual(set(self.alerts(ticket).mapped("late_reason")), {"restored"})
        self.assertIn("when the ticket was archived", str(self.mails(ticket)[0].body_html))
        self.archive(ticket, "2026-07-20 08:00:00")
        self.assertFalse(self.activities(ticket))
        self.restore(ticket, "2026-07-20 09:00:00")
        self.assertEqual(len(self.activities(ticket)), 2, "it is on the desks again")
        self.assertEqual(len(self.mails(ticket)), 2)
        with frozen("2026-07-20 09:00:00"):
            self.assert_rebuilds(ticket)

    def test_restored_it_has_the_policy_and_the_hours_of_today(self):
        ticket = self.ticket_at(self.CREATED)
        self.archive(ticket, "2026-07-13 14:00:00")
        with frozen("2026-07-13 15:00:00"):
            self.policy.target_ids.write({"resolution_hours": 16})
            self.policy.warn_percent = 50
            self.make_holiday("Strike", "2026-07-14 22:00:00", "2026-07-15 21:59:59", self.paris)
            self.env["telecom.sla.policy"]._plan_batch()
        self.assertEqual(self.clock(ticket).target_seconds, 8 * 3600)
        with frozen("2026-07-15 08:00:00"):
            self.assertFalse(ticket._rebuild_sla(), "as it was, until it comes back")
        self.restore(ticket, "2026-07-16 07:00:00")
        # Three hours on the 13th, seven and a half on the 16th, five and a half on the 17th.
        self.assert_clock(self.clock(ticket), "running", deadline="2026-07-17 14:00:00",
                          target_seconds=16 * 3600)  # fmt: skip
        self.assertFalse(self.alerts(ticket))
        with frozen("2026-07-16 07:00:00"):
            self.assert_rebuilds(ticket)

    def test_made_when_nothing_was_promised(self):
        self.policy.active = False
        ticket = self.ticket_at(self.CREATED)
        self.archive(ticket, self.CREATED)
        with frozen("2026-07-13 14:00:00"):
            self.policy.active = True
            self.env["telecom.sla.policy"]._plan_batch()
        self.assertFalse(ticket.sla_policy_id)
        self.restore(ticket, "2026-07-15 08:00:00")
        self.assert_clock(self.clock(ticket), "running", deadline=self.BREACH)

    def test_restored_when_it_is_over_nothing_is_promised_anew(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-13 14:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        terms = ticket.sla_term_id
        self.archive(ticket, "2026-07-13 15:00:00")
        self.policy.target_ids.write({"resolution_hours": 1})
        self.restore(ticket, BACK)
        self.assertEqual(ticket.sla_term_id, terms)
        self.assert_clock(self.clock(ticket), "met")


class TestBackOnTheDesk(AlertCase):
    """What people were told of lies on their desks again when it comes back to them."""

    def breached_ticket(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        self.assertEqual(len(self.activities(ticket)), 2)
        return ticket

    def assert_comes_back(self, ticket, take_off, put_back):
        for action, count in ((take_off, 0), (put_back, 2)):
            with frozen("2026-07-15 14:00:00"):
                action()
            self.run_at("2026-07-15 14:10:00")
            self.assertEqual(len(self.activities(ticket)), count)
        self.assertEqual(self.kinds(ticket), ["warning", "imminent", "breach"])

    def test_resolved_late_and_reopened(self):
        ticket = self.breached_ticket()
        agent = ticket.with_user(self.agent_voice)
        self.assert_comes_back(ticket, agent.action_resolve, lambda: self.customer_writes(ticket))

    def test_cancelled_and_taken_up_again(self):
        ticket = self.breached_ticket()
        agent = ticket.with_user(self.agent_voice)
        self.assert_comes_back(ticket, agent.action_cancel, agent.action_reopen)

    def test_waived_and_counted_again(self):
        ticket = self.breached_ticket()
        clock = self.clock(ticket).with_user(self.manager)
        self.assert_comes_back(ticket, lambda: clock._waive("Flood"), clock.action_unwaive)

    def test_what_was_ticked_off_stays_so_while_it_is_on_the_desk(self):
        ticket = self.breached_ticket()
        self.activities(ticket).filtered(lambda a: a.user_id == self.manager).action_done()
        with frozen("2026-07-15 14:00:00"):
            self.set_state(ticket, "waiting_customer")
            self.customer_writes(ticket)
        self.assertEqual(self.activities(ticket).user_id, self.agent_voice)


class TestReasons(AlertCase):
    """An alert that comes late says why, and says nothing that is not so."""

    def told(self, ticket):
        [text] = set(self.alerts(ticket)[-1:].mapped("late_text"))
        return self.alerts(ticket)[-1:].late_reason, text

    def test_promised_late(self):
        """Who the customer is turns out when the time is over already."""
        premium = self.env["telecom.tier"].search([], limit=1)
        self.policy.tier_ids = premium
        ticket = self.ticket_at(self.CREATED)
        with frozen(BACK):
            ticket.tier_id = premium
        self.run_at(BACK)
        reason, text = self.told(ticket)
        self.assertEqual(reason, "terms")
        self.assertIn("before the present SLA applied", text)
        self.assertNotIn("not running", str(self.mails(ticket)[0].body_html))

    def test_hours_that_changed(self):
        """Bastille Day is worked after all: what was due on Wednesday is overdue at once."""
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 09:00:00"):
            self.paris.leave_ids.unlink()
            self.env["telecom.sla.policy"]._plan_batch()
        self.run_at("2026-07-15 09:00:00")
        self.assertEqual(self.kinds(ticket), ["warning", "imminent", "breach"])
        self.assertEqual(str(self.alerts(ticket)[-1].due_at), "2026-07-14 13:30:00")
        self.assertEqual(self.told(ticket)[0], "hours")

    def test_hours_that_changed_and_a_server_that_was_away_later(self):
        """Each alert for itself: the second fell due when nobody was there to send it."""
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 09:00:00"):
            self.make_holiday("Open", "2026-07-15 10:00:00", "2026-07-15 10:30:00", self.paris)
            self.paris.leave_ids.filtered(lambda leave: leave.name == "Bastille Day").write(
                {"date_from": "2026-07-14 05:30:00"}
            )
            self.env["telecom.sla.policy"]._plan_batch()
        self.run_at(BACK)
        self.assertEqual({alert.late_reason for alert in self.alerts(ticket)}, {"downtime"})

    def test_the_server_was_away(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(BACK)
        reason, text = self.told(ticket)
        self.assertEqual(reason, "downtime")
        self.assertIn("not running", text)

    def test_cancelled_when_it_was_due(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 13:31:00"):
            ticket.with_user(self.agent_voice).action_cancel()
        with frozen(BACK):
            ticket.with_user(self.agent_voice).action_reopen()
        self.run_at(BACK)
        self.assertEqual(self.told(ticket)[0], "other")
        self.assertIn("when the promise did not count", self.told(ticket)[1])


class TestFailure(AlertCase):
    """One that fails holds up none of the others."""

    @contextmanager
    def failing(self, ticket):
        real = self.registry["telecom.sla.alert"]._push

        def push(alerts, pairs):
            if ticket.id in [alert.ticket_id.id for alert, _user in pairs]:
                raise UserError("The bus has left")
            real(alerts, pairs)

        with patch.object(self.registry["telecom.sla.alert"], "_push", push):
            yield

    @mute_logger(due_mixin.__name__)
    def test_the_others_are_told_and_somebody_hears_of_it(self):
        tickets = [self.ticket_at(self.CREATED) for _copy in range(3)]
        bad, *good = tickets
        at = Datetime.to_datetime(self.WARNING)
        with self.failing(bad):
            self.run_at(str(at))
            for ticket in good:
                self.assertEqual(len(self.mails(ticket)), 1)
                self.assertEqual(len(self.pushed(self.agent_voice)), 2)
            self.assertFalse(self.alerts(bad))
            self.assertEqual(bad.sla_state, "on_track")
            self.assertEqual(self.clock(bad).due_error, "UserError: The bus has left")
            for delay in due_mixin.RETRY_DELAYS:
                self.assertFalse(bad.activity_ids)
                at += delay
                self.run_at(str(at))
        self.assertFalse(self.clock(bad).next_due_at)
        self.assertEqual(bad.activity_ids.user_id, self.manager)
        self.assertIn("The bus has left", bad.activity_ids.note)

    @mute_logger(due_mixin.__name__)
    def test_told_when_it_works_again(self):
        ticket = self.ticket_at(self.CREATED)
        at = Datetime.to_datetime(self.WARNING)
        with self.failing(ticket):
            self.run_at(str(at))
            self.run_at(str(at + timedelta(minutes=1)))
        self.run_at(str(at + timedelta(minutes=11)))
        self.assertEqual(self.kinds(ticket), ["warning"])
        self.assertEqual(self.alerts(ticket).late_reason, "failure")
        self.assertIn("sending it failed at first", self.alerts(ticket).late_text)
        self.assertFalse(self.clock(ticket).due_error)

    @mute_logger(due_mixin.__name__)
    def test_breach_told_when_it_works_again(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.IMMINENT)
        at = Datetime.to_datetime(self.BREACH)
        with self.failing(ticket):
            self.run_at(str(at))
            self.run_at(str(at + timedelta(minutes=1)))
        self.run_at(str(at + timedelta(minutes=11)))
        alert = self.alerts(ticket).filtered(lambda alert: alert.kind == "breach")
        self.assertEqual(alert.late_reason, "failure")
        self.assertEqual(ticket.sla_state, "breached")

    @mute_logger(due_mixin.__name__)
    def test_set_aside_and_tried_again_by_hand(self):
        ticket = self.ticket_at(self.CREATED)
        at = Datetime.to_datetime(self.WARNING)
        with self.failing(ticket):
            for delay in (timedelta(), *due_mixin.RETRY_DELAYS):
                at += delay
                self.run_at(str(at))
        clock = self.clock(ticket)
        self.assertFalse(clock.next_due_at)
        at += timedelta(hours=1)
        with frozen(str(at)):
            clock.action_retry_due()
        self.run_at(str(at))
        self.assertEqual(self.alerts(ticket).late_reason, "failure")
