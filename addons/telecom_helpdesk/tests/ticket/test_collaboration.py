from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store

from ..common import HelpdeskCase


class TestMention(HelpdeskCase):
    """A colleague is mentioned by @ in the chatter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()

    def mention(self, user, post=None, **kwargs):
        return (post or self.agent_notes)(
            self.ticket, body=f"@{user.name} please look", partner_ids=user.partner_id.ids, **kwargs
        )

    def agent_replies_to(self, ticket, body, partner_ids):
        return (
            ticket.with_user(self.agent_voice)
            .message_post(
                body=body,
                partner_ids=partner_ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            .with_env(self.env)
        )

    def last_log(self):
        return self.ticket.message_ids[:1].body

    def test_a_mentioned_colleague_is_notified(self):
        note = self.mention(self.manager)
        self.assertIn(self.manager.partner_id, note.notified_partner_ids)

    def test_a_colleague_of_another_team_can_open_the_ticket_from_then_on(self):
        theirs = self.ticket.with_user(self.agent_internet)
        with self.assertRaises(AccessError):
            theirs.check_access("read")
        note = self.mention(self.agent_internet)
        theirs.check_access("read")
        self.assertEqual(self.ticket.collaborator_ids, self.agent_internet)
        self.assertIn(self.agent_internet.partner_id, note.notified_partner_ids)
        self.assertIn("Ivo Internet can open this ticket from now on", self.last_log())
        self.assertIn("Vera Voice mentioned them", self.last_log())

    def test_so_can_one_mentioned_in_a_public_reply(self):
        self.mention(self.agent_internet, post=self.agent_replies_to)
        self.assertEqual(self.ticket.collaborator_ids, self.agent_internet)

    def test_who_sees_the_ticket_anyway_becomes_no_collaborator(self):
        before = len(self.ticket.message_ids)
        self.mention(self.manager)
        self.assertFalse(self.ticket.collaborator_ids)
        self.assertEqual(len(self.ticket.message_ids), before + 1)

    def test_a_second_mention_says_nothing_new(self):
        self.mention(self.agent_internet)
        before = len(self.ticket.message_ids)
        self.mention(self.agent_internet)
        self.assertEqual(len(self.ticket.message_ids), before + 1)

    def test_it_is_said_that_a_colleague_without_the_helpdesk_cannot_open_it(self):
        note = self.mention(self.internal_user)
        self.assertFalse(self.ticket.collaborator_ids)
        self.assertIn(self.internal_user.partner_id, note.notified_partner_ids)
        self.assertIn("Ida Internal got this message but cannot open the ticket", self.last_log())

    def test_nor_one_who_works_for_another_company(self):
        company = self.env["res.company"].create({"name": "Sister Telecom"})
        sister = self.make_user(
            "sister",
            "telecom_helpdesk.group_agent",
            name="Sina Sister",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.mention(sister)
        self.assertFalse(self.ticket.collaborator_ids)
        self.assertIn("Sina Sister got this message but cannot open", self.last_log())

    def test_a_customer_brings_nobody_in(self):
        self.ticket.with_user(self.portal_user).message_post(
            body="Ask Ivo",
            partner_ids=self.agent_internet.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(self.ticket.collaborator_ids)

    def test_a_customer_mentioned_in_a_note_does_not_get_it(self):
        note = self.mention(self.portal_user)
        self.assertNotIn(self.portal_user.partner_id, note.notified_partner_ids)
        self.assertFalse(note.mail_ids)
        self.assertIn("Carla Contact did not get this note", self.last_log())


class TestMessageKind(HelpdeskCase):
    """What the thread labels each message with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()

    def assertKind(self, message, kind):
        self.assertEqual(message._get_telecom_kind(), kind)

    def test_reply_and_note_of_an_agent(self):
        self.assertKind(self.agent_replies(self.ticket), "reply")
        self.assertKind(self.agent_notes(self.ticket), "note")

    def test_a_public_message_marked_for_employees_is_a_note(self):
        message = self.agent_replies(self.ticket)
        message.is_internal = True
        self.assertKind(message, "note")

    def test_the_customer_by_mail_and_by_portal(self):
        self.assertKind(self.customer_mails(self.ticket), "customer")
        self.assertKind(self.customer_writes(self.ticket), "customer")

    def test_the_supplier_of_the_service(self):
        self.service_voice.supplier_id = self.other_customer
        self.ticket.service_id = self.service_voice
        message = self.ticket.message_post(
            body="We have an outage",
            author_id=self.other_customer.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertKind(message, "supplier")

    def test_an_acknowledgement_is_automatic_and_a_log_is_nothing(self):
        message = self.ticket.message_post(
            body="We got it", message_type="auto_comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertKind(message, "automatic")
        self.ticket.with_user(self.agent_voice).action_assign_to_me()
        self.env.flush_all()
        self.assertKind(self.ticket._message_log(body="Assigned"), False)

    def test_only_messages_on_tickets_carry_a_kind(self):
        for message, is_told in (
            (self.agent_notes(self.ticket), True),
            (self.customer.message_post(body="Hello"), False),
        ):
            [data] = Store().add(message).get_result()["mail.message"]
            self.assertEqual("telecom_kind" in data, is_told)


class TestNewAnswers(HelpdeskCase):
    """What is asked before a reply is sent: did others write since it was begun?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()
        cls.begun_at = cls.agent_replies(cls.ticket).id

    def new_answers(self, user=None):
        answers = self.ticket.with_user(user or self.agent_voice).get_new_answers(self.begun_at)
        return [(answer["author"], answer["kind"]) for answer in answers]

    def test_a_colleague_and_the_customer_are_told_of(self):
        self.agent_replies(self.ticket, user=self.manager)
        self.customer_writes(self.ticket)
        self.assertEqual(
            self.new_answers(), [("Mona Manager", "reply"), ("Carla Contact", "customer")]
        )

    def test_notes_own_answers_and_acknowledgements_are_not(self):
        self.agent_notes(self.ticket, user=self.manager)
        self.agent_replies(self.ticket)
        self.ticket.message_post(
            body="We got it", message_type="auto_comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(self.new_answers(), [])

    def test_who_may_not_read_the_ticket_is_refused(self):
        with self.assertRaises(AccessError):
            self.new_answers(self.agent_internet)
