from odoo.fields import Command

from ..common import MailCase


class TestIncidentMail(MailCase):
    """Updates of a major incident as mails: whom they come from, where answers go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_voice.group_ids += cls.env.ref("telecom_helpdesk.group_incident_communicator")
        cls.incident = cls.make_ticket(
            name="Exchange down in Lyon",
            partner_id=False,
            incident_kind="incident",
            affected_service_ids=[Command.set(cls.service_voice.ids)],
        )

    def send_update(self, **values):
        """The mails that leave when ``agent_voice`` sends an update."""
        update = self.env["telecom.incident.update"].with_user(self.agent_voice).create(
            {
                "incident_id": self.incident.id,
                "text_ids": [Command.create(
                    {"lang": "en_US", "title": "Your line is down", "body": "We are on it."}
                )],
                **values,
            }
        )  # fmt: skip
        update.action_send()
        with self.outbox() as sent:
            while self.env["telecom.incident.delivery"]._run_due_batch():
                pass
            self.env["mail.mail"].process_email_queue()
        return sent

    def test_an_update_comes_in_the_tickets_thread_and_its_answer_goes_there(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        ticket.parent_id = self.incident
        [mail] = self.send_update()
        self.assertEqual(mail["From"], '"Vera Voice (Acme Telecom)" <support@operator.example.com>')
        self.assertIn(ticket.number, mail["Subject"])
        self.assertNotIn(self.incident.number, mail.as_string())
        answer = self.receive(self.answer(mail))
        self.assertEqual(answer.res_id, ticket.id)

    def test_an_answer_to_a_mail_without_a_ticket_opens_the_customers_own(self):
        self.customer.email = False
        self.service_voice.partner_id = self.customer_contact
        [mail] = self.send_update(reach="all")
        self.assertEqual(mail["X-Envelope-To"], self.customer_contact.email)
        self.assertEqual(mail["From"], '"Vera Voice (Acme Telecom)" <support@operator.example.com>')
        self.assertEqual(mail["Reply-To"], "Acme Telecom <support@operator.example.com>")
        self.assertEqual(mail["Subject"], "Your line is down")
        self.assertNotIn(self.incident.number, mail.as_string())
        self.assertNotIn(self.incident.name, mail.as_string())
        ticket = self.receive_ticket(self.answer(mail, To="support@operator.example.com"))
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.team_id, self.team_voice)
        # Which service it is about nobody has said: the incident is offered.
        self.assertFalse(ticket.parent_id)
        self.assertEqual(ticket.suggested_incident_id, self.incident)

    def test_an_unknown_sender_whose_ticket_is_tied_gets_the_update_too(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        ticket.parent_id = self.incident
        [mail] = self.send_update()
        self.assertEqual(mail["To"].addresses[0].addr_spec, ticket.partner_email)
