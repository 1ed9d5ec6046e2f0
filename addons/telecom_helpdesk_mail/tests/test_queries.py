from odoo.addons.telecom_helpdesk.tests.count_queries import CountsQueries

from .common import MailCase


class TestQueries(MailCase):
    """What a mail costs, in queries: the same whatever there is already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.samples = cls.env["telecom.ticket"].concat(*(cls.make_ticket() for _ in range(10)))
        for ticket in cls.samples:
            cls.agent_replies(ticket)
        cls.settle()

    @classmethod
    def settle(cls):
        """The transaction is as after a commit: what it had in mind is done and forgotten."""
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        cls.env.invalidate_all()

    def count(self, raw):
        """Queries that the mail ``raw`` costs up to the commit, and the message it became."""
        self.settle()
        before = self.env.cr.sql_log_count
        self.env["mail.thread"].message_process(False, raw)
        self.env.flush_all()
        self.env.cr.precommit.run()
        queries = self.env.cr.sql_log_count - before
        return queries, self.env["mail.message"].search(
            [("message_type", "=", "email")], order="id desc", limit=1
        )

    @classmethod
    def make_it_500(cls):
        """500 tickets of the same customer, and as many messages on the first one."""
        copies = cls.copy_ticket(cls.samples, 49)
        # Not today's: so many in an hour would be a loop.
        cls.env.cr.execute(
            "UPDATE telecom_ticket SET create_date = '2026-01-01' WHERE id = ANY(%s)", [copies.ids]
        )
        cls.samples[0]._message_log_batch({cls.samples[0].id: "Checked."})
        cls.env.flush_all()
        names = ", ".join(
            name
            for name, field in cls.env["mail.message"]._fields.items()
            if field.store and field.column_type and name not in ("id", "message_id")
        )
        cls.env.cr.execute(
            f"""INSERT INTO mail_message (message_id, {names})
                SELECT '<copy-' || copy || '@example.com>', {names}
                FROM mail_message, generate_series(1, 500) AS copy
                WHERE id = (SELECT max(id) FROM mail_message)"""
        )
        cls.env.cr.execute("ANALYZE telecom_ticket, mail_message")
        cls.settle()

    def opening(self, number):
        return self.fixture("known_contact", Message_ID=f"<new-{number}@customer.example.com>")

    def answer_to(self, ticket, number):
        """Text of the customer's answer to the last that an agent wrote on ``ticket``."""
        parent = ticket.message_ids.filtered(lambda message: not message.subtype_id.internal)[0]
        return self.fixture(
            "answer",
            Message_ID=f"<answer-{number}@customer.example.com>",
            In_Reply_To=parent.message_id,
            References=parent.message_id,
            Subject=f"Re: {ticket.name}",
        )

    def test_mail_to_a_new_ticket(self):
        self.count(self.opening(0))  # access rights, external ids
        few, message = self.count(self.opening(1))
        self.assertTrue(message.res_id > max(self.samples.ids), "a new ticket")
        self.make_it_500()
        self.assertEqual(self.count(self.opening(2))[0], few)
        self.assertLessEqual(few, 46)

    def test_mail_that_answers(self):
        ticket = self.samples[0]
        self.count(self.answer_to(ticket, 0))
        few, message = self.count(self.answer_to(ticket, 1))
        self.assertEqual(message.res_id, ticket.id)
        answer = self.answer_to(ticket, 2)
        self.make_it_500()
        # Odoo reads the last 32 messages of the thread; public ones before these, we read.
        self.assertLessEqual(self.count(answer)[0], few + 1)
        self.assertLessEqual(few, 52, "with a mail to the agent in it")


class TestReplyQueries(CountsQueries, MailCase):
    """What mail adds to an agent's answers, in queries."""

    def test_reply_and_note(self):
        ticket = self.make_ticket()
        self.count(self.agent_replies, ticket)  # the first answer is noted on the ticket
        self.assertWithinBudget("reply", self.count(self.agent_replies, ticket))
        # Here the team has an address, which the core's has not.
        self.assertWithinBudget("note", self.count(self.agent_notes, ticket), more=1)
