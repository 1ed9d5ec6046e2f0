from odoo.exceptions import ValidationError

from .common import HelpdeskCase


class EscalationCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.escalation_team_id = cls.team_internet
        cls.expert = cls.make_user("expert", "telecom_helpdesk.group_agent", name="Eva Expert")
        cls.team_internet.member_ids += cls.expert
        cls.set_level(cls.expert, "2")

    @classmethod
    def set_level(cls, user, level):
        cls.env["telecom.agent"]._ensure_rows(user).support_level = level


class TestLevels(EscalationCase):
    def test_t8_only_agents_of_the_level_take_a_ticket(self):
        ticket = self.make_ticket(support_level="2")
        with self.assertRaises(ValidationError) as error:
            ticket.with_user(self.agent_voice).action_assign_to_me()
        for word in ("Vera Voice", "Level 2", "Level 1", "Mona Manager", "Escalate"):
            self.assertIn(word, str(error.exception))
        self.set_level(self.agent_voice, "2")
        ticket.with_user(self.agent_voice).action_assign_to_me()
        self.assertEqual(ticket.user_id, self.agent_voice)


class TestEscalate(EscalationCase):
    def test_next_level_in_the_team_that_the_team_escalates_to(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        ticket.with_user(self.agent_voice)._escalate(reason="The exchange is dead.")
        self.assertEqual((ticket.support_level, ticket.team_id), ("2", self.team_internet))
        self.assertTrue(ticket.is_escalated)
        self.assertFalse(ticket.user_id)
        self.assertEqual(ticket.collaborator_ids, self.agent_voice)
        self.assertTrue(ticket.with_user(self.agent_voice).has_access("read"))
        note = ticket.message_ids[0]
        self.assertEqual(note.author_id, self.agent_voice.partner_id)
        for words in ("Level 1 → Level 2", "Voice → Internet", "Vera Voice → nobody", "dead"):
            self.assertIn(words, str(note.body))

    def test_hand_back(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        ticket._escalate(user=self.expert, reason="The exchange is dead.")
        self.assertEqual(ticket.user_id, self.expert)
        ticket.with_user(self.expert)._hand_back(user=self.agent_voice, reason="Reset done.")
        self.assertEqual((ticket.support_level, ticket.team_id), ("1", self.team_voice))
        self.assertEqual(ticket.user_id, self.agent_voice)
        self.assertFalse(ticket.is_escalated)

    def test_who_may_take_the_level_keeps_it(self):
        ticket = self.make_ticket(user_id=self.expert.id, team_id=self.team_internet.id)
        ticket._escalate(reason="Needs an engineer.")
        self.assertEqual((ticket.user_id, ticket.support_level), (self.expert, "2"))
        ticket._escalate(reason="Needs the vendor.")
        self.assertEqual((ticket.user_id.ids, ticket.support_level), ([], "3"))
        ticket._escalate(reason="Nobody moves.")
        self.assertEqual(ticket.support_level, "3", "there is no fourth")
