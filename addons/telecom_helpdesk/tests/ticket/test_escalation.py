from ast import literal_eval
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import HelpdeskCase, frozen


class EscalationCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.escalation_team_id = cls.team_internet
        cls.team_internet.escalation_team_id = cls.team_voice
        cls.expert = cls.make_user("expert", "telecom_helpdesk.group_agent", name="Eva Expert")
        cls.team_internet.member_ids += cls.expert
        cls.set_level(cls.expert, "2")

    @classmethod
    def set_level(cls, user, level):
        cls.env["telecom.agent"]._ensure_rows(user).support_level = level

    def wizard(self, tickets, user=None, direction="up"):
        """The wizard as the button on the form or the list opens it."""
        name = "telecom_ticket_escalate_action" + ("_back" if direction == "down" else "")
        action = self.env.ref(f"telecom_helpdesk.{name}").sudo()
        context = {
            **literal_eval(action.context),
            "active_model": "telecom.ticket",
            "active_ids": tickets.ids,
        }
        wizards = self.env[action.res_model].with_user(user or self.agent_voice)
        return Form(wizards.with_context(**context))

    def escalate(
        self, tickets, user=None, direction="up", reason="The exchange is dead.", **values
    ):
        with self.wizard(tickets, user, direction) as form:
            for name, value in values.items():
                form[name] = value
            form.reason = reason
        wizard = form.record
        wizard.action_confirm()
        return wizard

    def notified(self, user):
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
            ]
        )


class TestLevels(EscalationCase):
    def test_only_agents_of_the_level_take_a_ticket(self):
        ticket = self.make_ticket(support_level="2")
        with self.assertRaises(ValidationError) as error:
            ticket.with_user(self.agent_voice).action_assign_to_me()
        for word in ("Vera Voice", "Level 2", "Level 1", "Mona Manager", "Escalate"):
            self.assertIn(word, str(error.exception))
        self.set_level(self.agent_voice, "2")
        ticket.with_user(self.agent_voice).action_assign_to_me()
        self.assertEqual(ticket.user_id, self.agent_voice)

    def test_take_on_a_selection_names_what_was_refused(self):
        low, high = self.make_ticket(), self.make_ticket(support_level="2")
        action = (low + high).with_user(self.agent_voice).action_assign_to_me()
        self.assertEqual(low.user_id, self.agent_voice)
        self.assertFalse(high.user_id)
        self.assertIn(high.number, action["params"]["message"])
        self.assertNotIn(low.number, action["params"]["message"])

    def test_the_form_offers_those_who_may(self):
        users = self.env["res.users"].with_user(self.agent_voice)
        people = self.agent_voice + self.agent_internet + self.expert + self.manager
        table = {"1": people, "2": self.expert + self.manager, "3": self.manager}
        for level, expected in table.items():
            with self.subTest(level=level):
                found = users.search([("telecom_support_level", ">=", level)])
                self.assertEqual(found & (people + self.internal_user + self.portal_user), expected)
        self.assertEqual(
            [user.telecom_support_level for user in people + self.internal_user],
            ["1", "1", "2", "3", False],
        )

    def test_nobody_outside_the_helpdesk_takes_a_high_ticket(self):
        ticket = self.make_ticket(support_level="2")
        with self.assertRaises(ValidationError):
            ticket.user_id = self.internal_user

    def test_software_obeys_too(self):
        with self.assertRaises(ValidationError):
            self.env["telecom.ticket"].create(
                {"name": "Alarm", "support_level": "3", "user_id": self.expert.id}
            )

    def test_a_higher_level_needs_an_agent_who_may(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        theirs = ticket.with_user(self.manager)
        with self.assertRaises(ValidationError):
            theirs.support_level = "2"
        theirs.write({"support_level": "2", "user_id": self.manager.id})
        self.assertEqual(ticket.user_id, self.manager)

    def test_the_form_asks_for_a_reason_to_change_the_level(self):
        ticket = self.make_ticket()
        form = Form(ticket.with_user(self.agent_voice))
        with self.assertRaises(AssertionError):  # read only: Escalate and Hand Back do it
            form.support_level = "2"
        form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
        form.name, form.support_level = "A fault for the engineers", "2"
        self.assertEqual(form.save().support_level, "2")


class TestAgentRows(EscalationCase):
    def test_the_manager_sets_levels_skills_and_availability(self):
        agent = self.env["telecom.agent"].search([("user_id", "=", self.agent_voice.id)])
        category = self.env["telecom.ticket.category"].search([], limit=1)
        with Form(agent.with_user(self.manager)) as form:
            form.support_level = "3"
            form.is_available = False
            form.skill_ids.add(category)
        self.assertEqual(self.agent_voice.telecom_support_level, "3")
        self.assertIn(self.agent_voice, category.skill_user_ids, "the same, from the other side")
        with Form(category.with_user(self.manager)) as form:
            form.skill_user_ids.remove(self.agent_voice.id)
        self.assertFalse(agent.skill_ids)

    def test_every_agent_is_in_the_list(self):
        lonely = self.make_user("lonely", "telecom_helpdesk.group_agent")
        action = self.env["telecom.agent"].with_user(self.manager).action_open_agents()
        found = self.env["telecom.agent"].search(literal_eval(action["domain"]))
        self.assertIn(lonely, found.user_id)
        self.assertIn(self.expert, found.user_id)
        self.assertNotIn(self.internal_user, found.user_id)

    def test_open_tickets_of_many_agents_in_one_query(self):
        self.make_ticket(user_id=self.agent_voice.id)
        self.make_ticket(user_id=self.agent_voice.id, stage_id=self.stage("resolved").id)
        agents = self.env["telecom.agent"].with_user(self.manager).search([])
        agents.mapped("user_id.name")
        agents.mapped("open_ticket_count")  # the manager's record rules
        agents.invalidate_recordset(["open_ticket_count"])
        with self.assertQueryCount(2):
            counts = {agent.user_id: agent.open_ticket_count for agent in agents}
        self.assertEqual(counts[self.agent_voice], 1)

    def test_agents_change_their_own_availability_and_nothing_else(self):
        agents = self.env["telecom.agent"]
        agent = agents.search([("user_id", "=", self.agent_voice.id)])
        for user in (self.agent_voice, self.agent_internet, self.internal_user, self.portal_user):
            for vals in ({"is_available": False}, {"support_level": "3"}, {"skill_ids": []}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    agent.with_user(user).write(vals)
        agents.with_user(self.agent_voice).set_my_availability(False)
        self.assertFalse(agent.is_available)
        self.assertTrue(agents.with_user(self.agent_internet).get_my_availability())

    def test_nobody_else_has_an_availability(self):
        agents = self.env["telecom.agent"]
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                agents.with_user(user).set_my_availability(False)
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                agents.with_user(user).search([])

    def test_one_row_each(self):
        agents = self.env["telecom.agent"]
        agents._ensure_rows(self.agent_voice + self.expert)
        agents._ensure_rows(self.agent_voice + self.expert)
        self.assertEqual(agents.search_count([("user_id", "=", self.expert.id)]), 1)


class TestEscalate(EscalationCase):
    def test_escalated_by_wizard_with_a_reason(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        form = self.wizard(ticket)
        self.assertEqual((form.support_level, form.team_id), ("2", self.team_internet), "proposed")
        with frozen("2026-03-02 09:00:00"):
            self.escalate(ticket)
        self.assertEqual((ticket.support_level, ticket.team_id), ("2", self.team_internet))
        self.assertTrue(ticket.is_escalated)
        self.assertEqual(str(ticket.escalated_at), "2026-03-02 09:00:00")
        self.assertEqual(ticket.escalated_by_id, self.agent_voice)
        self.assertEqual(ticket.escalation_reason, "The exchange is dead.")
        self.assertFalse(ticket.user_id)

    def test_the_thread_says_who_from_where_to_where_and_why(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        before = ticket.message_ids
        self.escalate(ticket)
        self.env.cr.flush()
        [note] = (ticket.message_ids - before).filtered(lambda m: m.message_type == "notification")
        self.assertEqual(note.author_id, self.agent_voice.partner_id)
        self.assertTrue(note.subtype_id.internal)
        for words in ("Level 1 → Level 2", "Voice → Internet", "Vera Voice → nobody", "dead"):
            self.assertIn(words, str(note.body))

    def test_who_knew_the_ticket_goes_on_seeing_it(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        self.escalate(ticket, user=self.manager)
        self.assertEqual(ticket.collaborator_ids, self.agent_voice)
        self.assertTrue(ticket.with_user(self.agent_voice).has_access("read"))
        other = self.make_ticket()
        self.escalate(other, user=self.agent_voice)
        self.assertTrue(other.with_user(self.agent_voice).has_access("read"))

    def test_leaders_are_told_once(self):
        self.team_internet.leader_id = self.expert
        tickets = self.make_ticket() + self.make_ticket() + self.make_ticket()
        self.escalate(tickets)
        for user in (self.manager, self.expert):
            with self.subTest(user=user.login):
                [told] = self.notified(user)
                for ticket in tickets:
                    self.assertIn(ticket.number, str(told.body))
                self.assertIn("The exchange is dead.", str(told.body))
        self.assertFalse(self.notified(self.agent_voice))

    def test_a_named_agent_is_told_by_odoo(self):
        self.team_internet.leader_id = self.agent_internet
        ticket = self.make_ticket()
        with patch.object(self.registry, "ready", True):
            self.escalate(ticket, user_id=self.expert)
        self.assertEqual(ticket.user_id, self.expert)
        [told] = self.notified(self.expert)
        self.assertIn("assigned", str(told.body))
        self.assertFalse(self.notified(self.agent_internet))

    def test_handed_back_to_whoever_escalated(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        self.escalate(ticket, user_id=self.expert)
        form = self.wizard(ticket, self.expert, "down")
        self.assertEqual(
            (form.support_level, form.team_id, form.user_id),
            ("1", self.team_voice, self.agent_voice),
        )
        self.escalate(ticket, self.expert, "down", reason="Reset the line card, see the note.")
        self.assertEqual((ticket.support_level, ticket.team_id), ("1", self.team_voice))
        self.assertEqual(ticket.user_id, self.agent_voice)
        self.assertFalse(ticket.is_escalated)
        self.assertFalse(ticket.escalation_reason)
        self.assertIn(
            "De-escalated", str(ticket.message_ids[0].body) + str(ticket.message_ids[1].body)
        )
        self.assertTrue(ticket.with_user(self.expert).has_access("read"))

    def test_who_may_take_the_level_keeps_it(self):
        ticket = self.make_ticket(user_id=self.expert.id, team_id=self.team_internet.id)
        self.team_internet.escalation_team_id = False
        self.escalate(ticket, self.expert)
        self.assertEqual((ticket.user_id, ticket.support_level), (self.expert, "2"))
        self.escalate(ticket, self.expert)
        self.assertEqual((ticket.user_id.ids, ticket.support_level), ([], "3"))
        self.escalate(ticket, self.manager)
        self.assertEqual(ticket.support_level, "3", "there is no fourth")

    def test_an_agent_who_may_not_is_refused(self):
        ticket = self.make_ticket()
        with self.assertRaises(ValidationError):
            ticket.with_user(self.agent_voice)._escalate(
                level="3", user=self.expert, reason="Hopeless."
            )

    def test_a_selection_each_its_own_path(self):
        voice = self.make_ticket()
        internet = self.make_ticket(team_id=self.team_internet.id, support_level="2")
        nowhere = self.make_ticket(team_id=False)
        self.escalate(voice + internet + nowhere, self.manager)
        tickets = voice + internet + nowhere
        self.assertEqual(tickets.mapped("support_level"), ["2", "3", "2"])
        self.assertEqual([ticket.team_id.name for ticket in tickets], ["Internet", "Voice", False])
        self.assertTrue(all(tickets.mapped("is_escalated")))

    def test_what_cannot_be_escalated_is_named(self):
        opened, done, foreign = (
            self.make_ticket(),
            self.make_ticket(),
            self.make_ticket(team_id=self.team_internet.id),
        )
        done.action_resolve()
        form = self.wizard(opened + done + foreign)
        self.assertIn(done.number, form.refused)
        self.assertNotIn(foreign.number, form.refused, "it is not theirs to see")
        self.escalate(opened + done + foreign)
        self.assertEqual((opened + done + foreign).mapped("is_escalated"), [True, False, False])

    def test_nothing_left_to_escalate(self):
        done = self.make_ticket()
        done.action_resolve()
        with self.assertRaises(UserError) as error:
            self.escalate(done)
        self.assertIn(done.number, str(error.exception))

    def test_only_what_went_up_comes_back(self):
        ticket = self.make_ticket()
        with self.assertRaises(UserError):
            self.escalate(ticket, direction="down")

    def test_a_reason_is_asked_for(self):
        with self.assertRaises(AssertionError), self.wizard(self.make_ticket()) as form:
            form.support_level = "2"
        with self.assertRaises(UserError):
            self.escalate(self.make_ticket(), reason="  ")

    def test_customers_and_others_cannot_escalate(self):
        ticket = self.make_ticket()
        wizards = self.env["telecom.ticket.escalate"]
        for user in (self.portal_user, self.internal_user, self.public_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizards.with_user(user).create(
                    {"ticket_ids": ticket.ids, "reason": "I am angry."}
                ).action_confirm()
        self.assertFalse(ticket.is_escalated)

    def test_a_rule_escalates_in_nobodys_name(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        ticket.sudo()._escalate(reason="Unanswered for 2 hours")
        self.assertTrue(ticket.is_escalated)
        self.assertFalse(ticket.escalated_by_id)
        self.assertEqual(ticket.escalation_reason, "Unanswered for 2 hours")

    def test_step_by_step_from_team_to_team(self):
        ticket = self.make_ticket()
        path = []
        for _step in range(3):
            ticket.sudo()._escalate(reason="Still open")
            path.append((ticket.support_level, ticket.team_id.name))
        self.assertEqual(path, [("2", "Internet"), ("3", "Voice"), ("3", "Internet")])

    def test_a_team_does_not_escalate_to_itself(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.team_voice.escalation_team_id = self.team_voice
            self.env.flush_all()

    def test_an_archived_team_gets_nothing(self):
        self.team_internet._archive_for(self.team_voice)
        ticket = self.make_ticket()
        self.escalate(ticket)
        self.assertEqual((ticket.team_id, ticket.support_level), (self.team_voice, "2"))

    def test_queries_of_many(self):
        def count(number):
            tickets = self.env["telecom.ticket"].union(
                *(self.make_ticket() for _n in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.sudo()._escalate(reason="All of them")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertLessEqual((count(21) - count(1)) / 20, 3)
