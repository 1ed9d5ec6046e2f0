from odoo.tests import Form

from ..common import SlaCase, frozen


class TestTicketSla(SlaCase):
    """Promises through the user's doors: cards moved, mails, answers, merging."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy(
            targets={"0": (0, 0, 40), "1": (2, 2, 8), "2": (1, 1, 4), "3": (0.5, 0.5, 2)},
            calendar_id=cls.paris.id,
        )

    def ticket_at(self, at, **values):
        with frozen(at):
            return self.make_ticket(**values)

    def tick(self, at):
        """It is ``at``, and the scheduled action has run."""
        with frozen(at):
            self.env["telecom.sla.clock"]._run_due_batch()

    def assert_deadline(self, ticket, deadline, metric="resolution"):
        self.assert_clock(self.clock(ticket, metric), "running", deadline=deadline)

    # Targets by priority, in working hours or around the clock, with days off

    def test_each_priority_has_its_own_targets(self):
        with frozen("2026-03-02 08:00:00"):  # Monday, 9:00 in Paris
            form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
            form.name = "No dial tone"
            form.partner_id = self.customer_contact
            form.team_id = self.team_voice
            form.priority = "2"
            high = form.save().with_env(self.env)
        self.assert_deadline(high, "2026-03-02 09:00:00", "first_response")
        self.assert_deadline(high, "2026-03-02 13:30:00")  # 9-12, 13:30-14:30
        low = self.ticket_at("2026-03-02 08:00:00", priority="0")
        self.assertFalse(self.clock(low, "first_response"), "nothing is promised")
        # Five days of 7.5 hours, 2.5 on Saturday.
        self.assert_deadline(low, "2026-03-07 10:30:00")

    def test_around_the_clock(self):
        self.policy.target_ids.filtered(lambda target: target.priority == "3").is_always = True
        critical = self.ticket_at("2026-03-28 23:30:00", priority="3")  # hours before summer time
        self.assert_deadline(critical, "2026-03-29 01:30:00")
        self.assert_deadline(critical, "2026-03-29 00:00:00", "first_response")

    def test_days_off_and_saturdays(self):
        cases = [
            # Friday 17:00: an hour, and Saturday morning to its end.
            ("2026-03-06 16:00:00", "2026-03-07 11:00:00"),
            # Saturday 11:00: an hour, and Monday morning to its end.
            ("2026-03-07 10:00:00", "2026-03-09 11:00:00"),
            # The eve of Bastille Day, 17:00: an hour, and the morning of the day after.
            ("2026-07-13 15:00:00", "2026-07-15 10:00:00"),
            # On Bastille Day itself.
            ("2026-07-14 09:00:00", "2026-07-15 12:30:00"),
            # Saturday 11:00 before summer time begins, and before it ends.
            ("2026-03-28 10:00:00", "2026-03-30 10:00:00"),
            ("2026-10-24 09:00:00", "2026-10-26 11:00:00"),
        ]
        for created_at, deadline in cases:
            with self.subTest(created_at=created_at):
                self.assert_deadline(self.ticket_at(created_at, priority="2"), deadline)

    def test_in_berlin(self):
        self.policy.calendar_id = self.berlin
        cases = [
            # Friday 16:00, over the week-end on which the clocks change: an hour and three.
            ("2026-03-27 15:00:00", "2026-03-30 09:00:00"),
            ("2026-10-23 14:00:00", "2026-10-26 10:00:00"),
            # Christmas Day is worked here, Boxing Day is a Saturday.
            ("2026-12-25 15:00:00", "2026-12-28 10:00:00"),
            # 13:00, four hours until closing: the closing instant, not the next opening.
            ("2026-06-01 11:00:00", "2026-06-01 15:00:00"),
        ]
        for created_at, deadline in cases:
            with self.subTest(created_at=created_at):
                self.assert_deadline(self.ticket_at(created_at, priority="2"), deadline)

    def test_the_closing_instant_is_when_it_is_missed(self):
        self.policy.calendar_id = self.berlin
        ticket = self.ticket_at("2026-06-01 11:00:00", priority="2")
        self.tick("2026-06-01 14:59:59")
        self.assert_clock(self.clock(ticket), "running")
        self.tick("2026-06-01 15:00:00")
        self.assert_clock(self.clock(ticket), "missed", breached_at="2026-06-01 15:00:00")

    # Clocks start, pause and go on

    def test_the_customers_mail_takes_it_up(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 09:00:00"):
            self.agent_replies(ticket)
            self.set_state(ticket, "waiting_customer")
        with frozen("2026-03-05 09:00:00"):
            self.customer_mails(ticket)
        self.assertEqual(ticket.state, "open")
        self.assert_clock(self.clock(ticket), "running", consumed_seconds=3600,
                          running_since="2026-03-05 09:00:00",
                          deadline="2026-03-05 13:30:00")  # fmt: skip
        self.assert_deadline(ticket, "2026-03-05 10:00:00", "next_response")
        with frozen("2026-03-05 09:59:59"):
            self.agent_replies(ticket)
        self.assert_clock(self.clock(ticket, "next_response"), "met", consumed_seconds=3599)

    def test_what_reaches_nobody_outside_is_no_response(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", partner_id=False, priority="2")
        first = self.clock(ticket, "first_response")
        with frozen("2026-03-02 08:10:00"):
            self.agent_replies(ticket)
        self.assertFalse(first.reached_at)
        with frozen("2026-03-02 08:20:00"):
            ticket.with_user(self.agent_voice).action_answered_by_phone()
        self.assert_clock(first, "met", reached_at="2026-03-02 08:20:00", consumed_seconds=1200)
        self.assert_rebuilds(ticket)

    def test_each_question_is_a_promise_of_its_own(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 08:10:00"):
            self.customer_writes(ticket)
        self.assertFalse(self.clock(ticket, "next_response"), "nobody has answered at all yet")
        with frozen("2026-03-02 08:20:00"):
            self.agent_replies(ticket)
        for minute in (30, 40):
            with frozen(f"2026-03-02 08:{minute}:00"):
                self.customer_writes(ticket)
        question = self.clock(ticket, "next_response")
        self.assert_clock(question, "running", started_at="2026-03-02 08:30:00")
        with frozen("2026-03-02 10:00:00"):
            self.agent_notes(ticket)
            self.assertFalse(question.reached_at, "a note is no answer")
            self.agent_replies(ticket)
        self.assert_clock(question, "missed", breached_at="2026-03-02 09:30:00",
                          reached_at="2026-03-02 10:00:00", consumed_seconds=5400)  # fmt: skip
        with frozen("2026-03-02 10:30:00"):
            self.customer_writes(ticket)
        self.assertEqual(len(ticket.sla_clock_ids), 4)

    def test_waiting_for_a_supplier_counts_unless_the_policy_says_so(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 09:00:00"):
            self.set_state(ticket, "waiting_third_party")
        self.assert_deadline(ticket, "2026-03-02 13:30:00")
        self.policy.pause_on_third_party = True
        other = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 09:00:00"):
            self.set_state(other, "waiting_third_party")
        self.assert_clock(self.clock(other), "paused", deadline=None, consumed_seconds=3600)

    def test_a_breach_that_nobody_saw(self):
        """The server was down at the deadline; the ticket was put on hold before it came back."""
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 14:30:00"):
            self.set_state(ticket, "waiting_customer")
        clock = self.clock(ticket)
        self.assert_clock(clock, "missed", breached_at="2026-03-02 13:30:00",
                          deadline="2026-03-02 13:30:00", consumed_seconds=5 * 3600)  # fmt: skip
        self.assertEqual(ticket.sla_state, "breached")
        with frozen("2026-03-03 08:00:00"):
            self.customer_writes(ticket)
        with frozen("2026-03-03 08:30:00"):
            self.set_state(ticket, "resolved")
            self.assert_clock(clock, "missed", consumed_seconds=5 * 3600 + 1800)
            self.assertEqual(ticket.sla_state, "missed")
            self.assert_rebuilds(ticket)

    # Changes keep the clocks right

    def test_priority_keeps_what_is_used_up(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="1")
        self.assert_deadline(ticket, "2026-03-03 08:30:00")
        with frozen("2026-03-02 10:00:00"):
            ticket.with_user(self.agent_voice).priority = "2"
        clock = self.clock(ticket)
        # Two of four hours are left: one until lunch, one after.
        self.assert_clock(clock, "running", deadline="2026-03-02 13:30:00",
                          consumed_seconds=7200, target_seconds=4 * 3600)  # fmt: skip
        first = self.clock(ticket, "first_response")
        self.assert_clock(first, "missed", breached_at="2026-03-02 10:00:00")
        with frozen("2026-03-02 10:30:00"):
            ticket.with_user(self.agent_voice).priority = "0"
            # What was missed stays so, whatever is promised later.
            self.assert_clock(first, "missed", breached_at="2026-03-02 10:00:00")
            self.assert_clock(clock, "running", target_seconds=40 * 3600, consumed_seconds=9000)
            self.assert_rebuilds(ticket)

    def test_stricter_terms_that_are_used_up_are_missed_at_once(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="1")
        with frozen("2026-03-02 14:00:00"):
            ticket.with_user(self.agent_voice).priority = "3"
        self.assert_clock(self.clock(ticket), "missed", deadline="2026-03-02 14:00:00",
                          breached_at="2026-03-02 14:00:00", target_seconds=7200)  # fmt: skip
        self.assertEqual(ticket.sla_state, "breached")

    def test_another_policy_and_none(self):
        tier = self.env["telecom.tier"].search([], limit=1)
        self.make_policy("Premium", {"1": (1, 1, 4)}, tier_ids=tier.ids, sequence=1,
                         calendar_id=self.berlin.id)  # fmt: skip
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="1")
        clock = self.clock(ticket)
        with frozen("2026-03-02 09:00:00"):
            ticket.with_user(self.manager).sudo().tier_id = tier
        # An hour used up in Paris, three more in Berlin, where nobody goes for lunch.
        self.assert_clock(clock, "running", deadline="2026-03-02 12:00:00", consumed_seconds=3600)
        with frozen("2026-03-02 10:00:00"):
            ticket.with_user(self.manager).priority = "0"  # nothing is promised for it
        self.assert_clock(clock, "void", consumed_seconds=7200, deadline=None)
        self.assertEqual(ticket.sla_state, "breached", "the first answer is overdue all the same")
        with frozen("2026-03-04 10:00:00"):
            ticket.with_user(self.manager).priority = "1"
            # Nothing was used up meanwhile.
            self.assert_clock(clock, "running", deadline="2026-03-04 12:00:00")
            self.assert_rebuilds(ticket)

    def test_reopened_goes_on_with_what_remained(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 09:00:00"):
            self.agent_replies(ticket)
            self.set_state(ticket, "resolved")
        clock, first = self.clock(ticket), self.clock(ticket, "first_response")
        self.assert_clock(clock, "met", reached_at="2026-03-02 09:00:00")
        self.assert_clock(first, "missed")  # at the very end of its hour
        with frozen("2026-03-10 08:00:00"):
            self.customer_mails(ticket)
        self.assertEqual(ticket.reopen_count, 1)
        self.assert_clock(clock, "running", reached_at=None, consumed_seconds=3600,
                          deadline="2026-03-10 11:00:00")  # fmt: skip
        self.assert_clock(first, "missed", reached_at="2026-03-02 09:00:00")
        with frozen("2026-03-10 10:00:00"):
            ticket.with_user(self.agent_voice).action_close()
            self.assert_clock(clock, "met", reached_at="2026-03-10 10:00:00")
            # The customer asked once more, nobody answered, and nobody waits any more.
            self.assert_clock(self.clock(ticket, "next_response"), "missed")
            self.assert_rebuilds(ticket)

    def test_cancelled_is_void_and_taken_up_again_what_it_was(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        self.tick("2026-03-02 09:30:00")
        first, clock = self.clock(ticket, "first_response"), self.clock(ticket)
        self.assert_clock(first, "missed")
        with frozen("2026-03-02 10:00:00"):
            ticket.with_user(self.agent_voice).action_cancel()
        self.assertEqual({first.state, clock.state}, {"void"})
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("none", False))
        with frozen("2026-03-03 08:00:00"):
            ticket.with_user(self.agent_voice).action_reopen()
            self.assert_clock(first, "missed", deadline="2026-03-02 09:00:00")
            self.assert_clock(clock, "running", deadline="2026-03-03 10:00:00")
            self.assert_rebuilds(ticket)

    def test_merged(self):
        """The target's clocks go on; what was said on the other ticket counts for them."""
        target = self.ticket_at("2026-03-02 08:00:00", priority="2")
        source = self.ticket_at("2026-03-02 08:05:00", priority="2")
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(source)
        with frozen("2026-03-02 08:45:00"):
            self.customer_writes(source)
        with frozen("2026-03-02 08:50:00"):
            form = Form(
                self.env["telecom.ticket.merge"]
                .with_user(self.agent_voice)
                .with_context(default_ticket_ids=(target + source).ids)
            )
            form.target_id = target.with_user(self.agent_voice)
            form.save().action_merge()
        self.assertEqual(source.merged_into_id, target)
        self.assertEqual(set(source.sla_clock_ids.mapped("state")), {"void"})
        self.assert_clock(self.clock(target, "first_response"), "met",
                          reached_at="2026-03-02 08:30:00")  # fmt: skip
        self.assert_deadline(target, "2026-03-02 13:30:00")
        with frozen("2026-03-02 08:50:00"):
            self.assert_rebuilds(target + source)

    def test_hours_that_change_count_for_what_is_open(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        decided = self.clock(ticket, "first_response")
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket)
        with frozen("2026-03-02 09:00:00"):
            self.make_holiday("Strike", "2026-03-02 08:00:00", "2026-03-02 11:00:00", self.paris)
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_clock(self.clock(ticket), "running", deadline="2026-03-02 16:30:00")
            self.assert_clock(decided, "met", consumed_seconds=1800)
            self.assert_rebuilds(ticket)

    def test_hours_that_changed_while_it_was_resolved(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 09:00:00"):
            self.set_state(ticket, "resolved")
        with frozen("2026-03-02 09:30:00"):
            self.make_holiday("Strike", "2026-03-02 08:30:00", "2026-03-02 11:00:00", self.paris)
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_clock(self.clock(ticket), "met", consumed_seconds=3600)
        with frozen("2026-03-02 12:30:00"):
            self.set_state(ticket, "open")
            self.assert_clock(self.clock(ticket), "running", consumed_seconds=1800,
                              deadline="2026-03-02 16:00:00")  # fmt: skip
            self.assert_rebuilds(ticket)

    def test_a_deadline_by_former_hours_is_none(self):
        """The alerts' action comes before the one that counts by the new hours."""
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 08:30:00"):
            self.make_holiday("Strike", "2026-03-02 08:30:00", "2026-03-02 11:00:00", self.paris)
        self.tick("2026-03-02 09:30:00")
        self.assert_deadline(ticket, "2026-03-02 13:00:00", "first_response")
        with frozen("2026-03-02 09:30:00"):
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_rebuilds(ticket)
        self.tick("2026-03-02 13:00:00")
        self.assert_clock(self.clock(ticket, "first_response"), "missed",
                          breached_at="2026-03-02 13:00:00")  # fmt: skip

    # What happened before anything was promised

    def test_a_customer_who_becomes_known_is_promised_from_the_beginning(self):
        self.policy.active = False
        ticket = self.ticket_at("2026-03-02 08:00:00", priority="2")
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket)
        with frozen("2026-03-02 08:45:00"):
            self.customer_writes(ticket)
        self.assertFalse(ticket.sla_clock_ids)
        with frozen("2026-03-02 09:15:00"):
            self.policy.active = True
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_clock(self.clock(ticket, "first_response"), "met", consumed_seconds=1800)
            self.assert_deadline(ticket, "2026-03-02 09:45:00", "next_response")
            self.assert_deadline(ticket, "2026-03-02 13:30:00")
            self.assert_rebuilds(ticket)

    def test_clock_starts_at_creation_pauses_and_goes_on(self):
        with frozen("2026-03-02 08:00:00"):  # Monday, 9:00 in Paris
            ticket = self.make_ticket()
            self.promise(ticket, first=1, resolution=4, calendar=self.paris)
        first, resolution = self.clock(ticket, "first_response"), self.clock(ticket)
        self.assert_clock(
            first,
            "running",
            started_at="2026-03-02 08:00:00",
            deadline="2026-03-02 09:00:00",
            warning_at="2026-03-02 08:45:00",
            imminent_at="2026-03-02 08:45:00",
        )
        # Three hours until noon, one after lunch.
        self.assert_clock(resolution, "running", deadline="2026-03-02 13:30:00")
        self.assertEqual(ticket.sla_state, "on_track")
        self.assertEqual(str(ticket.sla_deadline), "2026-03-02 09:00:00")
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket)
            self.assert_clock(first, "met", reached_at="2026-03-02 08:30:00", consumed_seconds=1800)
            self.set_state(ticket, "waiting_customer")
        self.assert_clock(resolution, "paused", consumed_seconds=1800, deadline=None)
        self.assertEqual(ticket.sla_state, "paused")
        with frozen("2026-03-03 16:00:00"):  # Tuesday, 17:00 in Paris
            self.customer_writes(ticket)
        self.assertEqual(ticket.state, "open")
        # An hour until closing, two and a half on Wednesday.
        self.assert_clock(resolution, "running", deadline="2026-03-04 10:30:00")
        with frozen("2026-03-04 10:00:00"):
            self.set_state(ticket, "resolved")
            self.assert_clock(resolution, "met", consumed_seconds=3 * 3600 + 1800)
            self.assertEqual(ticket.sla_state, "met")
            self.assert_rebuilds(ticket)
