import email
import email.policy
import re

from ..common import MailCase


def base_subject(subject):
    """What is left of ``subject`` for comparison, after RFC 5256, section 2.1."""
    text = " ".join(subject.split())
    while True:
        before = text
        text = re.sub(r"(\s*\(fwd\))+$", "", text, flags=re.IGNORECASE)
        text = re.sub(
            r"^((\[[^\[\]]*\]\s*)*(re|fwd?)\s*(\[[^\[\]]*\]\s*)?:\s*)", "", text, flags=re.I
        )
        without_blob = re.sub(r"^\[[^\[\]]*\]\s*", "", text)
        text = without_blob or text
        if text == before:
            return text


class TestMailPrograms(MailCase):
    """One thread in the customer's mail program, and answers of each come back to the ticket.

    The fixtures in ``clients/`` are answers as these programs write them. The subject and the
    references are filled in from the mail that is answered, the way the program does it.
    """

    first_id = "<CA+known-1@mail.customer.example.com>"
    subject = "No dial tone since this morning"

    def converse(self, client, prefix="Re: ", references=None):
        """The customer writes, is acknowledged, gets an answer, answers, gets another answer.

        :param references: which ones the program keeps of the list in the mail that it answers
        :return: the mails in the customer's mailbox (EmailMessage), oldest first
        """
        first = self.fixture("known_contact")
        ticket = self.receive_ticket(first)
        ticket.name = "Exchange 4: card 2 is dead"  # for the agents
        [acknowledgement] = self.run_scheduler()
        answer = self.reply_to_customer(ticket)
        # A long thread, in which other things happened.
        self.agent_notes(ticket)
        kept = [*answer["References"].split(), answer["Message-Id"]]
        raw = self.answer(
            answer,
            f"clients/{client}",
            Subject=f"{prefix}{answer['Subject']}",
            References=" ".join(references(kept) if references else kept),
        )
        [message] = self.receive(raw)
        self.assertEqual(message.res_id, ticket.id)
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertFalse(message.is_internal)
        self.assertRegex(message.body, "tonalité|dial tone|Wählton")
        last = self.reply_to_customer(ticket)
        parse = {"policy": email.policy.default}
        theirs = [email.message_from_string(text, **parse) for text in (first, raw)]
        return [theirs[0], acknowledgement, answer, theirs[1], last]

    def assert_linked(self, mails):
        """Each answers the one before, and says how the thread began."""
        ids = [mail["Message-ID"].strip() for mail in mails]
        self.assertEqual(ids[0], self.first_id)
        for number, mail in enumerate(mails[1:], start=1):
            self.assertEqual(mail["In-Reply-To"], ids[number - 1])
            # Odoo names the mail itself too, in case a mail server gives it another Message-ID.
            references = list(dict.fromkeys(mail["References"].split()))
            self.assertEqual(references[0], self.first_id)
            self.assertEqual([id_ for id_ in ids if id_ in references], references)
            self.assertIn(ids[number - 1], references)

    def test_thunderbird_links_by_references(self):
        self.assert_linked(self.converse("thunderbird"))

    def test_apple_mail_links_by_references(self):
        mails = self.converse("apple_mail")
        self.assert_linked(mails)
        # And, where references are missing, by the subject.
        self.assertEqual({base_subject(mail["Subject"]) for mail in mails}, {self.subject})

    def test_gmail_links_by_references_and_base_subject(self):
        mails = self.converse("gmail")
        self.assert_linked(mails)
        self.assertEqual({base_subject(mail["Subject"]) for mail in mails}, {self.subject})

    def test_outlook_links_by_thread_topic(self):
        def first_and_last(references):
            return [references[0], references[-1]]

        mails = self.converse("outlook", prefix="AW: ", references=first_and_last)
        self.assert_linked(mails)
        topics = {mail["Thread-Topic"] for mail in mails[1:]}
        self.assertEqual(topics, {self.subject})
        # Its answers have no second prefix and no second number.
        self.assertRegex(mails[-1]["Subject"], rf"^\[\w+\] {self.subject}$")

    def test_topic_with_accents_arrives(self):
        ticket = self.receive_ticket(self.fixture("subject_german"))
        [acknowledgement] = self.run_scheduler()
        self.assertEqual(acknowledgement["Thread-Topic"], ticket.name)
        self.assertIn("Wählton", acknowledgement["Thread-Topic"])

    def test_customers_new_subject_is_kept(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        mail = self.reply_to_customer(ticket)
        self.receive(self.answer(mail, Subject="Now the fax too"))
        mail = self.reply_to_customer(ticket)
        self.assertEqual(mail["Subject"], f"[{ticket.number}] Now the fax too")
        self.assertEqual(mail["Thread-Topic"], "Now the fax too")

    def test_colleague_answers_from_outlook_and_is_proven(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        ticket.message_subscribe(self.agent_voice.partner_id.ids)
        mail = self.reply_to_customer(ticket)
        with self.outbox() as sent:
            self.receive(self.answer(mail))
        [copy] = sent
        references = copy["References"].split()
        # The middle is dropped.
        answer = self.answer(
            copy,
            "clients/outlook",
            From="Vera Voice <agent_voice@operator.example.com>",
            References=f"{references[0]} {copy['Message-Id']}",
        )
        given = email.message_from_string(answer)["References"]
        self.assertTrue(ticket._is_proven_internal(given))
