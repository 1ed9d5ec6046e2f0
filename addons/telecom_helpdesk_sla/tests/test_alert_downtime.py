from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.models import due_mixin

from .common import frozen
from .test_alert import AlertCase

BACK = "2026-07-16 07:00:00"  # Thursday, 9:00 in Paris


class TestDowntime(AlertCase):
    """S6: nothing goes unnoticed, however long the server was away."""

    def test_s6_all_that_was_due_is_recorded_and_one_message_says_so(self):
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

    def test_s6_oldest_first(self):
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

    def test_s6_resolved_late_before_anybody_noticed(self):
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

    def test_archived_ticket_disturbs_nobody(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 09:00:00"):
            ticket.with_user(self.manager).active = False
        self.run_at(BACK)
        self.assertEqual(self.clock(ticket).state, "missed", "the record stands")
        self.assertFalse(self.mails(ticket))

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
        self.assertEqual(self.kinds(ticket), ["warning"])
        self.assertFalse(self.clock(ticket).due_error)
