from unittest.mock import patch

from odoo.tools.translate import code_translations

from ..common import MailCase


class TestMailToTicket(MailCase):
    """Every mail to a team's address becomes a ticket."""

    def test_known_contact(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        self.assertEqual(ticket.name, "No dial tone since this morning")
        self.assertEqual(ticket.channel, "email")
        self.assertEqual((ticket.team_id, ticket.company_id), (self.team_voice, self.company))
        self.assertEqual(ticket.state, "new")
        self.assertFalse(ticket.user_id)
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        self.assertEqual(ticket.partner_email, "carla.contact@customer.example.com")
        self.assertEqual(ticket.mail_alias_id, self.team_voice.alias_id)
        self.assertTrue(ticket.last_customer_message_at)
        self.assertIn(self.customer_contact, ticket.message_partner_ids)

    def test_body_is_the_first_message_by_its_author(self):
        message = self.receive(self.fixture("known_contact"))
        self.assertIn("<b>dial tone</b>", message.body)
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertEqual(message.message_id, "<CA+known-1@mail.customer.example.com>")

    def test_unknown_sender(self):
        contacts = self.env["res.partner"].search_count([])
        message = self.receive(self.fixture("unknown_sender"))
        ticket = self.env["telecom.ticket"].browse(message.res_id)
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_name, "Nobody, Nora")
        self.assertEqual(ticket.partner_email, "n.nobody@elsewhere.example.org")
        self.assertTrue(ticket.last_customer_message_at)
        self.assertFalse(message.author_id)
        self.assertEqual(message.email_from, '"Nobody, Nora" <N.Nobody@elsewhere.example.org>')
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)

    def test_of_two_contacts_with_one_address_the_one_with_an_account(self):
        address = "shared@customer.example.com"
        self.make_partner("Old Contact", email=address)
        contact = self.make_partner("Contact with Account", email=f"Ann <{address.upper()}>")
        raw = self.fixture("known_contact", From=address, Message_ID="<1@customer.example.com>")
        self.assertEqual(self.receive_ticket(raw).partner_id.name, "Old Contact")
        self.make_portal_user(contact)
        raw = self.fixture("known_contact", From=address, Message_ID="<2@customer.example.com>")
        self.assertEqual(self.receive_ticket(raw).partner_id, contact)

    def test_other_companys_contact_is_nobody_here(self):
        other = self.make_company("Globe")
        address = "twice@customer.example.com"
        theirs = self.make_partner("Theirs", email=address, company_id=other.id)
        raw = self.fixture("known_contact", From=address, Message_ID="<1@customer.example.com>")
        ticket = self.receive_ticket(raw)
        self.assertFalse(ticket.partner_id)
        self.assertFalse(ticket.message_ids.author_id & theirs)
        ours = self.make_partner("Ours", email=address, company_id=self.company.id)
        raw = self.fixture("known_contact", From=address, Message_ID="<2@customer.example.com>")
        self.assertEqual(self.receive_ticket(raw).partner_id, ours)
        raw = self.fixture(
            "known_contact",
            From=address,
            To="support@globe.example.com",
            Delivered_To="support@globe.example.com",
            Message_ID="<3@customer.example.com>",
        )
        ticket = self.receive_ticket(raw)
        self.assertEqual((ticket.partner_id, ticket.company_id), (theirs, other))

    def test_account_in_another_company_does_not_help(self):
        other = self.make_company("Globe")
        self.portal_user.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id, "group_ids": []}
        )
        self.customer_contact.parent_id = False
        self.customer_contact.company_id = other
        self.assertFalse(self.receive_ticket(self.fixture("known_contact")).partner_id)

    def test_attachments_are_kept(self):
        message = self.receive(self.fixture("attachments"))
        files = {file.name: file for file in message.attachment_ids}
        self.assertEqual(set(files), {"light.png", "router.log", "facture téléphone.bin"})
        self.assertIn("Zeitüberschreitung", files["router.log"].raw.decode())
        self.assertEqual(files["facture téléphone.bin"].raw, bytes(range(6)))
        self.assertIn(f"/web/image/{files['light.png'].id}", message.body)
        self.assertEqual(set(message.attachment_ids.mapped("res_model")), {"telecom.ticket"})

    def test_empty_subject(self):
        self.assertEqual(self.receive_ticket(self.fixture("no_subject")).name, "(no subject)")

    def test_subject_in_several_encoded_lines(self):
        ticket = self.receive_ticket(self.fixture("subject_french"))
        self.assertEqual(
            ticket.name,
            "Pas de tonalité depuis ce matin à l'agence de Besançon, "
            "la boîte vocale également muette",
        )
        self.assertEqual(ticket.partner_name, "Hélène Lefèvre")
        self.assertIn("aucune tonalité", ticket.message_ids[-1].body)
        ticket = self.receive_ticket(self.fixture("subject_german"))
        self.assertEqual(
            ticket.name,
            "Kein Wählton an allen Anschlüssen im Büro München, bitte dringend Rückruf",
        )
        self.assertEqual(ticket.partner_name, "Jürgen Müller")
        self.assertIn("kein Wählton!", ticket.message_ids[-1].body)

    def test_copied_people_are_kept_without_our_own_addresses(self):
        ticket = self.receive_ticket(self.fixture("copied"))
        self.assertEqual(
            ticket.email_cc,
            '"Björn Boss" <bjorn@customer.example.com>, carrier@elsewhere.example.org',
        )

    def test_mail_to_two_addresses_is_one_ticket_of_the_first(self):
        ticket = self.receive_ticket(
            self.fixture(
                "known_contact",
                To="internet@operator.example.com, support@operator.example.com",
                Delivered_To="",
            )
        )
        self.assertEqual(ticket.team_id, self.team_internet)

    def test_what_stands_behind_a_plus_is_no_part_of_the_address(self):
        for number, headers in enumerate(
            (
                {"To": "Acme <Support+Invoices@operator.example.com>", "Delivered_To": ""},
                {"To": "everybody:;", "Delivered_To": "support+x@operator.example.com"},
                {"To": "boss@customer.example.com", "Cc": "support+x+y@operator.example.com"},
            )
        ):
            with self.subTest(**headers):
                headers = {"Delivered_To": "", **headers}
                raw = self.fixture("known_contact", Message_ID=f"<{number}@example.com>", **headers)
                ticket = self.receive_ticket(raw)
                self.assertEqual(ticket.team_id, self.team_voice)
                self.assertNotIn("+x", ticket.email_cc or "")
                self.assertEqual(ticket.mail_alias_id, self.team_voice.alias_id)

    def test_address_that_has_a_plus_of_its_own_goes_first(self):
        self.team_internet.alias_name = "support+internet"
        to = "support+internet@operator.example.com"
        ticket = self.receive_ticket(self.fixture("known_contact", To=to, Delivered_To=to))
        self.assertEqual(ticket.team_id, self.team_internet)

    def test_other_peoples_addresses_keep_theirs(self):
        raw = self.fixture("known_contact", Cc="Ann <ann+acme@customer.example.com>")
        self.assertIn("ann+acme@customer.example.com", self.receive_ticket(raw).email_cc)

    def test_mail_to_two_spellings_of_one_address_is_one_ticket_of_the_first(self):
        to = "internet+x@operator.example.com, support+y@operator.example.com"
        ticket = self.receive_ticket(self.fixture("known_contact", To=to, Delivered_To=""))
        self.assertEqual(ticket.team_id, self.team_internet)

    def test_precedence_alone_costs_the_acknowledgement_and_nothing_else(self):
        for number, headers in enumerate(
            (
                {"Precedence": "bulk"},
                {"Precedence": "junk", "X_RT_Ticket": "supplier.example #4711"},
            )
        ):
            with self.subTest(**headers):
                raw = self.fixture("known_contact", Message_ID=f"<{number}@example.com>", **headers)
                ticket = self.receive_ticket(raw)
                self.assertFalse(ticket.acknowledge_at)
                self.assertTrue(ticket.last_customer_message_at)
        ticket.action_resolve()
        answer = self.fixture(
            "answer", Precedence="bulk", In_Reply_To=f"<{number}@example.com>", References=""
        )
        self.assertEqual(self.receive(answer).res_id, ticket.id)
        self.assertEqual((ticket.state, ticket.reopen_count), ("open", 1))

    def test_loop_header_of_others_is_nobodys_business(self):
        ticket = self.receive_ticket(self.fixture("known_contact", X_Loop="yes"))
        self.assertTrue(ticket.acknowledge_at)

    def test_mail_fed_twice_is_one_ticket(self):
        self.receive_ticket(self.fixture("known_contact"))
        self.assertFalse(self.receive(self.fixture("known_contact")))

    def test_mail_without_a_usable_sender_is_a_ticket(self):
        for number, sender in enumerate(("", "nobody at nowhere", "<>", "a@b@c, d")):
            with self.subTest(sender=sender):
                raw = self.fixture(
                    "unknown_sender", From=sender, Message_ID=f"<{number}@elsewhere.example.org>"
                )
                self.assertFalse(self.receive_ticket(raw).partner_id)

    def test_colleagues_mail_is_a_ticket_whose_customer_is_to_be_chosen(self):
        vouched = self.vouch_for(self.internal_user.email)
        ticket = self.receive_ticket(self.fixture("colleague", **vouched))
        self.assertFalse(ticket.partner_id or ticket.partner_email or ticket.partner_name)
        self.assertEqual(ticket.state, "new")
        self.assertFalse(ticket.first_response_at or ticket.last_customer_message_at)
        self.assertEqual(ticket.message_ids[-1].author_id, self.internal_user.partner_id)
        self.assertIn(self.internal_user.partner_id, ticket.message_partner_ids)

    def test_what_the_gateway_writes_is_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        french = {("telecom_helpdesk", "fr_FR"): {"(no subject)": "(sans objet)"}}
        with patch.dict(code_translations.python_translations, french):
            ticket = self.receive_ticket(self.fixture("no_subject"))
        self.assertEqual(ticket.name, "(sans objet)")


class TestSenders(MailCase):
    """The sender is matched to the right account, and no partner is invented."""

    def test_contact_is_made_where_the_team_wants_it(self):
        self.team_voice.mail_unknown_sender = "create"
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        self.assertEqual(ticket.partner_id.name, "Nobody, Nora")
        self.assertEqual(ticket.partner_id.email, "n.nobody@elsewhere.example.org")
        self.assertEqual(ticket.partner_id.company_id, self.company)
        [message] = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(message.author_id, ticket.partner_id)

    def make_account(self, domain):
        account = self.make_partner("Globex", email=f"info@{domain}", is_company=True)
        self.make_partner("Jane", email=f"jane@{domain}", parent_id=account.id)
        return account

    def test_new_contact_belongs_to_the_account_with_that_mail_domain(self):
        account = self.make_account("globex.example.net")
        self.team_voice.mail_unknown_sender = "create"
        raw = self.fixture("unknown_sender", From="New One <new.one@globex.example.net>")
        self.assertEqual(self.receive_ticket(raw).commercial_partner_id, account)

    def test_marked_sender_comes_with_a_hint_at_the_account(self):
        self.make_account("globex.example.net")
        raw = self.fixture("unknown_sender", From="New One <new.one@globex.example.net>")
        ticket = self.receive_ticket(raw)
        self.assertFalse(ticket.partner_id)
        remarks = " ".join(ticket.message_ids.mapped("body"))
        self.assertIn("globex.example.net belong to", remarks)

    def test_everybody_has_an_address_at_a_public_provider(self):
        self.make_account("gmail.com")
        ticket = self.receive_ticket(self.fixture("unknown_sender", From="other@gmail.com"))
        self.assertFalse([m for m in ticket.message_ids if "belong to" in m.body])

    def test_copied_contacts_follow_where_the_team_wants_it(self):
        boss = self.make_partner("Boss", email="bjorn@customer.example.com")
        self.assertNotIn(boss, self.receive_ticket(self.fixture("copied")).message_partner_ids)
        self.team_voice.mail_follow_copied = True
        contacts = self.env["res.partner"].search_count([])
        ticket = self.receive_ticket(self.fixture("copied", Message_ID="<2@customer.example.com>"))
        self.assertIn(boss, ticket.message_partner_ids)
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)

    def test_original_mail_is_kept_for_colleagues_where_the_team_wants_it(self):
        self.team_voice.mail_keep_original = True
        raw = self.fixture("known_contact")
        ticket = self.receive_ticket(raw)
        [note] = ticket.message_ids.filtered("attachment_ids")
        self.assertEqual(note.attachment_ids.raw, raw.encode())
        self.assertTrue(note.subtype_id.internal)

    def test_form_on_our_website_writes_in_our_name(self):
        raw = self.fixture(
            "unknown_sender",
            From="Website <support@operator.example.com>",
            Reply_To="Carla <carla.contact@customer.example.com>",
        )
        self.assertEqual(self.receive_ticket(raw).partner_id, self.customer_contact)

    def test_who_writes_to_our_address_through_a_group_is_acknowledged(self):
        headers = {"List_Id": "<support.example.com>", "Precedence": "list"}
        ours = {**headers, "List_Post": "<mailto:support@operator.example.com>"}
        self.assertTrue(self.receive_ticket(self.fixture("unknown_sender", **ours)).acknowledge_at)
        theirs = {**headers, "List_Post": "<mailto:chat@elsewhere.example.org>"}
        raw = self.fixture("unknown_sender", Message_ID="<2@elsewhere.example.org>", **theirs)
        self.assertFalse(self.receive_ticket(raw).acknowledge_at)

    def test_our_own_address_is_no_customer(self):
        raw = self.fixture("unknown_sender", From="Copier <internet@operator.example.com>")
        ticket = self.receive_ticket(raw)
        self.assertFalse(ticket.partner_id or ticket.partner_email)
        self.assertEqual(ticket.partner_name, "Copier")
