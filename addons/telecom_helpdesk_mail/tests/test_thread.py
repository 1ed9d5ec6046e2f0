from odoo.addons.telecom_helpdesk.tests.common import frozen

from .common import MailCase


class TestAnswersByMail(MailCase):
    """M2: later answers in the thread land on the ticket, and do what answers do."""

    def setUp(self):
        super().setUp()
        with frozen("2026-03-02 09:00:00"):
            self.ticket = self.receive_ticket(self.fixture("known_contact"))
            self.mail = self.reply_to_customer(self.ticket)

    def receive_answer(self, **headers):
        return self.receive(self.answer(self.mail, **headers))

    def test_m2_answer_lands_on_the_ticket(self):
        message = self.receive_answer()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertIn("It still does not work.", message.body)
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))

    def test_m2_answer_with_references_alone_or_in_reply_to_alone(self):
        for number, dropped in enumerate(("In_Reply_To", "References")):
            with self.subTest(dropped=dropped):
                message = self.receive_answer(
                    **{dropped: "", "Message_ID": f"<{number}@customer.example.com>"}
                )
                self.assertEqual(message.res_id, self.ticket.id)

    def test_m2_answer_to_ones_own_first_mail_lands_on_the_ticket(self):
        message = self.receive(
            self.fixture("answer", In_Reply_To="<CA+known-1@mail.customer.example.com>")
        )
        self.assertEqual(message.res_id, self.ticket.id)

    def test_m2_answer_opens_a_waiting_ticket(self):
        self.ticket._set_state("waiting_customer")
        self.receive_answer()
        self.assertEqual((self.ticket.state, self.ticket.reopen_count), ("open", 0))

    def test_m2_answer_reopens_a_resolved_ticket(self):
        self.ticket.action_resolve()
        self.receive_answer()
        self.assertEqual((self.ticket.state, self.ticket.reopen_count), ("open", 1))

    def test_m2_answer_of_an_unknown_sender_opens_their_waiting_ticket(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        mail = self.reply_to_customer(ticket)
        ticket._set_state("waiting_customer")
        message = self.receive(self.answer(mail, From="Nora <n.nobody@elsewhere.example.org>"))
        self.assertEqual(message.res_id, ticket.id)
        self.assertEqual(ticket.state, "open")
        self.assertFalse(ticket.partner_id)

    def test_m2_copied_people_of_an_answer_are_kept(self):
        self.receive_answer(Cc="Boss <boss@customer.example.com>, internet@operator.example.com")
        self.assertEqual(self.ticket.email_cc, '"Boss" <boss@customer.example.com>')

    def test_m2_late_answer_opens_a_follow_up_and_the_thread_goes_on_there(self):
        with frozen("2026-03-03 09:00:00"):
            self.ticket.action_close()
        with frozen("2026-04-20 09:00:00"):
            message = self.receive_answer(Cc="Boss <boss@customer.example.com>")
        follow_up = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(follow_up.follow_up_of_id, self.ticket)
        self.assertEqual(self.ticket.state, "closed")
        self.assertEqual(follow_up.name, "No dial tone since this morning")
        self.assertEqual((follow_up.state, follow_up.channel), ("new", "email"))
        self.assertEqual(follow_up.partner_id, self.customer_contact)
        self.assertEqual(follow_up.email_cc, '"Boss" <boss@customer.example.com>')
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertTrue(follow_up.last_customer_message_at)
        # The agent's answer is in the customer's thread, and theirs lands on the follow-up.
        mail = self.reply_to_customer(follow_up)
        self.assertEqual(mail["In-Reply-To"], message.message_id)
        self.assertIn(message.message_id, mail["References"])
        self.assertTrue(mail["Subject"].startswith(f"[{follow_up.number}] "))
        self.assertNotIn(self.ticket.number, mail["Subject"])
        answer = self.receive(self.answer(mail, Message_ID="<later@customer.example.com>"))
        self.assertEqual(answer.res_id, follow_up.id)

    def test_m2_second_answer_to_the_old_thread_lands_on_the_same_follow_up(self):
        with frozen("2026-03-03 09:00:00"):
            self.ticket.action_close()
        with frozen("2026-04-20 09:00:00"):
            first = self.receive_answer()
            second = self.receive_answer(Message_ID="<second@customer.example.com>")
        self.assertNotEqual(first.res_id, self.ticket.id)
        self.assertEqual(first.res_id, second.res_id)

    def test_m2_answer_to_a_note_is_public(self):
        note = self.agent_notes(self.ticket)
        message = self.receive(
            self.fixture("answer", In_Reply_To=note.message_id, References=note.message_id)
        )
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(message.is_internal)

    def test_agents_answer_to_a_note_by_mail_is_a_note(self):
        note = self.agent_notes(self.ticket, user=self.manager)
        with self.outbox() as sent:
            message = self.receive(self.fixture("agent_answers", In_Reply_To=note.message_id))
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse([mail for mail in sent if "customer.example.com" in mail["To"]])


class TestAutomaticMail(MailCase):
    """M4: robots do no harm."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.ticket.message_subscribe(self.portal_colleague.partner_id.ids)
        [self.mail, _copy] = self.reply(self.ticket)

    def receive_out_of_office(self):
        with self.outbox() as sent:
            message = self.receive(self.answer(self.mail, "out_of_office"))
        return message, sent

    def test_m4_out_of_office_is_kept_and_is_no_answer(self):
        with frozen("2026-03-02 09:00:00"):
            self.ticket._set_state("waiting_customer")
            written = self.ticket.last_customer_message_at
            message, sent = self.receive_out_of_office()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertIn("I am away", message.body)
        self.assertEqual(self.ticket.state, "waiting_customer")
        self.assertEqual(self.ticket.last_customer_message_at, written)
        self.assertFalse(sent)

    def test_m4_out_of_office_of_a_closed_ticket_opens_nothing(self):
        self.ticket.action_cancel()
        message, _sent = self.receive_out_of_office()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertEqual(self.ticket.state, "cancelled")

    def test_m5_automatic_mail_to_the_address_is_a_ticket_that_nobody_wrote(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender", Precedence="bulk"))
        self.assertFalse(ticket.last_customer_message_at)
        self.assertEqual(ticket.message_ids[-1].subtype_id, self.env.ref("mail.mt_comment"))
