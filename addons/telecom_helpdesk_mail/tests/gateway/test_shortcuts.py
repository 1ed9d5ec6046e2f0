from ..common import MailCase


class TestShortcuts(MailCase):
    """What the gateway does not ask twice comes out as Odoo has it."""

    def test_who_mails_made_the_ticket(self):
        vouched = self.vouch_for(self.agent_voice.email)
        mail = self.fixture("colleague", From=self.agent_voice.email_formatted, **vouched)
        self.assertEqual(self.receive_ticket(mail).create_uid, self.agent_voice)
        stranger = self.receive_ticket(self.fixture("unknown_sender"))
        self.assertEqual(stranger.create_uid, self.env.user)

    def test_portal_user_made_the_ticket(self):
        mail = self.fixture("known_contact", From=self.portal_user.email_formatted)
        self.assertEqual(self.receive_ticket(mail).create_uid, self.portal_user)

    def test_contacts_among_the_recipients_are_noted_on_the_message(self):
        address = self.other_customer.email
        mail = self.fixture("known_contact", To=f"support@operator.example.com, {address}")
        message = self.receive(mail)
        self.assertEqual(message.partner_ids, self.other_customer)

    def test_answer_to_ones_own_mail_is_not_addressed_to_oneself(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        [opening] = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        answer = self.receive(
            self.fixture("answer", In_Reply_To=opening.message_id, References=opening.message_id)
        )
        self.assertEqual(answer.res_id, ticket.id)
        self.assertFalse(answer.partner_ids)
        self.assertEqual(ticket.message_partner_ids, self.customer_contact)

    def test_opening_mail_is_the_customers_last_message(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        self.assertEqual(ticket.last_customer_message_at, ticket._due_now())
        ticket = self.receive_ticket(self.fixture("colleague"))
        self.assertFalse(ticket.last_customer_message_at, "the customer wrote nothing")


class TestAddressBook(MailCase):
    """Which addresses are ours is known without the database, as Odoo would say it."""

    addresses = (
        "support@operator.example.com",
        "support@elsewhere.example.org",
        "bounce@operator.example.com",
        "catchall@operator.example.com",
        "notifications@operator.example.com",
        "local@operator.example.com",
        "local@elsewhere.example.org",
        "nobody@operator.example.com",
        "no address",
        "",
        False,
    )

    def compare(self):
        domains = self.env["mail.alias.domain"].sudo()
        # One by one: among several, Odoo lets one at an allowed domain speak for the others.
        odoo = [address for address in self.addresses if domains._find_aliases([address])]
        ours = domains.with_context(telecom_mail=True)._find_aliases(self.addresses)
        self.assertEqual(ours, odoo)
        return odoo

    def test_it_says_what_odoo_says_whatever_changes(self):
        before = self.compare()
        self.assertIn("support@operator.example.com", before)
        local = self.env["mail.alias"].create(
            {
                "alias_name": "local",
                "alias_incoming_local": True,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        self.assertIn("local@elsewhere.example.org", self.compare())
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("mail.catchall.domain.allowed", "example.net")
        self.assertNotIn("local@elsewhere.example.org", self.compare())
        parameters.set_param("mail.catchall.domain.allowed", "")
        local.unlink()
        self.assertEqual(self.compare(), before)
        self.team_voice.alias_name = "nobody"
        self.assertIn("nobody@operator.example.com", self.compare())
        self.alias_domain.bounce_alias = "returned"
        self.assertNotIn("bounce@operator.example.com", self.compare())
        other = self.env["mail.alias.domain"].create({"name": "elsewhere.example.org"})
        self.team_internet.write({"alias_name": "support", "alias_domain_id": other.id})
        self.assertIn("support@elsewhere.example.org", self.compare())
