import contextlib
import functools
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..models.ticket.ticket_collaboration import TelecomTicket
from ..models.ticket.ticket_presence import TelecomTicketPresence
from .common import HelpdeskCommon


@tagged("post_install", "-at_install")
class TestTour(HelpdeskCommon, HttpCase):
    """An agent at work, in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.wait_after_reply = True
        cls.ticket = cls.make_ticket()

    def said(self, text):
        return self.ticket.message_ids.filtered(lambda message: text in message.body)

    @contextlib.contextmanager
    def overtaken_by_the_manager(self):
        """Who asks whether the ticket was answered meanwhile learns that it just was."""
        get_new_answers = TelecomTicket.get_new_answers
        answers = []

        @functools.wraps(get_new_answers)
        def answer_first(ticket, message_id):
            if not answers:
                answers.append(self.agent_replies(ticket, self.manager, "An hour at most"))
                presence = ticket.env["telecom.ticket.presence"]
                presence.with_user(self.manager).withdraw(ticket.id, "writing")
            return get_new_answers(ticket, message_id)

        with patch.object(TelecomTicket, "get_new_answers", answer_first):
            yield

    def test_an_agents_first_five_minutes(self):
        self.start_tour("/odoo", "telecom_helpdesk_first_five_minutes", login="agent_voice")
        self.ticket.invalidate_recordset()
        self.assertEqual(self.ticket.user_id, self.agent_voice)
        self.assertTrue(self.ticket.assigned_at)
        self.assertEqual(self.ticket.state, "resolved")

        note, reply = self.said("The exchange is in alarm"), self.said("We are mending it")
        self.assertFalse(self.ticket._is_public(note))
        self.assertNotIn(self.customer_contact, note.notified_partner_ids)
        self.assertTrue(self.ticket._is_public(reply))
        self.assertEqual(reply.author_id, self.agent_voice.partner_id)
        self.assertIn(self.customer_contact, reply.notified_partner_ids)
        self.assertTrue(self.ticket.first_response_at)
        self.assertFalse(
            self.env["mail.message"].with_user(self.portal_user).search([("id", "=", note.id)])
        )

    def test_an_agents_home(self):
        self.ticket.user_id = self.agent_voice
        waiting = self.make_ticket(name="Dropped calls")
        self.start_tour("/odoo/helpdesk", "telecom_helpdesk_dashboard", login="agent_voice")
        self.assertEqual(waiting.user_id, self.agent_voice)
        agent = self.env["telecom.agent"].search([("user_id", "=", self.agent_voice.id)])
        self.assertFalse(agent.is_available)

    def test_two_agents_on_one_ticket(self):
        """The colleague acts whenever the agent's page has just spoken to the server.

        What the page is answered was made before, so that it can have learnt of the
        colleague by the bus alone.
        """
        announce = TelecomTicketPresence.announce
        heard = []

        @functools.wraps(announce)
        def announce_and_be_joined(presence, ticket_id, mode, heartbeat=False):
            answer = announce(presence, ticket_id, mode, heartbeat)
            if presence.env.user == self.agent_voice and mode not in heard:
                heard.append(mode)
                self.assertFalse(
                    [other for other in answer if other["mode"] == mode],
                    "The page must not learn by the answer what it should learn by the bus",
                )
                announce(presence.with_user(self.manager), ticket_id, mode)
            return answer

        with (
            patch.object(TelecomTicketPresence, "announce", announce_and_be_joined),
            self.overtaken_by_the_manager(),
        ):
            self.start_tour(
                f"/odoo/tickets/{self.ticket.id}", "telecom_helpdesk_presence", login="agent_voice"
            )
        self.ticket.invalidate_recordset()
        self.assertEqual(heard, ["viewing", "writing"])
        self.assertFalse(self.said("About two hours"))
        self.assertEqual(
            [message.author_id.name for message in self.said("More news at noon")], ["Vera Voice"]
        )

    def test_a_reply_in_the_large_composer_that_is_sent_all_the_same(self):
        with self.overtaken_by_the_manager():
            self.start_tour(
                f"/odoo/tickets/{self.ticket.id}",
                "telecom_helpdesk_full_composer",
                login="agent_voice",
            )
        self.ticket.invalidate_recordset()
        reply = self.said("About two hours")
        self.assertTrue(self.ticket._is_public(reply))
        self.assertGreater(reply.id, self.said("An hour at most").id)

    def test_macros_in_one_click_and_after_reading(self):
        self.env["telecom.ticket.macro"].search([]).active = False
        self.env["telecom.ticket.macro"].create(
            [
                {
                    "name": "Say hello",
                    "body": '<p>Hello <t t-out="object.partner_name"/></p>',
                    "review": False,
                    "assignment": "me",
                },
                {
                    "name": "It works again",
                    "body": "<p>Your service works again</p>",
                    "stage_id": self.stage("resolved").id,
                },
            ]
        )
        self.start_tour(
            f"/odoo/tickets/{self.ticket.id}", "telecom_helpdesk_macros", login="agent_voice"
        )
        self.ticket.invalidate_recordset()
        self.assertEqual(self.ticket.user_id, self.agent_voice)
        self.assertEqual(self.ticket.state, "resolved")
        self.assertTrue(self.ticket._is_public(self.said("Hello Carla Contact")))

    def test_a_message_is_split_off_and_the_rest_merged(self):
        other = self.make_ticket(name="The older one")
        self.customer_writes(self.ticket, "By the way: an invoice is missing")
        self.start_tour(
            f"/odoo/tickets/{self.ticket.id}", "telecom_helpdesk_split_merge", login="agent_voice"
        )
        self.ticket.invalidate_recordset()
        new = self.env["telecom.ticket"].search([("name", "=", "Invoice missing")])
        self.assertIn("an invoice is missing", "".join(new.message_ids.mapped("body")))
        self.assertEqual(self.ticket.merged_into_id, other)

    def test_canned_answers_in_the_composer(self):
        self.env["mail.canned.response"].create(
            {
                "source": "line",
                "substitution": "Your line is in good order",
                "group_ids": [(4, self.env.ref("telecom_helpdesk.group_agent").id)],
            }
        )
        self.start_tour(
            f"/odoo/tickets/{self.ticket.id}", "telecom_helpdesk_canned", login="agent_voice"
        )
        self.assertTrue(self.said("Your line is in good order"))
