from odoo.fields import Command
from odoo.tests import Form

from ..common import HelpdeskCase
from ..incident_common import IncidentCase


class ReachCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.wait_after_reply = True

    def notice(self, ticket):
        """What the form says before the agent answers."""
        self.env.invalidate_all()
        form = Form(ticket.with_user(self.agent_voice))
        return form.reaches_nobody, form.reach_notice

    def assertAnswered(self, ticket):
        self.assertTrue(ticket.first_response_at and ticket.last_agent_reply_at)
        self.assertFalse(ticket.unanswered_since)
        self.assertEqual(ticket.state, "waiting_customer")

    def assertUnanswered(self, ticket):
        self.assertFalse(ticket.first_response_at or ticket.last_agent_reply_at)
        self.assertTrue(ticket.unanswered_since)
        self.assertEqual(ticket.state, "new")

    def addresses(self, message):
        """Whom ``message`` was mailed to outside."""
        mails = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        return mails._get_addresses_outside()


class TestWhoGetsAnswers(ReachCase):
    """Only what reaches somebody outside is an answer, and the agent is told before."""

    def test_customer_with_an_address(self):
        ticket = self.make_ticket()
        self.assertEqual(self.notice(ticket), (False, False))
        message = self.agent_replies(ticket)
        self.assertEqual(self.addresses(message), ["carla.contact@customer.example.com"])
        self.assertAnswered(ticket)

    def test_no_customer_and_no_address(self):
        ticket = self.make_ticket(partner_id=False, channel="phone")
        reaches_nobody, notice = self.notice(ticket)
        self.assertTrue(reaches_nobody)
        self.assertIn("No customer receives your replies", notice)
        self.agent_replies(ticket)
        self.assertUnanswered(ticket)

    def test_customer_without_an_address(self):
        silent = self.make_partner("Silent", email=False)
        ticket = self.make_ticket(partner_id=silent.id)
        self.assertTrue(self.notice(ticket)[0])
        self.agent_replies(ticket)
        self.assertUnanswered(ticket)

    def test_customer_without_an_address_who_left_one_on_the_ticket(self):
        silent = self.make_partner("Silent", email=False)
        ticket = self.make_ticket(partner_id=silent.id, partner_email="Me <me@private.example>")
        self.assertFalse(self.notice(ticket)[0])
        message = self.agent_replies(ticket)
        self.assertEqual(self.addresses(message), ["me@private.example"])
        self.assertAnswered(ticket)

    def test_archived_contact_gets_the_answer_and_the_agent_knows(self):
        former = self.make_partner("Freddy Former", parent_id=self.customer.id)
        ticket = self.make_ticket(partner_id=former.id)
        former.active = False
        reaches_nobody, notice = self.notice(ticket)
        self.assertFalse(reaches_nobody)
        self.assertIn("Freddy Former is archived", notice)
        message = self.agent_replies(ticket)
        self.assertEqual(self.addresses(message), ["freddy.former@customer.example.com"])
        self.assertAnswered(ticket)

    def test_customer_who_reads_the_portal(self):
        reader = self.make_partner("Pia Portal", parent_id=self.customer.id)
        self.make_portal_user(reader)
        reader.email = False
        ticket = self.make_ticket(partner_id=reader.id, partner_email=False)
        self.assertFalse(self.notice(ticket)[0])
        self.agent_replies(ticket)
        self.assertAnswered(ticket)

    def test_customer_who_was_taken_off(self):
        ticket = self.make_ticket()
        ticket.message_unsubscribe(self.customer_contact.ids)
        self.assertTrue(self.notice(ticket)[0])
        self.agent_replies(ticket)
        self.assertUnanswered(ticket)

    def test_supplier_alone(self):
        self.service_voice.supplier_id = self.other_customer
        ticket = self.make_ticket(service_id=self.service_voice.id)
        ticket.message_unsubscribe(self.customer_contact.ids)
        ticket.message_subscribe(self.other_customer.ids, [self.env.ref("mail.mt_comment").id])
        self.agent_replies(ticket)
        self.assertUnanswered(ticket)

    def test_answered_by_phone(self):
        ticket = self.make_ticket(partner_id=False, channel="phone")
        ticket.with_user(self.agent_voice).action_answered_by_phone()
        self.assertAnswered(ticket)
        note = ticket.message_ids[0]
        self.assertIn("Answered by phone", note.body)
        self.assertEqual(note.author_id, self.agent_voice.partner_id)
        self.assertFalse(ticket._is_public(note))

    def test_macro(self):
        macro = self.env["telecom.ticket.macro"].create(
            {"name": "Restart", "body": "<p>Restart it.</p>", "review": False}
        )
        silent = self.make_ticket(partner_id=False)
        told = self.make_ticket()
        action = (silent | told).with_user(self.agent_voice).action_choose_macro()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.agent_voice)
            .with_context(**action["context"])
        )
        wizard.macro_id = macro
        self.assertEqual(wizard.unreached, silent.number, "before it is applied to a selection")
        for ticket in silent | told:
            ticket.with_user(self.agent_voice).action_apply_macro(macro.id)
        self.assertUnanswered(silent)
        self.assertAnswered(told)

    def test_answer_that_is_sent_later_counts_then(self):
        ticket = self.make_ticket()
        ticket.with_user(self.agent_voice).message_post(
            body="Good morning",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            scheduled_date="2100-01-01 09:00:00",
        )
        self.assertUnanswered(ticket)
        self.env["mail.message.schedule"].search([])._send_notifications()
        self.assertAnswered(ticket)


class TestIncidentUpdateReach(IncidentCase):
    """ "Delivered" is what reached somebody outside."""

    def test_update_to_a_ticket_without_an_address(self):
        known = self.make_ticket(parent_id=self.incident.id)
        silent = self.make_ticket(partner_id=False, parent_id=self.incident.id)
        archived = self.make_ticket(
            partner_id=self.make_partner("Freddy Former").id, parent_id=self.incident.id
        )
        archived.partner_id.active = False
        update = self.env["telecom.incident.update"].with_user(self.agent_voice).create(
            {
                "incident_id": self.incident.id,
                "text_ids": [Command.create({"lang": "en_US", "body": "We are on it."})],
            }
        )  # fmt: skip
        update.action_send()
        self.run_deliveries()
        states = {row.ticket_id: row.state for row in update.sudo().delivery_ids}
        self.assertEqual(states, {known: "delivered", silent: "skipped", archived: "delivered"})
        self.assertFalse(silent.first_response_at)
        self.assertTrue(archived.first_response_at)
