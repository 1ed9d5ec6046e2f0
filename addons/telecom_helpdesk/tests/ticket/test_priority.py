from odoo.exceptions import AccessError
from odoo.tests import Form

from ..common import HelpdeskCase

LOW, NORMAL, HIGH, CRITICAL = "0", "1", "2", "3"


class PriorityCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].with_user(cls.agent_voice)
        cls.urgent_category = cls.env["telecom.ticket.category"].create(
            {"name": "Outage", "default_priority": HIGH}
        )
        cls.premium = cls.env.ref("telecom_helpdesk.tier_premium")
        cls.premium.minimum_priority = HIGH

    def form(self, ticket=None):
        """The agent's form, of ``ticket`` or of a new one."""
        form = Form((ticket or self.tickets).with_user(self.agent_voice))
        if not ticket:
            form.name = "No dial tone"
            form.team_id = self.team_voice
        return form


class TestProposedPriority(PriorityCase):
    def test_impact_and_urgency_propose_a_priority(self):
        expected = {
            ("low", "low"): LOW,
            ("low", "medium"): NORMAL,
            ("low", "high"): HIGH,
            ("medium", "low"): NORMAL,
            ("medium", "medium"): NORMAL,
            ("medium", "high"): HIGH,
            ("high", "low"): NORMAL,
            ("high", "medium"): HIGH,
            ("high", "high"): CRITICAL,
        }
        for (impact, urgency), priority in expected.items():
            with self.subTest(impact=impact, urgency=urgency):
                form = self.form()
                form.impact, form.urgency = impact, urgency
                self.assertEqual(form.priority, priority, "shown before it is saved")
                ticket = form.save()
                self.assertEqual(ticket.priority, priority)
                self.assertFalse(ticket.priority_by_hand)

    def test_one_of_the_two_proposes_nothing(self):
        ticket = self.make_ticket(impact="high")
        self.assertEqual(ticket.priority, NORMAL)

    def test_the_manager_edits_the_matrix(self):
        row = self.env.ref("telecom_helpdesk.priority_matrix_low").with_user(self.manager)
        with Form(row) as form:
            form.priority_low = CRITICAL
        ticket = self.make_ticket(impact="low", urgency="low")
        self.assertEqual(ticket.priority, CRITICAL)

    def test_only_managers_edit_the_matrix(self):
        row = self.env.ref("telecom_helpdesk.priority_matrix_low")
        for user in (self.agent_voice, self.internal_user, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                row.with_user(user).priority_low = CRITICAL
        for user in (self.manager, self.agent_voice):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_the_agent_may_differ(self):
        form = self.form()
        form.impact = form.urgency = "high"
        form.priority = LOW
        ticket = form.save()
        self.assertEqual((ticket.priority, ticket.proposed_priority), (LOW, CRITICAL))
        self.assertTrue(ticket.priority_by_hand)

    def test_what_the_agent_chose_stays_before_saving_too(self):
        form = self.form()
        form.priority = LOW
        form.category_id = self.urgent_category
        form.impact = form.urgency = "high"
        self.assertEqual(form.priority, LOW)
        self.assertEqual(form.save().priority, LOW)

    def test_use_it_gives_the_priority_back(self):
        ticket = self.make_ticket(as_user=self.agent_voice, priority=CRITICAL)
        with self.form(ticket) as form:
            form.impact, form.urgency = "low", "high"
        self.assertEqual((ticket.priority, ticket.proposed_priority), (CRITICAL, HIGH))
        ticket.with_user(self.agent_voice).action_use_proposed_priority()
        self.assertEqual(ticket.priority, HIGH)
        with self.form(ticket) as form:
            form.urgency = "low"
        self.assertEqual(ticket.priority, LOW, "it follows again")

    def test_a_form_sends_the_priority_that_it_worked_out(self):
        ticket = self.make_ticket(as_user=self.agent_voice)
        with self.form(ticket) as form:
            form.category_id = self.urgent_category
        self.assertEqual(ticket.priority, HIGH)
        self.assertFalse(ticket.priority_by_hand, "nobody chose it")
        ticket.with_user(self.agent_voice).write(
            {"category_id": False, "impact": "high", "urgency": "high", "priority": CRITICAL}
        )
        self.assertFalse(ticket.priority_by_hand)

    def test_normal_chosen_over_high_is_a_choice(self):
        ticket = self.make_ticket(as_user=self.agent_voice, priority=HIGH)
        ticket.with_user(self.agent_voice).priority = NORMAL
        self.assertTrue(ticket.priority_by_hand)
        self.assertFalse(ticket._raise_priority(CRITICAL))

    def test_use_it_needs_the_right_to_write(self):
        ticket = self.make_ticket(priority=CRITICAL)
        for user in (self.agent_internet, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                ticket.with_user(user).action_use_proposed_priority()
        self.assertEqual(ticket.priority, CRITICAL)


class TestMinimumPriority(PriorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.telecom_tier_id = cls.premium

    def test_a_ticket_never_starts_below_the_tier(self):
        for given in ({}, {"priority": LOW}, {"impact": "low", "urgency": "low"}):
            with self.subTest(given=given):
                ticket = self.make_ticket(as_user=self.agent_voice, **given)
                self.assertEqual(ticket.priority, HIGH)
                self.assertFalse(ticket.priority_by_hand)

    def test_more_than_the_tier_asks_for_stays(self):
        ticket = self.make_ticket(impact="high", urgency="high")
        self.assertEqual(ticket.priority, CRITICAL)

    def test_a_mail_starts_at_the_tiers_minimum(self):
        [contact] = self.customer_contact
        mail = (
            f"From: {contact.email_formatted}\nTo: support@operator.example.com\n"
            "Subject: Trouble\nMessage-ID: <p2@customer.example.com>\n\nNo tone."
        )
        id_ = self.env["mail.thread"].message_process("telecom.ticket", mail)
        self.assertEqual(self.env["telecom.ticket"].browse(id_).priority, HIGH)

    def test_afterwards_an_agent_may_go_lower(self):
        ticket = self.make_ticket()
        with self.form(ticket) as form:
            form.priority = LOW
        self.assertEqual((ticket.priority, ticket.proposed_priority), (LOW, HIGH))

    def test_another_tier_carries_open_tickets_along(self):
        gold = self.env["telecom.tier"].create({"name": "Gold", "minimum_priority": CRITICAL})
        opened, done, chosen = (self.make_ticket() for _number in range(3))
        done.action_resolve()
        chosen.with_user(self.agent_voice).priority = NORMAL
        with Form(self.customer.with_user(self.manager)) as form:
            form.telecom_tier_id = gold
        tickets = opened + done + chosen
        self.assertEqual(tickets.mapped("priority"), [CRITICAL, HIGH, NORMAL])

    def test_another_minimum_counts_from_the_next_ticket_on(self):
        before = self.make_ticket()
        self.premium.with_user(self.manager).minimum_priority = CRITICAL
        self.assertEqual((before + self.make_ticket()).mapped("priority"), [HIGH, CRITICAL])


class TestRaisedPriority(PriorityCase):
    def do(self, ticket, step):
        """One step of a story: a rule raises, a person writes or presses "Use it"."""
        if isinstance(step, dict):
            ticket.with_user(self.agent_voice).write(step)
        elif step == "use it":
            ticket.with_user(self.agent_voice).action_use_proposed_priority()
        else:
            ticket.sudo()._raise_priority(step)

    def test_rules_only_raise(self):
        low = {"impact": "low", "urgency": "low"}
        high = {"impact": "high", "urgency": "high"}
        table = [
            # What happens, in order; the priority after each.
            ([HIGH], [HIGH]),
            ([LOW], [NORMAL]),
            ([CRITICAL, HIGH], [CRITICAL, CRITICAL]),
            ([HIGH, low], [HIGH, HIGH]),
            ([HIGH, high, low], [HIGH, CRITICAL, HIGH]),
            ([high, HIGH, low], [CRITICAL, CRITICAL, LOW]),
            ([{"priority": LOW}, HIGH], [LOW, LOW]),
            ([HIGH, {"priority": LOW}, CRITICAL], [HIGH, LOW, LOW]),
            ([{"priority": LOW}, "use it", HIGH], [LOW, NORMAL, HIGH]),
            ([HIGH, {"priority": LOW}, "use it"], [HIGH, LOW, HIGH]),
            ([{"priority": CRITICAL}, low], [CRITICAL, CRITICAL]),
        ]
        for steps, priorities in table:
            with self.subTest(steps=steps):
                ticket = self.make_ticket(as_user=self.agent_voice)
                found = []
                for step in steps:
                    self.do(ticket, step)
                    found.append(ticket.priority)
                self.assertEqual(found, priorities)

    def test_raising_says_which_tickets_changed(self):
        low, high = self.make_ticket(), self.make_ticket(priority=CRITICAL)
        self.assertEqual((low + high)._raise_priority(HIGH), low)

    def test_rules_say_it_themselves(self):
        ticket = self.make_ticket()
        ticket.with_context(mail_notrack=True)._raise_priority(CRITICAL)
        self.env.cr.flush()
        self.assertFalse(ticket.message_ids.tracking_value_ids)

    def test_software_that_creates_asks_for_its_priority(self):
        ticket = self.env["telecom.ticket"].create({"name": "Alarm", "priority": CRITICAL})
        self.assertFalse(ticket.priority_by_hand)
        ticket.with_user(self.manager).write({"impact": "low", "urgency": "low"})
        self.assertEqual(ticket.priority, CRITICAL)
