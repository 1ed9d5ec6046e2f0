from odoo.tests import Form

from ..common import SlaCase, frozen


class TestQuestions(SlaCase):
    """What the customer waits for an answer to: until somebody answers, or the ticket ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Around the clock: 1 hour to the first answer, 2 to the next one, 8 to the end.
        cls.policy = cls.make_policy()

    def answered_ticket(self):
        """Made at 8:00 on a Monday, answered at 8:10."""
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket()
        with frozen("2026-03-02 08:10:00"):
            self.agent_replies(ticket)
        return ticket

    def questions(self, ticket):
        """Pairs (metric, state) of the ticket's promises to answer, in their order."""
        clocks = ticket.sla_clock_ids.sorted("started_at")
        responses = clocks.filtered(lambda clock: clock.metric != "resolution")
        return [(clock.metric, clock.state) for clock in responses]

    def over(self, ticket):
        return ticket.sla_clock_ids.filtered(lambda clock: clock.reached_at or clock.ended_at)

    def test_a_thank_you_that_ends_the_ticket_leaves_nothing_open(self):
        """A week later the customer asks something else, and is answered in minutes."""
        ticket = self.answered_ticket()
        with frozen("2026-03-02 08:30:00"):
            self.customer_mails(ticket, "Thanks, it works again.")
        thanks = self.clock(ticket, "next_response")
        with frozen("2026-03-02 08:40:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assert_clock(thanks, "void", ended_at="2026-03-02 08:40:00", deadline=None)
        self.assertEqual(thanks.void_reason, "Nobody waited for this answer any more.")
        self.assertEqual(ticket.sla_state, "met")
        with frozen("2026-03-09 08:00:00"):
            self.customer_mails(ticket, "It is down again.")
        question = self.clock(ticket, "next_response")
        self.assertEqual(ticket.state, "open")
        self.assert_clock(
            question,
            "running",
            started_at="2026-03-09 08:00:00",
            consumed_seconds=0,
            deadline="2026-03-09 10:00:00",
        )
        with frozen("2026-03-09 08:05:00"):
            self.agent_replies(ticket)
            self.assert_clock(question, "met", consumed_seconds=300)
            self.assert_clock(thanks, "void")
            self.assert_rebuilds(ticket)

    def test_what_was_broken_when_it_was_settled_by_phone_stays_so_and_is_over(self):
        ticket = self.answered_ticket()
        with frozen("2026-03-02 08:30:00"):
            self.customer_mails(ticket)
        late = self.clock(ticket, "next_response")
        with frozen("2026-03-02 11:00:00"):
            ticket.with_user(self.agent_voice).action_close()
        self.assert_clock(late, "missed", breached_at="2026-03-02 10:30:00",
                          ended_at="2026-03-02 11:00:00")  # fmt: skip
        self.assertFalse(late.void_reason)
        self.env["telecom.sla.clock"]._run_due_batch()
        with frozen("2026-03-09 08:00:00"):
            self.customer_mails(ticket, "It is down again.")
            self.assertEqual(ticket.sla_state, "on_track", "what is over presses nobody")
            counted = {clock["id"] for clock in ticket.sla_countdown["clocks"]}
            self.assertEqual(counted, {*ticket.sla_clock_ids.ids} - {*self.over(ticket).ids})
        self.assert_clock(self.clock(ticket, "next_response"), "running",
                          deadline="2026-03-09 10:00:00")  # fmt: skip
        with frozen("2026-03-09 10:00:00"):
            self.env["telecom.sla.clock"]._run_due_batch()
            told = ticket.sla_alert_ids.filtered(lambda alert: alert.kind == "breach")
            self.assertEqual(told.clock_id, late + self.clock(ticket, "next_response"))
            self.assert_rebuilds(ticket)

    def test_a_ticket_that_ended_before_anybody_answered(self):
        """Its first answer is promised anew to whoever takes it up again."""
        for end in ("action_resolve", "action_close", "action_cancel"):
            with self.subTest(end=end):
                with frozen("2026-03-02 08:00:00"):
                    ticket = self.make_ticket()
                first = self.clock(ticket, "first_response")
                with frozen("2026-03-02 08:50:00"):
                    getattr(ticket.with_user(self.agent_voice), end)()
                self.assert_clock(first, "void", ended_at="2026-03-02 08:50:00")
                with frozen("2026-03-02 12:00:00"):
                    ticket.with_user(self.agent_voice).action_reopen()
                again = self.clock(ticket, "first_response")
                self.assert_clock(again, "running", deadline="2026-03-02 13:00:00")
                self.assertEqual(str(ticket.unanswered_since), "2026-03-02 12:00:00")
                with frozen("2026-03-02 12:30:00"):
                    self.customer_writes(ticket)
                with frozen("2026-03-02 12:59:59"):
                    self.agent_replies(ticket)
                    self.assertEqual(
                        self.questions(ticket),
                        [("first_response", "void"), ("first_response", "met")],
                    )
                    self.assert_rebuilds(ticket)

    def test_answered_when_it_was_over_already(self):
        """What comes after that is another question, not the first."""
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket()
        with frozen("2026-03-02 08:20:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket, body="As I said on the phone: it works again.")
        with frozen("2026-03-03 08:00:00"):
            self.customer_mails(ticket)
            self.assertEqual(
                self.questions(ticket), [("first_response", "void"), ("next_response", "running")]
            )
            self.assert_rebuilds(ticket)

    def test_answered_and_resolved_in_one_go_is_answered(self):
        with frozen("2026-03-02 08:00:00"):
            one, two = self.make_ticket(), self.make_ticket()
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(one)
            one.with_user(self.agent_voice).action_resolve()
            two.with_user(self.agent_voice).action_resolve()
            self.agent_replies(two)
            for ticket in one + two:
                self.assert_clock(self.clock(ticket, "first_response"), "met", ended_at=None)
            self.assert_rebuilds(one + two)

    def test_reopened_without_a_question_no_answer_is_promised(self):
        ticket = self.answered_ticket()
        with frozen("2026-03-02 09:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        with frozen("2026-03-02 10:00:00"):
            ticket.with_user(self.agent_voice).action_reopen()
            self.assertEqual(self.questions(ticket), [("first_response", "met")])
            self.assert_rebuilds(ticket)

    def test_promised_only_when_it_was_taken_up_again(self):
        """The policy comes while the ticket is resolved."""
        self.policy.active = False
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket()
        with frozen("2026-03-02 08:30:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        with frozen("2026-03-02 09:00:00"):
            self.policy.active = True
        with frozen("2026-03-03 08:00:00"):
            self.customer_writes(ticket)
            self.assertEqual(
                self.questions(ticket),
                [("first_response", "void"), ("first_response", "running")],
            )
            self.assert_clock(self.clock(ticket, "first_response"), "running",
                              deadline="2026-03-03 09:00:00")  # fmt: skip
            self.assert_rebuilds(ticket)

    def test_merged_into_one_that_had_ended(self):
        target = self.answered_ticket()
        with frozen("2026-03-02 08:20:00"):
            target.with_user(self.agent_voice).action_resolve()
        with frozen("2026-03-02 09:00:00"):
            source = self.make_ticket()
        with frozen("2026-03-02 12:00:00"):
            source.with_user(self.agent_voice)._merge(target.with_user(self.agent_voice))
            self.assertEqual(target.state, "open")
            self.assert_clock(self.clock(target, "next_response"), "running",
                              deadline="2026-03-02 14:00:00")  # fmt: skip
            self.assert_rebuilds(target + source)

    # A message that is about something else

    def split(self, message):
        wizards = self.env["telecom.ticket.split"].with_user(self.agent_voice)
        action = Form(wizards.with_context(default_message_id=message.id)).save().action_split()
        return self.env["telecom.ticket"].browse(action["res_id"])

    def test_split_off_takes_its_question_along(self):
        ticket = self.answered_ticket()
        with frozen("2026-03-02 09:00:00"):
            message = self.customer_mails(ticket, "By the way: an invoice is missing.")
        question = self.clock(ticket, "next_response")
        with frozen("2026-03-02 10:00:00"):
            new = self.split(message)
            self.assert_clock(question, "void", deadline=None)
            self.assertFalse(ticket.unanswered_since)
            self.assertEqual(str(new.unanswered_since), "2026-03-02 09:00:00")
            self.assert_clock(self.clock(new, "first_response"), "running",
                              deadline="2026-03-02 11:00:00")  # fmt: skip
            self.assert_rebuilds(ticket + new)
        with frozen("2026-03-02 12:00:00"):
            self.customer_mails(ticket, "And the phones?")
            self.assert_clock(self.clock(ticket, "next_response"), "running",
                              deadline="2026-03-02 14:00:00")  # fmt: skip
            self.assert_rebuilds(ticket)

    def test_split_off_leaves_the_other_questions(self):
        ticket = self.answered_ticket()
        with frozen("2026-03-02 09:00:00"):
            first = self.customer_mails(ticket, "By the way: an invoice is missing.")
        with frozen("2026-03-02 09:30:00"):
            self.customer_mails(ticket, "And the phones are dead again.")
        with frozen("2026-03-02 10:00:00"):
            self.split(first)
            self.assert_clock(self.clock(ticket, "next_response"), "running",
                              started_at="2026-03-02 09:30:00",
                              deadline="2026-03-02 11:30:00")  # fmt: skip
            self.assert_rebuilds(ticket)

    def test_split_off_too_late_it_stays_missed(self):
        ticket = self.answered_ticket()
        with frozen("2026-03-02 09:00:00"):
            message = self.customer_mails(ticket, "By the way: an invoice is missing.")
        with frozen("2026-03-02 11:30:00"):
            self.env["telecom.sla.clock"]._run_due_batch()
            self.split(message)
            self.assert_clock(self.clock(ticket, "next_response"), "missed",
                              ended_at="2026-03-02 11:30:00")  # fmt: skip
            self.assertEqual(ticket.sla_state, "on_track", "the resolution is still to come")
            self.assert_rebuilds(ticket)

    def test_the_only_words_of_a_mail_are_split_off_before_anybody_answered(self):
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket(channel="email")
            message = self.customer_writes(ticket, "The phones are dead.")
            phoned = self.make_ticket(channel="phone")
            remark = self.customer_writes(phoned, "And an invoice is missing.")
        with frozen("2026-03-02 08:30:00"):
            self.split(message)
            self.split(remark)
            self.assert_clock(self.clock(ticket, "first_response"), "void")
            self.assert_clock(self.clock(phoned, "first_response"), "running")
            self.assert_rebuilds(ticket + phoned)

    # Tickets that were over when they were made

    def test_imported_as_done_counts_in_no_rate(self):
        fields = ["name", "partner_id/.id", "team_id/.id", "stage_id/.id"]
        rows = [
            [
                state,
                str(self.customer_contact.id),
                str(self.team_voice.id),
                str(self.stage(state).id),
            ]
            for state in ("resolved", "closed", "cancelled")
        ]
        with frozen("2026-03-02 08:00:00"):
            result = self.env["telecom.ticket"].with_user(self.manager).load(fields, rows)
            self.assertFalse(result["messages"])
            tickets = self.env["telecom.ticket"].browse(result["ids"])
            self.env["telecom.sla.policy"]._plan_batch()
        self.env.flush_all()
        counted = [("ticket_id", "in", tickets.ids)]
        self.assertFalse(self.env["telecom.sla.report"].search(counted))
        self.assertEqual(set(tickets.mapped("sla_state")), {"none"})
        resolved = tickets[0]
        with frozen("2026-03-09 08:00:00"):
            self.customer_mails(resolved)
            self.assertEqual(resolved.state, "open")
            self.assert_clock(self.clock(resolved), "running", consumed_seconds=0,
                              deadline="2026-03-09 16:00:00")  # fmt: skip
            self.assert_rebuilds(resolved)
        with frozen("2026-03-09 09:00:00"):
            resolved.with_user(self.agent_voice).action_resolve()
        self.env.flush_all()
        met = self.env["telecom.sla.report"].search([*counted, ("met", "=", 1)])
        self.assertEqual(met.metric, "resolution")

    # Somebody who works here can be a customer, too

    def test_an_employee_who_is_the_customer_does_not_answer_themselves(self):
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket(partner_id=self.manager.partner_id.id)
        with frozen("2026-03-02 08:10:00"):
            self.agent_replies(ticket, user=self.manager, body="It is the line in room 7.")
        self.assertFalse(ticket.first_response_at)
        self.assertEqual(ticket.message_ids[0]._get_telecom_kind(), "customer")
        with frozen("2026-03-02 08:20:00"):
            self.agent_replies(ticket)
            self.set_state(ticket, "waiting_customer")
        self.assert_clock(self.clock(ticket, "first_response"), "met",
                          reached_at="2026-03-02 08:20:00")  # fmt: skip
        with frozen("2026-03-02 08:30:00"):
            self.agent_replies(ticket, user=self.manager, body="Room 7, I said.")
            self.assertEqual(ticket.state, "open")
            self.assert_clock(self.clock(ticket, "next_response"), "running")
            self.assert_rebuilds(ticket)
