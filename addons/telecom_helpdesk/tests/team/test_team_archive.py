from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from ..common import HelpdeskCase


class TestTeamIsArchived(HelpdeskCase):
    """The fax team is archived; Internet takes over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fax = cls.make_team("Fax", cls.agent_voice, leader_id=cls.manager.id)
        cls.team_internet.member_ids += cls.agent_internet
        cls.category = cls.env["telecom.ticket.category"].create(
            {"name": "Fax", "default_team_id": cls.fax.id}
        )

    def archive(self, team=None, successor=None, user=None):
        """*Archive* in the menu of the team's form, and the dialog that it opens."""
        team = (team or self.fax).with_user(user or self.manager)
        action = team.action_archive()
        if not action:
            return
        form = Form(
            self.env[action["res_model"]].with_user(team.env.user).with_context(**action["context"])
        )
        form.successor_id = successor or self.team_internet
        form.save().action_archive()

    def test_unused_it_is_archived_at_once(self):
        self.category.default_team_id = False
        self.assertFalse(self.fax.with_user(self.manager).action_archive())
        self.assertFalse(self.fax.active)

    def test_a_direct_call_is_refused_with_what_still_leads_there(self):
        self.make_ticket(team_id=self.fax.id)
        with self.assertRaises(UserError) as caught:
            self.fax.with_user(self.manager).write({"active": False})
        self.assertIn("Ticket: 1", caught.exception.args[0])
        self.assertIn("Ticket Category: 1", caught.exception.args[0])
        self.assertTrue(self.fax.active)

    def test_everything_that_leads_there_leads_to_the_other(self):
        mine = self.make_ticket(team_id=self.fax.id, user_id=self.agent_voice.id)
        shared = self.make_ticket(team_id=self.fax.id)
        done = self.make_ticket(team_id=self.fax.id)
        done.action_resolve()
        self.team_internet.escalation_team_id = self.fax
        self.team_voice.escalation_team_id = self.fax
        rule = self.env["telecom.ticket.rule"].create(
            {"name": "Faxes", "keywords": "fax", "set_team_id": self.fax.id}
        )
        macro = self.env["telecom.ticket.macro"].create(
            {"name": "Faxes", "team_ids": [Command.set(self.fax.ids)]}
        )
        self.archive()
        self.assertFalse(self.fax.active)
        self.assertEqual((mine + shared).team_id, self.team_internet)
        self.assertFalse((mine + shared).user_id, "who had it is not in that team")
        self.assertEqual(mine.collaborator_ids, self.agent_voice)
        self.assertEqual(done.team_id, self.fax, "history stays")
        self.assertEqual(self.category.default_team_id, self.team_internet)
        self.assertEqual(rule.set_team_id, self.team_internet)
        self.assertEqual(macro.team_ids, self.team_internet)
        self.assertEqual(self.team_voice.escalation_team_id, self.team_internet)
        self.assertFalse(self.team_internet.escalation_team_id, "no team escalates to itself")

    def test_what_may_take_over(self):
        company = self.env["res.company"].create({"name": "Belgium"})
        foreign = self.make_team("Belgium", self.env["res.users"], company_id=company.id)
        dialogs = self.env["telecom.ticket.team.archive"].with_user(self.manager)
        for successor in (self.fax, foreign):
            with self.subTest(successor.name), self.assertRaises(UserError):
                dialogs.create(
                    {
                        "team_ids": [Command.set(self.fax.ids)],
                        "successor_id": successor.id,
                    }
                ).action_archive()
        self.assertTrue(self.fax.active)

    def test_who_reopens_a_ticket_of_it(self):
        done = self.make_ticket(team_id=self.fax.id)
        done.action_resolve()
        self.archive()
        self.customer_writes(done)
        self.assertEqual((done.state, done.team_id), ("open", self.team_internet))

    def test_who_writes_to_a_ticket_that_was_closed_long_ago(self):
        done = self.make_ticket(team_id=self.fax.id, category_id=self.category.id)
        done.action_close()
        self.fax.reopen_days = 0
        self.archive()
        self.customer_writes(done)
        follow_up = self.env["telecom.ticket"].search([("follow_up_of_id", "=", done.id)])
        self.assertEqual(follow_up.team_id, self.team_internet)

    def test_a_ticket_that_was_escalated_from_it_is_handed_back(self):
        self.fax.escalation_team_id = self.team_voice
        ticket = self.make_ticket(team_id=self.fax.id)
        ticket._escalate(reason="Up")
        self.archive()
        ticket._de_escalate(reason="Down")
        self.assertEqual(ticket.team_id, self.team_internet)

    def test_software_that_still_names_it(self):
        """An address or another program that was left behind loses no ticket."""
        self.archive()
        ticket = self.env["telecom.ticket"].create({"name": "By mail", "team_id": self.fax.id})
        self.assertEqual(ticket.team_id, self.team_internet)
        self.fax.sudo().successor_id = False
        ticket = self.env["telecom.ticket"].create({"name": "By mail", "team_id": self.fax.id})
        self.assertFalse(ticket.team_id)
        self.assertEqual(ticket.company_id, self.fax.company_id)

    def test_nobody_sends_it_a_ticket(self):
        self.archive()
        ticket = self.make_ticket()
        with self.assertRaisesRegex(ValidationError, "has been archived"):
            ticket.with_user(self.agent_voice).team_id = self.fax
        with self.assertRaisesRegex(UserError, "gets no tickets any more"):
            ticket.team_id = self.fax
        with self.assertRaisesRegex(ValidationError, "has been archived"):
            self.make_ticket(team_id=self.fax.id)

    def test_restored_it_works_again(self):
        self.archive()
        self.fax.with_user(self.manager).action_unarchive()
        self.assertFalse(self.fax.successor_id)
        self.assertEqual(self.make_ticket(team_id=self.fax.id).team_id, self.fax)

    def test_agents_archive_no_team(self):
        with self.assertRaises(UserError):
            self.fax.with_user(self.agent_voice).action_archive()
        with self.assertRaises(UserError):
            self.env["telecom.ticket.team.archive"].with_user(self.agent_voice).create({})
