from .common import SlaCase, frozen


class TestQueries(SlaCase):
    """What promises add to the daily work, in queries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].with_user(cls.agent_voice)
        cls.stages = {name: cls.stage(name).id for name in ("open", "waiting_customer")}

    def count(self, action, *args):
        """Queries of ``action``, with caches as a new request finds them."""
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action(*args)
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def create(self, number):
        return self.tickets.create(
            [
                {
                    "name": "Dropped calls",
                    "partner_id": self.customer_contact.id,
                    "team_id": self.team_voice.id,
                }
                for _number in range(number)
            ]
        )

    def move(self, ticket, state):
        ticket.with_user(self.agent_voice).write({"stage_id": self.stages[state]})

    def test_create(self):
        with frozen("2026-03-02 09:00:00"):
            self.create(2)
            without = self.count(self.create, 20)
            self.make_policy(calendar_id=self.paris.id)
            self.create(2)
            few = self.count(self.create, 20)
            self.assertLessEqual(few, without + 7)
            # Odoo updates a hundred rows at a time.
            self.assertLessEqual(self.count(self.create, 80), few + 1)

    def test_stage_change(self):
        plain, promised = self.make_plain_and_promised()

        def count(state):
            return [self.count(self.move, ticket, state) for ticket in (plain, promised)]

        count("waiting_customer")  # what is cached for all tickets
        resume, pause = count("open"), count("waiting_customer")
        # Clocks, terms, the update; what is due then, and its trigger.
        self.assertLessEqual(pause[1], pause[0] + 3)
        self.assertLessEqual(resume[1], resume[0] + 4)

    def test_messages(self):
        plain, promised = self.make_plain_and_promised()
        counts = []
        for ticket in (plain, plain, promised):
            self.agent_replies(ticket)
            question = self.count(self.customer_writes, ticket)
            more = self.count(self.customer_writes, ticket)
            answer = self.count(self.agent_replies, ticket)
            another = self.count(self.agent_replies, ticket)
            counts.append((question, more, answer, another))
        _warm, plain, promised = counts
        added = [two - one for one, two in zip(plain, promised, strict=True)]
        for name, queries, most in zip(
            ("question", "one more while nobody answered", "answer", "another answer"),
            added,
            (7, 0, 4, 1),
            strict=True,
        ):
            with self.subTest(name):
                self.assertLessEqual(queries, most)

    def make_plain_and_promised(self):
        """Two tickets that are in progress; nothing is promised for the first."""
        plain = self.make_ticket()
        self.make_policy(calendar_id=self.paris.id)
        promised = self.make_ticket()
        for ticket in (plain, promised):
            self.move(ticket, "open")
        return plain, promised
