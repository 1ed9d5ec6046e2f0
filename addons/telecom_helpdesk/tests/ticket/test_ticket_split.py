from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..common import HelpdeskCase, frozen


class TestSplit(HelpdeskCase):
    """A message becomes a ticket of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket(service_id=cls.service_voice.id, channel="phone")
        with frozen("2026-03-02 09:00:00"):
            cls.first = cls.customer_writes(cls.ticket, "The phones are dead")
        with frozen("2026-03-02 10:00:00"):
            cls.second = cls.customer_writes(cls.ticket, "By the way: an invoice is missing")

    def split(self, message, user=None, **values):
        """Through the dialog; returns the new ticket."""
        wizards = self.env["telecom.ticket.split"].with_user(user or self.agent_voice)
        wizard = Form(wizards.with_context(default_message_id=message.id))
        for name, value in values.items():
            wizard[name] = value
        action = wizard.save().action_split()
        return self.env["telecom.ticket"].browse(action["res_id"])

    def test_the_message_moves_with_its_attachments(self):
        file = self.env["ir.attachment"].create(
            {"name": "a.txt", "res_model": self.ticket._name, "res_id": self.ticket.id}
        )
        self.second.attachment_ids = file
        new = self.split(self.second, name="Invoice missing")
        self.assertEqual((self.second.res_id, file.res_id), (new.id, new.id))
        self.assertEqual(new.name, "Invoice missing")
        for name in ("partner_id", "service_id", "contract_id", "channel", "team_id", "company_id"):
            self.assertEqual(new[name], self.ticket[name], name)
        self.assertEqual(new.state, "new")
        self.assertIn(self.customer_contact, new.message_partner_ids)

    def test_notes_on_both_lead_from_one_to_the_other(self):
        new = self.split(self.second)
        self.assertIn(f'data-oe-id="{self.ticket.id}"', new.message_ids.sorted("id")[-1].body)
        self.assertIn(f'data-oe-id="{new.id}"', self.ticket.message_ids[0].body)
        self.assertEqual(self.ticket.message_ids[0].author_id, self.agent_voice.partner_id)

    def test_a_mail_that_answers_it_lands_on_the_new_ticket(self):
        new = self.split(self.second)
        known = self.second.message_id
        answer = self.customer_mails(self.ticket, "And?", In_Reply_To=known, References=known)
        self.assertEqual(answer.res_id, new.id)

    def test_when_the_customer_wrote_is_known_of_both(self):
        new = self.split(self.second)
        self.assertEqual(new.last_customer_message_at.hour, 10)
        self.assertEqual(self.ticket.last_customer_message_at.hour, 9)

    def test_for_another_team_and_category(self):
        category = self.env["telecom.ticket.category"].search([], limit=1)
        new = self.split(self.second, team_id=self.team_internet, category_id=category)
        self.assertEqual((new.team_id, new.category_id), (self.team_internet, category))
        self.assertTrue(new.with_user(self.agent_voice).has_access("read"))

    def test_of_a_colleague_at_the_customers(self):
        colleague = self.portal_colleague.partner_id
        message = self.ticket.message_post(
            body="Mine too",
            author_id=colleague.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(self.split(message).partner_id, colleague)

    def test_a_note_stays_one(self):
        note = self.agent_notes(self.ticket)
        new = self.split(note)
        self.assertEqual(note.res_id, new.id)
        self.assertFalse(new._is_public(note))
        self.assertFalse(new.last_customer_message_at)

    def test_a_reply_of_ours_is_not_split_off(self):
        reply = self.agent_replies(self.ticket)
        with self.assertRaisesRegex(UserError, "Only messages from outside"):
            self.split(reply)

    def test_what_was_split_off_already(self):
        wizards = self.env["telecom.ticket.split"].with_user(self.agent_voice)
        wizard = Form(wizards.with_context(default_message_id=self.second.id)).save()
        ticket = self.ticket.with_user(self.agent_voice)
        wizard.action_split()
        with self.assertRaisesRegex(UserError, "no longer on this ticket"):
            ticket._split(self.second.with_user(self.agent_voice))

    def test_who_may_not_work_on_the_ticket(self):
        for user in (self.agent_internet, self.internal_user, self.portal_user):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user)._split(self.second.with_user(user))
