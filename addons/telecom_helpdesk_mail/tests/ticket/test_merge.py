from ..common import MailCase


class TestMailToMerged(MailCase):
    """Mail to a merged ticket lands on its target, whatever leads it there."""

    def setUp(self):
        super().setUp()
        self.first, self.second, self.third = (
            self.receive_ticket(
                self.fixture("known_contact", Message_ID=f"<{n}@mail.customer.example.com>")
            )
            for n in range(3)
        )
        self.mail = self.reply_to_customer(self.first)

    def merge(self, source, target):
        source.with_user(self.agent_voice)._merge(target.with_user(self.agent_voice))

    def test_an_answer_by_its_headers(self):
        self.merge(self.first, self.second)
        message = self.receive(self.answer(self.mail))
        self.assertEqual(message.res_id, self.second.id)

    def test_an_answer_to_the_customers_own_first_mail(self):
        self.merge(self.first, self.second)
        message = self.receive(self.fixture("answer", In_Reply_To="<0@mail.customer.example.com>"))
        self.assertEqual(message.res_id, self.second.id)

    def test_by_the_number_in_the_subject_alone(self):
        self.merge(self.first, self.second)
        message = self.receive(self.fixture("answer", Subject=f"Re: [{self.first.number}] Dead"))
        self.assertEqual(message.res_id, self.second.id)

    def test_a_chain_is_followed_to_its_end(self):
        self.merge(self.first, self.second)
        self.merge(self.second, self.third)
        for number, raw in enumerate(
            (
                self.answer(self.mail),
                self.fixture("answer", Subject=f"Re: [{self.first.number}] Dead"),
                self.fixture("answer", Subject=f"Re: [{self.second.number}] Dead"),
            )
        ):
            raw = raw.replace("Message-ID: <", f"Message-ID: <{number}.")
            self.assertEqual(self.receive(raw).res_id, self.third.id)

    def test_a_contact_who_followed_the_merged_one_belongs_on_the_target(self):
        friend = self.make_partner("Fay Friend")
        self.first.message_subscribe(friend.ids)
        self.merge(self.first, self.second)
        message = self.receive(
            self.fixture(
                "answer", From=friend.email_formatted, Subject=f"Re: [{self.first.number}] Dead"
            )
        )
        self.assertEqual(message.res_id, self.second.id)

    def test_a_stranger_who_knows_the_number_does_not(self):
        self.merge(self.first, self.second)
        ticket = self.receive_ticket(
            self.fixture("unknown_sender", Subject=f"Re: [{self.first.number}] Dead")
        )
        self.assertNotIn(ticket, self.first + self.second)

    def test_a_colleagues_answer_to_a_mail_about_the_merged_one_is_proven(self):
        proof = self.first._get_internal_reference()
        self.merge(self.first, self.second)
        self.merge(self.second, self.third)
        self.assertTrue(self.third._is_proven_internal(proof))
        self.assertFalse(self.second._is_proven_internal(self.third._get_internal_reference()))

    def test_the_next_answer_of_ours_continues_the_customers_thread(self):
        self.merge(self.first, self.second)
        self.receive(self.answer(self.mail))
        mail = self.reply_to_customer(self.second)
        self.assertIn(self.mail["Message-Id"], mail["References"])
        self.assertIn(f"[{self.second.number}]", mail["Subject"])
        self.assertNotIn(self.first.number, mail["Subject"])


class TestMailToSplit(MailCase):
    """Later mails that answer a message split off land on the new ticket."""

    def test_mail_answers_arrive_on_the_new_ticket(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        aside = self.receive(self.answer(self.reply_to_customer(ticket)))
        new = ticket.with_user(self.agent_voice)._split(aside.with_user(self.agent_voice))
        mail = self.reply_to_customer(new)
        self.assertIn(f"[{new.number}]", mail["Subject"])
        answer = self.receive(self.answer(mail, Message_ID="<later@mail.customer.example.com>"))
        self.assertEqual(answer.res_id, new.id)
        # The customer answers their own mail, which knows the old thread by its references.
        again = self.receive(
            self.fixture(
                "answer",
                Message_ID="<again@mail.customer.example.com>",
                In_Reply_To=aside.message_id,
                References=f"<CA+known-1@mail.customer.example.com> {aside.message_id}",
            )
        )
        self.assertEqual(again.res_id, new.id)
        self.assertTrue(self.reply_to_customer(ticket), "the old thread goes on")


class TestMacroByMail(MailCase):
    """A macro's answer goes to the customer by mail, in the thread."""

    def test_by_mail_in_the_thread(self):
        macro = self.env["telecom.ticket.macro"].create(
            {"name": "M", "body": "<p>All is well.</p>", "review": False}
        )
        ticket = self.receive_ticket(self.fixture("known_contact"))
        with self.outbox() as sent:
            ticket.with_user(self.agent_voice).action_apply_macro(macro.id)
        [mail] = [mail for mail in sent if "@operator." not in mail["X-Envelope-To"]]
        self.assertIn("All is well.", mail.as_string())
        self.assertIn("CA+known-1@mail.customer.example.com", mail["References"])
        self.assertIn("support@operator.example.com", mail["From"])
