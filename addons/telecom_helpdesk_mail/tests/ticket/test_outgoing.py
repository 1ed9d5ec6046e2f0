import re
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import Form, HttpCase

from odoo.addons.base.tests.common import MockSmtplibCase

from ..common import MailCase, MailCommon


class TestAnswerLeaves(MailCase):
    """An agent's answer leaves from our address, in the customer's thread."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))

    def test_from_reply_to_and_envelope(self):
        mail = self.reply_to_customer(self.ticket)
        self.assertEqual(mail["From"], '"Vera Voice (Acme Telecom)" <support@operator.example.com>')
        self.assertEqual(mail["Reply-To"], "Vera Voice <support@operator.example.com>")
        self.assertEqual(mail["X-Envelope-From"], "bounce@operator.example.com")
        self.assertEqual(mail["X-Envelope-To"], "carla.contact@customer.example.com")

    def test_from_with_every_kind_of_mail_server(self):
        ours, notifications = "support@operator.example.com", "notifications@operator.example.com"
        for sender_filter, expected in (
            (False, ours),
            ("operator.example.com", ours),
            ("support@operator.example.com", ours),
            # Such a server refuses any other sender.
            (notifications, notifications),
        ):
            with self.subTest(sender_filter=sender_filter):
                self.env["ir.mail_server"].search([]).active = False
                self.env["ir.mail_server"].create(
                    {"name": "Out", "smtp_host": "localhost", "from_filter": sender_filter}
                )
                mail = self.reply_to_customer(self.ticket)
                self.assertEqual(mail["From"].addresses[0].addr_spec, expected)
                self.assertIn("Vera Voice", mail["From"])
                self.assertIn(ours, mail["Reply-To"])

    def test_other_mails_keep_odoos_choice_of_sender(self):
        servers = self.env["ir.mail_server"]
        servers.create({"name": "Out", "smtp_host": "localhost"})
        _server, sender = servers.with_context(
            domain_notifications_email="notifications@operator.example.com"
        )._find_mail_server("vera@private.example.net")
        self.assertEqual(sender, "notifications@operator.example.com")

    def test_thread_headers(self):
        mail = self.reply_to_customer(self.ticket)
        first = "<CA+known-1@mail.customer.example.com>"
        self.assertEqual(mail["In-Reply-To"], first)
        self.assertEqual(mail["References"].split()[0], first)
        self.agent_notes(self.ticket)
        self.receive(self.answer(mail))
        second = self.reply_to_customer(self.ticket)
        self.assertEqual(second["In-Reply-To"], "<CA+answer-1@mail.customer.example.com>")
        self.assertEqual(
            second["References"].split()[:3],
            [first, mail["Message-Id"], "<CA+answer-1@mail.customer.example.com>"],
        )

    def test_number_stands_in_the_subject_once(self):
        mail = self.reply_to_customer(self.ticket)
        expected = f"[{self.ticket.number}] No dial tone since this morning"
        self.assertEqual(mail["Subject"], expected)
        self.receive(self.answer(mail, Subject=f"AW: Re: {expected}"))
        self.assertEqual(self.reply_to_customer(self.ticket)["Subject"], expected)

    def test_subject_of_the_composer_gets_the_number(self):
        [mail] = self.compose(self.ticket, subject="Re: Your bill")
        self.assertEqual(mail["Subject"], f"[{self.ticket.number}] Your bill")

    def compose(self, ticket, **values):
        """An agent answers in the full composer. Returns the mails that left for it."""
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.agent_voice)
            .with_context(
                default_model=ticket._name,
                default_res_ids=ticket.ids,
                default_subtype_xmlid="mail.mt_comment",
                default_body="<p>We look at it.</p>",
            )
        )
        for name, value in values.items():
            setattr(composer, name, value)
        with self.outbox() as sent:
            composer.save().action_send_mail()
        return sent

    def test_unknown_sender_gets_the_answer(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        mail = self.reply_to_customer(ticket)
        self.assertEqual(mail["To"], "n.nobody@elsewhere.example.org")
        self.assertEqual(mail["In-Reply-To"], "<unknown-1@elsewhere.example.org>")
        self.assertIn("support@operator.example.com", mail["From"])

    def test_unknown_sender_gets_the_answer_of_the_full_composer(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        [mail] = self.compose(ticket)
        self.assertIn("n.nobody@elsewhere.example.org", mail["X-Envelope-To"])

    def test_unknown_sender_gets_the_answer_beside_others(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        sent = self.reply(ticket, partner_ids=self.other_customer.ids)
        self.assertEqual(
            {mail["X-Envelope-To"] for mail in sent},
            {"n.nobody@elsewhere.example.org", "globex@customer.example.com"},
        )
        for mail in sent:
            self.assertEqual(len(mail["To"].addresses), 2, "all may answer all")

    def test_customer_who_is_known_gets_one_mail(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        nora = self.make_partner("Nora", email="N.Nobody@elsewhere.example.org")
        self.reply_to_customer(ticket, partner_ids=nora.ids)

    def test_answer_leaves_from_the_address_written_to(self):
        self.ticket.team_id = self.team_internet
        mail = self.reply_to_customer(self.ticket, user=self.agent_internet)
        self.assertIn("<support@operator.example.com>", mail["From"])
        self.assertIn("<support@operator.example.com>", mail["Reply-To"])

    def test_ticket_of_a_call_is_answered_from_the_teams_address(self):
        ticket = self.make_ticket(channel="phone", team_id=self.team_internet.id)
        mail = self.reply_to_customer(ticket, user=self.agent_internet)
        self.assertIn("<internet@operator.example.com>", mail["From"])

    def test_team_without_address_answers_as_odoo_does(self):
        team = self.make_team("Third Level", self.agent_voice)
        mail = self.reply_to_customer(self.make_ticket(team_id=team.id))
        self.assertEqual(mail["From"], "Vera Voice <agent_voice@operator.example.com>")
        self.assertIn("catchall@operator.example.com", mail["Reply-To"])

    def test_ticket_moved_to_another_company_answers_from_an_address_of_it(self):
        other = self.make_company("Globe")
        self.ticket.team_id = self.env["telecom.ticket.team"].search(
            [("company_id", "=", other.id)]
        )
        self.assertEqual(self.ticket.company_id, other)
        mail = self.reply_to_customer(self.ticket, user=self.env.user)
        self.assertIn("<support@globe.example.com>", mail["From"])

    def test_agent_answers_from_their_own_mailbox(self):
        self.ticket.message_subscribe(self.agent_voice.partner_id.ids)
        mail = self.reply_to_customer(self.ticket)
        with self.outbox() as sent:
            self.receive(self.answer(mail))
        [copy] = sent
        self.assertEqual(copy["X-Envelope-To"], "agent_voice@operator.example.com")
        with self.outbox() as sent:
            message = self.receive(self.answer(copy, "agent_answers"))
        self.assertEqual(message.author_id, self.agent_voice.partner_id)
        [mail] = [mail for mail in sent if "carla" in mail["X-Envelope-To"]]
        self.assertIn("<support@operator.example.com>", mail["From"])
        self.assertNotIn("agent_voice@", mail.as_string())
        self.assertTrue(self.ticket.last_agent_reply_at)

    def test_agents_attachments_leave_too(self):
        files = self.env["ir.attachment"].with_user(self.agent_voice)
        file = files.create(
            {"name": "config.txt", "raw": b"sip=1", "res_model": "mail.compose.message"}
        )
        mail = self.reply_to_customer(self.ticket, attachment_ids=file.ids)
        [part] = mail.iter_attachments()
        self.assertEqual(part.get_filename(), "config.txt")

    def test_customer_reads_what_was_written_and_no_button(self):
        mail = self.reply_to_customer(self.ticket)
        self.assertEqual(mail["To"], "Carla Contact <carla.contact@customer.example.com>")
        html = mail.get_body(("html",)).get_content()
        self.assertIn("We are on it.", html)
        self.assertFalse(re.findall(r"<a [^>]*/mail/view", html))
        self.assertEqual(
            mail.get_body(("plain",)).get_content().split(),
            f"We are on it. -- Vera Voice Acme Telecom {self.ticket.number} "
            "Something to add? Just answer this mail.".split(),
        )

    def test_mail_is_in_the_customers_language(self):
        layout = self.env.ref("telecom_helpdesk_mail.mail_layout")
        for code, text in (("fr_FR", "répondez à ce message"), ("de_DE", "antworten Sie")):
            with self.subTest(lang=code):
                self.env["res.lang"]._activate_lang(code)
                layout.update_field_translations(
                    "arch_db", {code: {"Something to add? Just answer this mail.": text}}
                )
                self.customer_contact.lang = code
                self.env.flush_all()
                body = self.reply_to_customer(self.ticket).get_body(("html",)).get_content()
                self.assertIn(f'<html lang="{code}">', body)
                self.assertIn(text, body)


class TestSignature(MailCase):
    """The customer reads who answered, once, and the team's signature, once."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.team_voice.mail_signature = "<p><b>Acme Voice</b><br>Monday to Friday</p>"

    def text(self, mail):
        return mail.get_body(("plain",)).get_content()

    def test_team_signs_below_the_agent(self):
        text = self.text(self.reply_to_customer(self.ticket))
        self.assertEqual(
            text.split(),
            "We are on it. -- Vera Voice *Acme Voice* Monday to Friday "
            f"{self.ticket.number} Something to add? Just answer this mail.".split(),
        )

    def test_agents_own_mail_program_signs_for_the_agent(self):
        self.ticket.message_subscribe(self.agent_voice.partner_id.ids)
        with self.outbox() as sent:
            self.receive(self.fixture("answer", In_Reply_To=self.first_id()))
        [copy] = sent
        with self.outbox() as sent:
            self.receive(self.answer(copy, "agent_answers"))
        [mail] = [mail for mail in sent if "carla" in mail["X-Envelope-To"]]
        self.assertEqual(self.text(mail).count("Vera Voice"), 0)
        self.assertEqual(self.text(mail).count("Acme Voice"), 1)

    def first_id(self):
        return "<CA+known-1@mail.customer.example.com>"

    def test_signature_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = "<p>Acme Voix, du lundi au vendredi</p>"
        self.team_voice.with_context(lang="fr_FR").mail_signature = french
        self.customer_contact.lang = "fr_FR"
        text = self.text(self.reply_to_customer(self.ticket))
        self.assertIn("Acme Voix", text)
        self.assertNotIn("Acme Voice", text)

    def test_colleagues_do_not_need_it_nor_do_other_customers_mails_carry_it(self):
        self.ticket.message_subscribe((self.agent_voice.partner_id | self.other_customer).ids)
        with self.outbox() as sent:
            self.receive(self.fixture("answer", In_Reply_To=self.first_id()))
            self.ticket.with_user(self.agent_internet).sudo().message_post(
                body="And?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        signed = [mail["X-Envelope-To"] for mail in sent if "Acme Voice" in self.text(mail)]
        self.assertEqual(
            sorted(signed),
            ["carla.contact@customer.example.com", "globex@customer.example.com"],
            "what the agent wrote, to customers",
        )
        self.assertEqual(len(sent), 5)

    def test_script_in_a_signature_is_taken_out(self):
        self.team_voice.mail_signature = "<p onclick='x()'>Hi<script>alert(1)</script></p>"
        html = self.reply_to_customer(self.ticket).get_body(("html",)).get_content()
        self.assertNotRegex(html, "script|onclick")


class TestCopies(MailCase):
    """What a customer writes is sent on to agents and others: from us, in the customer's name."""

    SENDER = '"Carla Contact (via Acme Telecom)" <support@operator.example.com>'

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.ticket.message_subscribe((self.agent_voice.partner_id | self.other_customer).ids)

    def receive_answer(self, **headers):
        """The customer answers. Returns the message, and the copies by who got them."""
        with self.outbox() as sent:
            message = self.receive(self.fixture("answer", In_Reply_To=self.first(), **headers))
        return message, {mail["X-Envelope-To"]: mail for mail in sent}

    def first(self):
        return "<CA+known-1@mail.customer.example.com>"

    def test_copy_leaves_from_our_address_with_every_kind_of_mail_server(self):
        notifications = "notifications@operator.example.com"
        for number, (sender_filter, domain_sender) in enumerate(
            (
                (False, "notifications"),
                (False, False),
                ("operator.example.com", "notifications"),
                ("support@operator.example.com", False),
                (notifications, "notifications"),
            )
        ):
            with self.subTest(sender_filter=sender_filter, domain_sender=domain_sender):
                self.alias_domain.default_from = domain_sender
                self.env["ir.mail_server"].search([]).active = False
                self.env["ir.mail_server"].create(
                    {"name": "Out", "smtp_host": "localhost", "from_filter": sender_filter}
                )
                message, copies = self.receive_answer(Message_ID=f"<{number}@x.example.com>")
                self.assertEqual(len(copies), 2)
                for copy in copies.values():
                    if sender_filter == notifications:  # refuses any other sender
                        self.assertIn(notifications, copy["From"])
                    else:
                        self.assertEqual(copy["From"], self.SENDER)
                    self.assertIn("<support@operator.example.com>", copy["Reply-To"])
                    self.assertIn("@operator.example.com", copy["X-Envelope-From"])
                self.assertEqual(message.author_id, self.customer_contact)
                self.assertIn("carla.contact@customer.example.com", message.email_from)

    def test_copies_of_one_queue_leave_each_from_its_own_address(self):
        self.env["ir.mail_server"].create({"name": "Out", "smtp_host": "localhost"})
        other = self.make_ticket(team_id=self.team_internet.id)
        other.message_subscribe(self.other_customer.ids)
        with self.outbox() as sent:
            queued = self.env["mail.mail"]
            for ticket, user in (
                (self.ticket, self.portal_user),
                (other, self.portal_user),
                (other, self.agent_internet),
            ):
                ticket.with_user(user).with_context(mail_notify_force_send=False).message_post(
                    body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
                )
            queued.search([("state", "=", "outgoing")]).send()
        self.assertEqual(
            sorted(m["From"] for m in sent if "globex" in m["X-Envelope-To"]),
            [
                '"Carla Contact (via Acme Telecom)" <internet@operator.example.com>',
                '"Carla Contact (via Acme Telecom)" <support@operator.example.com>',
                '"Ivo Internet (Acme Telecom)" <internet@operator.example.com>',
            ],
        )

    def test_copy_of_an_unknown_senders_mail(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        ticket.message_subscribe(self.agent_voice.partner_id.ids)
        for number, (sender, expected) in enumerate(
            (
                ('"Nobody, Nora" <n@elsewhere.example.org>', "Nobody, Nora"),
                ("n@elsewhere.example.org", "n@elsewhere.example.org"),
                ('"Evil, x <a@b.c>" <n@elsewhere.example.org>', "Evil, x <a@b.c>"),
            )
        ):
            with self.subTest(sender=sender), self.outbox() as sent:
                self.receive(
                    self.fixture(
                        "answer",
                        From=sender,
                        In_Reply_To="<unknown-1@elsewhere.example.org>",
                        Message_ID=f"<{number}@elsewhere.example.org>",
                    )
                )
            [copy] = sent
            [address] = copy["From"].addresses
            self.assertEqual(address.addr_spec, "support@operator.example.com")
            self.assertEqual(address.display_name, f"{expected} (via Acme Telecom)")

    # Proof that an answer comes from a colleague

    def test_colleagues_copy_holds_a_proof_and_nobody_elses(self):
        proof = self.ticket._get_internal_reference()
        _message, copies = self.receive_answer()
        colleague = copies["agent_voice@operator.example.com"]
        customer = copies["globex@customer.example.com"]
        self.assertEqual(colleague["References"].split()[0], proof)
        self.assertNotIn(proof[1:65], customer.as_string())
        for mail in self.reply(self.ticket):
            self.assertNotIn(proof[1:65], mail.as_string())
        self.assertTrue(self.ticket._is_proven_internal(self.answer(colleague)))
        self.assertFalse(self.ticket._is_proven_internal(self.answer(customer)))

    def test_colleagues_who_are_told_hold_the_proof_too(self):
        for tell in (
            lambda: self.agent_notes(self.ticket, partner_ids=self.manager.partner_id.ids),
            lambda: self.ticket.write({"user_id": self.manager.id}),
        ):
            with patch.object(self.registry, "ready", True), self.outbox() as sent:
                tell()
            [mail] = [m for m in sent if m["X-Envelope-To"] == "manager@operator.example.com"]
            self.assertTrue(self.ticket._is_proven_internal(mail["References"]))

    def test_proof_is_of_one_ticket_and_unguessable(self):
        other = self.make_ticket()
        proof = self.ticket._get_internal_reference()
        self.assertRegex(proof, r"^<[0-9a-f]{64}@operator\.example\.com>$")
        self.assertTrue(self.ticket._is_proven_internal(f"<a@b> {proof}\n <c@d>"))
        self.assertFalse(other._is_proven_internal(proof))
        for forged in (None, "", "<>", f"<{'0' * 64}@operator.example.com>", proof[1:-1]):
            self.assertFalse(self.ticket._is_proven_internal(forged), forged)
        self.team_voice.alias_name = "help"
        self.alias_domain.name = "new.example.com"
        self.assertTrue(self.ticket._is_proven_internal(proof), "old mails stay good")

    def test_colleagues_answer_all_stays_inside(self):
        _message, copies = self.receive_answer(Cc="Boss <boss@customer.example.com>")
        colleague = copies["agent_voice@operator.example.com"]
        self.assertEqual(len(colleague["To"].addresses), 1)
        # Customers may answer all of their own.
        self.assertIn("boss@customer.example.com", copies["globex@customer.example.com"]["To"])

    def test_proof_stands_in_front_of_a_long_thread(self):
        for number in range(12):
            self.receive_answer(Message_ID=f"<{number}@customer.example.com>")
        _message, copies = self.receive_answer()
        references = copies["globex@customer.example.com"]["References"].split()
        self.assertEqual(len(references), 9)
        self.assertEqual(references[0], self.first())
        self.assertEqual(references[-2], "<11@customer.example.com>")
        self.assertEqual(
            copies["agent_voice@operator.example.com"]["References"].split(),
            [self.ticket._get_internal_reference(), *references],
        )


class TestAutomaticMails(MailCase):
    """Robots do not answer what Odoo sends by itself."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))

    def test_stage_mails_say_that_they_are_automatic(self):
        template = self.env["mail.template"].create(
            {
                "name": "Resolved",
                "model_id": self.env["ir.model"]._get_id("telecom.ticket"),
                "subject": "Resolved: {{ object.name }}",
                "body_html": "<p>It works again.</p>",
                "email_from": "{{ user.email_formatted }}",
            }
        )
        stage = self.stage("resolved")
        stage.mail_template_id = template
        other = self.make_ticket(partner_id=self.other_customer.id)
        other.message_unsubscribe(self.manager.partner_id.ids)  # who entered it
        self.cr.flush()
        with self.outbox() as sent:
            (self.ticket | other).with_user(self.agent_voice).stage_id = stage
            self.cr.flush()
        self.assertEqual(
            {mail["X-Envelope-To"] for mail in sent},
            {"carla.contact@customer.example.com", "globex@customer.example.com"},
        )
        for mail in sent:
            self.assertEqual(mail["Auto-Submitted"], "auto-generated")
            self.assertIn("<support@operator.example.com>", mail["From"])
            self.assertIn("It works again.", mail.get_body(("plain",)).get_content())
        [mail] = [mail for mail in sent if "carla" in mail["X-Envelope-To"]]
        self.assertEqual(mail["In-Reply-To"], "<CA+known-1@mail.customer.example.com>")
        self.assertFalse(self.ticket.first_response_at)

    def test_notices_to_colleagues_say_that_they_are_automatic(self):
        with patch.object(self.registry, "ready", True), self.outbox() as sent:
            self.ticket.user_id = self.agent_voice
        [mail] = sent
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")

    def test_answers_of_humans_do_not(self):
        self.ticket.message_subscribe(self.agent_voice.partner_id.ids)
        mail = self.reply_to_customer(self.ticket)
        with self.outbox() as sent:
            self.receive(self.answer(mail))
        for human in (mail, *sent):
            self.assertIsNone(human["Auto-Submitted"])
            self.assertIsNone(human["X-Auto-Response-Suppress"])


class TestAnswerInTheWebClient(MailCommon, MockSmtplibCase, HttpCase):
    """What the web client asks for when an agent answers an unknown sender."""

    def setUp(self):
        super().setUp()
        self.agent_voice.group_ids += self.env.ref("base.group_partner_manager")
        self.ticket = self.receive_ticket(self.fixture("unknown_sender"))
        self.authenticate("agent_voice", "agent_voice")
        self.contacts = self.env["res.partner"].search_count([])

    def test_unknown_sender_gets_the_answer_and_is_made_no_contact(self):
        suggested = self.ticket._message_get_suggested_recipients(reply_discussion=True)
        self.assertEqual(
            [(recipient["name"], recipient["email"]) for recipient in suggested],
            [("Nobody, Nora", "n.nobody@elsewhere.example.org")],
        )
        with self.outbox() as sent:
            self.make_jsonrpc_request(
                "/mail/message/post",
                {
                    "thread_model": "telecom.ticket",
                    "thread_id": self.ticket.id,
                    "post_data": {
                        "body": "<p>We do.</p>",
                        "message_type": "comment",
                        "subtype_xmlid": "mail.mt_comment",
                        "partner_emails": [suggested[0]["email"]],
                    },
                },
            )
        self.assertEqual([mail["To"] for mail in sent], ["n.nobody@elsewhere.example.org"])
        self.assertEqual(self.env["res.partner"].search_count([]), self.contacts)

    def test_full_composer_opens_for_an_unknown_sender(self):
        found = self.make_jsonrpc_request(
            "/mail/partner/from_email",
            {
                "thread_model": "telecom.ticket",
                "thread_id": self.ticket.id,
                "emails": ["n.nobody@elsewhere.example.org"],
            },
        )
        self.assertEqual(found, [])
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.agent_voice)
            .with_context(
                default_model="telecom.ticket",
                default_res_ids=self.ticket.ids,
                default_partner_ids=[False],  # what the web client makes of it
                default_subtype_xmlid="mail.mt_comment",
                default_body="<p>We do.</p>",
            )
        )
        self.assertEqual(composer.telecom_unknown_customer, "n.nobody@elsewhere.example.org")
        with self.outbox() as sent:
            composer.save().action_send_mail()
        self.assertEqual([mail["To"] for mail in sent], ["n.nobody@elsewhere.example.org"])
        self.assertEqual(self.env["res.partner"].search_count([]), self.contacts)


class TestNotesStay(MailCase):
    """Internal notes never leave the building by mail."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))

    def note(self, ticket, **kwargs):
        with self.outbox() as sent:
            self.agent_notes(ticket, **kwargs)
        return [mail["X-Envelope-To"] for mail in sent]

    def test_note_reaches_no_customer_who_follows(self):
        every_subtype = self.env["mail.message.subtype"].search([])
        self.ticket.message_follower_ids.subtype_ids = [Command.set(every_subtype.ids)]
        self.assertFalse(self.note(self.ticket))

    def test_note_reaches_no_customer_who_is_mentioned(self):
        people = self.customer_contact | self.other_customer | self.manager.partner_id
        self.assertEqual(
            self.note(self.ticket, partner_ids=people.ids), ["manager@operator.example.com"]
        )

    def test_note_reaches_no_unknown_sender(self):
        self.assertFalse(self.note(self.receive_ticket(self.fixture("unknown_sender"))))

    def test_note_of_the_full_composer_reaches_no_customer(self):
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.agent_voice)
            .create(
                {
                    "model": "telecom.ticket",
                    "res_ids": str(self.ticket.ids),
                    "subtype_id": self.env.ref("mail.mt_note").id,
                    "partner_ids": [Command.set(self.customer_contact.ids)],
                    "body": "<p>Secret</p>",
                }
            )
        )
        with self.outbox() as sent:
            composer.action_send_mail()
        self.assertFalse(sent)

    def test_note_that_is_forwarded_reaches_no_customer(self):
        """Odoo's "forward" of a message opens the composer on it, as a note or as a mail."""
        note = self.agent_notes(self.ticket, body="The customer is late with paying.")
        for recipients in (self.customer_contact, self.customer_contact | self.other_customer):
            composer = (
                self.env["mail.compose.message"]
                .with_user(self.agent_voice)
                .with_context(
                    default_model=self.ticket._name,
                    default_res_ids=self.ticket.ids,
                    default_parent_id=note.id,
                    default_subtype_xmlid="mail.mt_note",
                    default_partner_ids=recipients.ids,
                    default_body=note.body,
                )
                .create({})
            )
            with self.outbox() as sent:
                composer.action_send_mail()
            self.assertFalse(sent)

    def test_note_is_in_no_later_mail(self):
        note = self.agent_notes(self.ticket, body="The customer is late with paying.")
        mail = self.reply_to_customer(self.ticket)
        self.assertNotIn("late with paying", mail.as_string())
        self.assertNotIn(note.message_id, mail.as_string())
        self.receive(self.answer(mail))
        self.assertNotIn(note.message_id, self.reply_to_customer(self.ticket).as_string())

    def test_note_that_answers_a_customer_stays(self):
        mail = self.reply_to_customer(self.ticket)
        message = self.receive(self.answer(mail))
        self.assertFalse(self.note(self.ticket, parent_id=message.id))

    def test_note_reaches_no_copied_people(self):
        ticket = self.receive_ticket(self.fixture("copied"))
        self.assertFalse(self.note(ticket))
