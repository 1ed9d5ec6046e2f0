from odoo.exceptions import AccessError

from odoo.addons.mail.tests.common import MailCase

from ..common import HelpdeskCase, frozen


class TestSeveralAgents(HelpdeskCase):
    """Several agents work on one ticket."""

    def test_reply_is_public_and_note_is_not(self):
        ticket = self.make_ticket()
        reply = self.agent_replies(ticket)
        note = self.agent_notes(ticket, body="Customer forgot to pay, careful.")
        self.assertFalse(reply.is_internal or reply.subtype_id.internal)
        self.assertTrue(note.subtype_id.internal)
        self.assertIn(self.customer_contact, reply.notified_partner_ids)
        self.assertNotIn(self.customer_contact, note.notified_partner_ids)

    def test_customer_reads_the_reply_and_never_the_note(self):
        ticket = self.make_ticket()
        reply, note = self.agent_replies(ticket), self.agent_notes(ticket)
        messages = self.env["mail.message"].with_user(self.portal_user)
        self.assertEqual(messages.browse(reply.id).body, reply.body)
        with self.assertRaises(AccessError):
            messages.browse(note.id).read(["body"])

    def test_collaborator_sees_and_answers_the_ticket(self):
        ticket = self.make_ticket()
        theirs = ticket.with_user(self.agent_internet)
        with self.assertRaises(AccessError):
            theirs.read(["name"])
        ticket.with_user(self.agent_voice).collaborator_ids = self.agent_internet
        self.assertEqual(theirs.name, ticket.name)
        self.assertIn(self.agent_internet.partner_id, ticket.message_partner_ids)
        self.agent_replies(ticket, user=self.agent_internet)
        self.assertTrue(ticket.first_response_at)

    def test_reassigned(self):
        with frozen("2026-03-02 09:00:00"):
            ticket = self.make_ticket(user_id=self.agent_voice.id)
        self.assertEqual(ticket.assigned_at.hour, 9)
        with frozen("2026-03-02 11:00:00"):
            ticket.with_user(self.agent_voice).user_id = self.manager
        self.assertEqual(ticket.assigned_at.hour, 11)
        self.assertIn(self.manager.partner_id, ticket.message_partner_ids)
        ticket.user_id = False
        self.assertFalse(ticket.assigned_at)

    def test_handed_to_another_team(self):
        ticket = self.make_ticket()
        ticket.with_user(self.agent_voice).team_id = self.team_internet
        self.assertEqual(ticket.with_user(self.agent_internet).name, ticket.name)
        # Who hands it over may go on following it; the rest of the team has no part in it.
        self.assertEqual(ticket.with_user(self.agent_voice).name, ticket.name)
        self.assertEqual(ticket.collaborator_ids, self.agent_voice)


class TestWhatAMessageDoes(HelpdeskCase, MailCase):
    """What moves a ticket by itself."""

    def test_first_public_reply_is_the_first_response(self):
        ticket = self.make_ticket()
        self.agent_notes(ticket)
        self.assertFalse(ticket.first_response_at)
        with frozen("2026-03-02 09:00:00"):
            self.agent_replies(ticket)
        with frozen("2026-03-02 10:00:00"):
            self.agent_replies(ticket)
        self.assertEqual(ticket.first_response_at.hour, 9)
        self.assertEqual(ticket.last_agent_reply_at.hour, 10)

    def test_customer_is_unanswered_since_the_first_message_that_nobody_answered(self):
        with frozen("2026-03-02 09:00:00"):
            ticket = self.make_ticket()
        self.assertEqual(str(ticket.unanswered_since), "2026-03-02 09:00:00", "it came in")
        self.agent_notes(ticket)
        self.assertTrue(ticket.unanswered_since, "the customer does not see a note")
        self.agent_replies(ticket)
        self.assertFalse(ticket.unanswered_since)
        for hour in ("11", "12"):
            with frozen(f"2026-03-02 {hour}:00:00"):
                self.customer_writes(ticket)
        self.assertEqual(str(ticket.unanswered_since), "2026-03-02 11:00:00")
        ticket.action_resolve()
        self.assertFalse(ticket.unanswered_since)
        ticket.action_reopen()
        self.assertFalse(ticket.unanswered_since)

    def test_customer_speaks_in_no_other_name(self):
        ticket = self.make_ticket()
        message = ticket.with_user(self.portal_user).message_post(
            body="We are on it.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.agent_voice.partner_id.id,
            email_from=self.agent_voice.email,
        )
        self.assertEqual(message.sudo().author_id, self.customer_contact)
        self.assertFalse(ticket.first_response_at)

    def test_automatic_mail_is_no_reply_and_no_response(self):
        ticket = self.make_ticket()
        ticket._set_state("waiting_customer")
        for message_type, author in (
            ("auto_comment", self.agent_voice.partner_id),
            ("out_of_office", self.agent_voice.partner_id),
            ("out_of_office", self.customer_contact),
            ("notification", self.customer_contact),
        ):
            ticket.message_post(
                body="I am away.",
                message_type=message_type,
                subtype_xmlid="mail.mt_comment",
                author_id=author.id,
            )
        self.assertFalse(ticket.first_response_at)
        self.assertFalse(ticket.last_customer_message_at)
        self.assertEqual(ticket.state, "waiting_customer")

    def test_reply_waits_for_the_customer_where_the_team_says_so(self):
        ticket, other = self.make_ticket(), self.make_ticket(team_id=self.team_internet.id)
        self.team_voice.wait_after_reply = True
        self.agent_replies(ticket)
        self.agent_replies(other, user=self.agent_internet)
        self.assertEqual(ticket.state, "waiting_customer")
        self.assertEqual(other.state, "new")

    def test_customers_answer_opens_a_waiting_ticket(self):
        for writes in (self.customer_mails, self.customer_writes):
            with self.subTest(door=writes.__name__):
                ticket = self.make_ticket()
                ticket._set_state("waiting_customer")
                writes(ticket)
                self.assertEqual(ticket.state, "open")
                self.assertEqual(ticket.transition_ids[-1].reason, "The customer wrote")
                self.assertFalse(ticket.reopen_count)

    def test_customers_answer_reopens_a_resolved_ticket(self):
        ticket = self.make_ticket()
        ticket.action_resolve()
        self.customer_mails(ticket)
        self.assertEqual((ticket.state, ticket.reopen_count), ("open", 1))

    def test_customers_answer_reopens_a_closed_ticket_within_the_grace_days(self):
        with frozen("2026-03-02 09:00:00"):
            ticket = self.make_ticket()
            ticket.action_close()
        with frozen("2026-03-16 08:59:00"):
            self.customer_mails(ticket)
        self.assertEqual((ticket.state, ticket.reopen_count), ("open", 1))

    def test_customers_answer_after_the_grace_days_opens_a_follow_up(self):
        for writes, channel in ((self.customer_mails, "email"), (self.customer_writes, "portal")):
            with self.subTest(channel=channel):
                with frozen("2026-03-02 09:00:00"):
                    ticket = self.make_ticket(service_id=self.service_voice.id)
                    ticket.action_close()
                with frozen("2026-03-16 09:00:00"):
                    message = writes(ticket, "It is back!")
                follow_up = self.env["telecom.ticket"].browse(message.res_id)
                self.assertEqual(ticket.state, "closed")
                self.assertEqual(follow_up.follow_up_of_id, ticket)
                self.assertEqual(follow_up.state, "new")
                self.assertEqual(follow_up.partner_id, self.customer_contact)
                self.assertEqual(follow_up.service_id, self.service_voice)
                self.assertEqual(follow_up.channel, channel)
                self.assertIn("It is back!", message.body)
                self.assertTrue(follow_up.last_customer_message_at)
                self.assertIn(follow_up.number, "".join(ticket.message_ids.mapped("body")))

    def test_customers_answer_to_a_cancelled_ticket_opens_a_follow_up(self):
        ticket = self.make_ticket()
        ticket.action_cancel()
        message = self.customer_mails(ticket)
        self.assertNotEqual(message.res_id, ticket.id)

    def test_agents_word_on_a_closed_ticket_changes_nothing(self):
        ticket = self.make_ticket()
        ticket.action_close()
        self.assertEqual(self.agent_replies(ticket).res_id, ticket.id)
        self.assertEqual(ticket.state, "closed")

    def test_customers_answer_brings_an_archived_ticket_back(self):
        ticket = self.make_ticket()
        ticket.action_resolve()
        ticket.active = False
        self.agent_notes(ticket)
        self.agent_replies(ticket)
        self.assertFalse(ticket.active, "agents have it on the screen")
        self.customer_writes(ticket)
        self.assertTrue(ticket.active)
        self.assertEqual(ticket.state, "open")
        self.assertIn("This ticket was archived", " ".join(ticket.message_ids.mapped("body")))

    def test_suppliers_answer_opens_a_ticket_that_waits_for_it(self):
        supplier = self.make_partner("Carrier Networks", is_company=True)
        technician = self.make_partner("Tom Technician", parent_id=supplier.id)
        self.service_voice.supplier_id = supplier
        ticket = self.make_ticket(service_id=self.service_voice.id)
        ticket._set_state("waiting_third_party")
        self.customer_mails(ticket, email_from=technician.email_formatted)
        self.assertEqual(ticket.state, "open")
        self.assertFalse(ticket.last_customer_message_at)

    def test_customer_message_on_an_open_ticket_is_noted(self):
        ticket = self.make_ticket()
        with frozen("2026-03-02 09:30:00"):
            self.customer_mails(ticket)
        self.assertEqual(ticket.last_customer_message_at.minute, 30)
        self.assertEqual(ticket.state, "new")

    def test_customer_is_told_once_however_often_they_are_chosen(self):
        ticket = self.make_ticket()
        ticket.partner_id = self.customer_contact
        followers = ticket.message_partner_ids
        self.assertEqual(len(followers & self.customer_contact), 1)
        ticket.partner_id = self.other_customer
        reply = self.agent_replies(ticket)
        self.assertIn(self.other_customer, reply.notified_partner_ids)

    def test_customer_chosen_by_mistake_hears_no_more(self):
        ticket = self.make_ticket(partner_id=self.other_customer.id)
        ticket.with_user(self.agent_voice).partner_id = self.customer_contact
        reply = self.agent_replies(ticket)
        self.assertIn(self.customer_contact, reply.notified_partner_ids)
        self.assertNotIn(self.other_customer, reply.notified_partner_ids)

    def test_stage_mails_its_template_to_the_customer(self):
        self.stage("resolved").mail_template_id = self.env["mail.template"].create(
            {
                "name": "Resolved",
                "model_id": self.env["ir.model"]._get_id("telecom.ticket"),
                "subject": "{{ object.number }} is resolved",
                "body_html": "<p>It works again.</p>",
                "partner_to": "{{ object.partner_id.id }}",
            }
        )
        ticket = self.make_ticket()
        self.flush_tracking()
        with self.mock_mail_gateway():
            ticket.with_user(self.agent_voice).action_resolve()
            self.flush_tracking()
        message = ticket.message_ids.filtered(lambda m: "It works again." in (m.body or ""))
        self.assertIn(f"{ticket.number} is resolved", message.subject)
        self.assertIn(self.customer_contact, message.notified_partner_ids)
        self.assertFalse(ticket.first_response_at, "no human wrote it")
