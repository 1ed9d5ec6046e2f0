import itertools

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import NEWSLETTER, MailCase


class TestAnswersByMail(MailCase):
    """Later answers in the thread land on the ticket, and do what answers do."""

    def setUp(self):
        super().setUp()
        with frozen("2026-03-02 09:00:00"):
            self.ticket = self.receive_ticket(self.fixture("known_contact"))
            self.mail = self.reply_to_customer(self.ticket)

    def receive_answer(self, **headers):
        return self.receive(self.answer(self.mail, **headers))

    def test_answer_lands_on_the_ticket(self):
        message = self.receive_answer()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertIn("It still does not work.", message.body)
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))

    def test_answer_with_references_alone_or_in_reply_to_alone(self):
        for number, dropped in enumerate(("In_Reply_To", "References")):
            with self.subTest(dropped=dropped):
                message = self.receive_answer(
                    **{dropped: "", "Message_ID": f"<{number}@customer.example.com>"}
                )
                self.assertEqual(message.res_id, self.ticket.id)

    def test_answer_to_ones_own_first_mail_lands_on_the_ticket(self):
        message = self.receive(
            self.fixture("answer", In_Reply_To="<CA+known-1@mail.customer.example.com>")
        )
        self.assertEqual(message.res_id, self.ticket.id)

    def test_answer_from_an_address_that_two_share_is_the_customers(self):
        # The other one follows too, and has an account, which Odoo would prefer.
        twin = self.make_partner("Twin", email=self.customer_contact.email)
        self.ticket.partner_id = twin
        self.ticket.message_subscribe(self.customer_contact.ids)
        self.assertEqual(self.receive_answer().author_id, twin)

    def test_answer_opens_a_waiting_ticket(self):
        self.ticket._set_state("waiting_customer")
        self.receive_answer()
        self.assertEqual((self.ticket.state, self.ticket.reopen_count), ("open", 0))

    def test_answer_reopens_a_resolved_ticket(self):
        self.ticket.action_resolve()
        self.receive_answer()
        self.assertEqual((self.ticket.state, self.ticket.reopen_count), ("open", 1))

    def test_answer_of_an_unknown_sender_opens_their_waiting_ticket(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        mail = self.reply_to_customer(ticket)
        ticket._set_state("waiting_customer")
        message = self.receive(self.answer(mail, From="Nora <n.nobody@elsewhere.example.org>"))
        self.assertEqual(message.res_id, ticket.id)
        self.assertEqual(ticket.state, "open")
        self.assertFalse(ticket.partner_id)

    def test_copied_people_of_an_answer_are_kept(self):
        self.receive_answer(Cc="Boss <boss@customer.example.com>, internet@operator.example.com")
        self.assertEqual(self.ticket.email_cc, '"Boss" <boss@customer.example.com>')

    def test_late_answer_opens_a_follow_up_and_the_thread_goes_on_there(self):
        with frozen("2026-03-03 09:00:00"):
            self.ticket.action_close()
        with frozen("2026-04-20 09:00:00"):
            message = self.receive_answer(Cc="Boss <boss@customer.example.com>")
        follow_up = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(follow_up.follow_up_of_id, self.ticket)
        self.assertEqual(self.ticket.state, "closed")
        self.assertEqual(follow_up.name, "No dial tone since this morning")
        self.assertEqual((follow_up.state, follow_up.channel), ("new", "email"))
        self.assertEqual(follow_up.partner_id, self.customer_contact)
        self.assertEqual(follow_up.email_cc, '"Boss" <boss@customer.example.com>')
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertTrue(follow_up.last_customer_message_at)
        # The agent's answer is in the customer's thread, and theirs lands on the follow-up.
        mail = self.reply_to_customer(follow_up)
        self.assertEqual(mail["In-Reply-To"], message.message_id)
        self.assertIn(message.message_id, mail["References"])
        self.assertTrue(mail["Subject"].startswith(f"[{follow_up.number}] "))
        self.assertNotIn(self.ticket.number, mail["Subject"])
        answer = self.receive(self.answer(mail, Message_ID="<later@customer.example.com>"))
        self.assertEqual(answer.res_id, follow_up.id)

    def test_second_answer_to_the_old_thread_lands_on_the_same_follow_up(self):
        with frozen("2026-03-03 09:00:00"):
            self.ticket.action_close()
        with frozen("2026-04-20 09:00:00"):
            first = self.receive_answer()
            second = self.receive_answer(Message_ID="<second@customer.example.com>")
        self.assertNotEqual(first.res_id, self.ticket.id)
        self.assertEqual(first.res_id, second.res_id)

    def test_answer_to_a_note_is_public(self):
        note = self.agent_notes(self.ticket)
        message = self.receive(
            self.fixture("answer", In_Reply_To=note.message_id, References=note.message_id)
        )
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(message.is_internal)

    def test_agents_answer_to_a_note_by_mail_is_a_note(self):
        note = self.agent_notes(self.ticket, user=self.manager)
        with self.outbox() as sent:
            message = self.receive(self.fixture("agent_answers", In_Reply_To=note.message_id))
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse([mail for mail in sent if "customer.example.com" in mail["To"]])


class TestAutomaticMail(MailCase):
    """Robots do no harm."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.ticket.message_subscribe(self.portal_colleague.partner_id.ids)
        [self.mail, _copy] = self.reply(self.ticket)

    def receive_out_of_office(self):
        with self.outbox() as sent:
            message = self.receive(self.answer(self.mail, "out_of_office"))
        return message, sent

    def test_out_of_office_is_kept_and_is_no_answer(self):
        with frozen("2026-03-02 09:00:00"):
            self.ticket._set_state("waiting_customer")
            written = self.ticket.last_customer_message_at
            message, sent = self.receive_out_of_office()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertIn("I am away", message.body)
        self.assertEqual(self.ticket.state, "waiting_customer")
        self.assertEqual(self.ticket.last_customer_message_at, written)
        self.assertFalse(sent)

    def test_out_of_office_of_a_closed_ticket_opens_nothing(self):
        self.ticket.action_cancel()
        message, _sent = self.receive_out_of_office()
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertEqual(self.ticket.state, "cancelled")

    def test_robots_open_no_ticket(self):
        for headers, reason in (
            ({"Auto_Submitted": "auto-replied"}, "automatic"),
            ({"Auto_Submitted": "auto-generated"}, "automatic"),
            (NEWSLETTER, "bulk"),
        ):
            with self.subTest(**headers):
                raw = self.fixture("unknown_sender", Message_ID=f"<{reason}@x.example>", **headers)
                entry = self.receive_quarantined(raw + str(headers))
                self.assertEqual((entry.reason, entry.state), (reason, "waiting"))
                self.assertEqual(entry.team_id, self.team_voice)

    def test_machine_reports_to_a_team_that_wants_it(self):
        self.team_voice.mail_accept_notices = True
        ticket = self.receive_ticket(
            self.fixture("unknown_sender", Auto_Submitted="auto-generated")
        )
        self.assertFalse(ticket.last_customer_message_at)
        self.assertEqual(ticket.message_ids[-1].subtype_id, self.env.ref("mail.mt_comment"))


class TestNumberInTheSubject(MailCase):
    """An answer that names the number: from any mail program, even one that drops the headers."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))

    def write(self, sender, subject=None, **headers):
        """Somebody writes to us with the ticket's number in the subject, and no other trace."""
        number = next(self.numbers)
        return self.receive(
            self.fixture(
                "unknown_sender",
                From=sender,
                Subject=subject or f"Re: [{self.ticket.number}] No dial tone",
                Message_ID=f"<plain-{number}@elsewhere.example.org>",
                **headers,
            )
        )

    numbers = itertools.count()

    def assertOnTicket(self, message, ticket=None):
        self.assertEqual(message.res_id, (ticket or self.ticket).id)

    def assertNewTicket(self, message):
        ticket = self.env["telecom.ticket"].browse(message.res_id)
        self.assertNotEqual(ticket, self.ticket)
        return ticket

    def test_customer_in_any_form(self):
        number = self.ticket.number
        for subject in (
            f"Re: [{number}] No dial tone",
            f"AW: [{number}] Kein Wählton",
            f"WG: AW: [EXTERN] [{number}] Kein Wählton",
            f"TR : Re: {number} Pas de tonalité",
            f"Fwd: RE: your ticket {number}.",
            f"=?utf-8?Q?RV=3A_=5B{number}=5D_Sin_l=C3=ADnea?=",
            f"Rif: Ticket-{number.lower()}",
        ):
            with self.subTest(subject=subject):
                message = self.write("Carla <carla.contact@customer.example.com>", subject)
                self.assertOnTicket(message)
                self.assertEqual(message.author_id, self.customer_contact)

    def test_who_has_a_part_in_the_ticket(self):
        colleague = self.make_partner(
            "Colleague", email="colleague@customer.example.com", parent_id=self.customer.id
        )
        supplier = self.make_partner("Carrier", email="noc@carrier.example.net")
        self.ticket.service_id = self.make_service(
            "T-1", self.type_voice, self.customer, supplier_id=supplier.id
        )
        follower = self.make_partner("Friend", email="friend@elsewhere.example.org")
        self.ticket.message_subscribe(follower.ids)
        self.ticket.email_cc = "Boss <boss@elsewhere.example.org>"
        for sender in (
            colleague.email,
            supplier.email,
            follower.email,
            "boss@elsewhere.example.org",
        ):
            with self.subTest(sender=sender):
                self.assertOnTicket(self.write(sender))

    def test_unknown_customer(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        message = self.write("N.Nobody@Elsewhere.example.org", f"Re: {ticket.number}")
        self.assertOnTicket(message, ticket)

    def test_number_with_small_letters_of_its_own(self):
        self.ticket.number = "Tk-000123"
        self.assertOnTicket(self.write("carla.contact@customer.example.com"))

    def test_stranger_gets_no_way_in(self):
        before = self.ticket.message_ids
        message = self.write("Eve <eve@evil.example.org>")
        ticket = self.assertNewTicket(message)
        self.assertFalse(ticket.partner_id)
        self.assertEqual(self.ticket.message_ids, before)
        [remark] = ticket.message_ids.filtered(lambda m: m.message_type == "notification")
        self.assertIn(f"The subject names {self.ticket.number}", remark.body)
        self.assertTrue(remark.is_internal or remark.subtype_id.internal)

    def test_forged_customer_gets_no_way_in(self):
        said = self.vouch_for("carla.contact@customer.example.com")["Authentication_Results"]
        message = self.write(
            "carla.contact@customer.example.com",
            Authentication_Results=said.replace("dmarc=pass", "dmarc=fail"),
        )
        ticket = self.assertNewTicket(message)
        remarks = " ".join(ticket.message_ids.mapped("body"))
        self.assertIn("could not be verified", remarks)

    def test_forged_colleague_gets_no_way_in(self):
        with self.outbox() as sent:
            message = self.write("Vera Voice <agent_voice@operator.example.com>")
        ticket = self.assertNewTicket(message)
        self.assertFalse(self.ticket.first_response_at or ticket.first_response_at)
        self.assertFalse([m for m in sent if "customer.example.com" in m["X-Envelope-To"]])

    def test_colleague_whom_our_own_server_vouches_for(self):
        message = self.write(
            "Vera Voice <agent_voice@operator.example.com>",
            **self.vouch_for("agent_voice@operator.example.com"),
        )
        self.assertOnTicket(message)
        self.assertTrue(self.ticket.first_response_at)

    def test_number_of_another_company_is_nothing_here(self):
        other = self.make_company("Globe")
        message = self.write(
            "carla.contact@customer.example.com",
            To="support@globe.example.com",
            Delivered_To="support@globe.example.com",
        )
        self.assertEqual(self.assertNewTicket(message).company_id, other)

    def test_mail_to_a_merged_ticket_lands_on_its_target(self):
        target = self.make_ticket(partner_id=self.customer_contact.id)
        middle = self.make_ticket(partner_id=self.customer_contact.id)
        middle.merged_into_id = target
        self.ticket.merged_into_id = middle
        self.assertOnTicket(self.write("carla.contact@customer.example.com"), target)
        answer = self.fixture("answer", In_Reply_To="<CA+known-1@mail.customer.example.com>")
        self.assertOnTicket(self.receive(answer), target)


class TestArchived(MailCase):
    """An archived ticket swallows no answer."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.mail = self.reply_to_customer(self.ticket)
        self.ticket.active = False

    def notes(self):
        return " ".join(self.ticket.message_ids.mapped("body"))

    def test_answer_brings_it_back_and_reopens_it(self):
        self.ticket.action_resolve()
        self.assertEqual(self.receive(self.answer(self.mail)).res_id, self.ticket.id)
        self.assertTrue(self.ticket.active)
        self.assertEqual((self.ticket.state, self.ticket.reopen_count), ("open", 1))
        self.assertIn("back, because Carla Contact wrote", self.notes())

    def test_answer_that_only_names_the_number_brings_it_back(self):
        raw = self.answer(
            self.mail, Subject=f"Still dead [{self.ticket.number}]", In_Reply_To="", References=""
        )
        self.assertEqual(self.receive(raw).res_id, self.ticket.id)
        self.assertTrue(self.ticket.active)

    def test_mail_to_a_ticket_merged_into_it_brings_it_back(self):
        merged = self.make_ticket(partner_id=self.customer_contact.id)
        merged.write({"merged_into_id": self.ticket.id, "active": False})
        raw = self.fixture("answer", Subject=f"Re: {merged.number}", In_Reply_To="", References="")
        self.assertEqual(self.receive(raw).res_id, self.ticket.id)
        self.assertTrue(self.ticket.active)

    def test_colleagues_answer_and_one_that_is_not_proven_bring_it_back(self):
        said = self.vouch_for("agent_voice@operator.example.com")
        for headers in (said, {}):
            with self.subTest(**headers):
                self.ticket.active = False
                raw = self.answer(
                    self.mail,
                    From="agent_voice@operator.example.com",
                    Message_ID=f"<{len(headers)}@operator.example.com>",
                    **headers,
                )
                self.assertEqual(self.receive(raw).res_id, self.ticket.id)
                self.assertTrue(self.ticket.active)

    def test_robots_answer_does_not_bring_it_back(self):
        self.receive(self.answer(self.mail, "out_of_office"))
        self.assertFalse(self.ticket.active)

    def test_answer_long_after_the_end_opens_a_follow_up(self):
        self.ticket.action_resolve()
        self.ticket._set_state("closed")
        self.ticket.closed_at = "2020-01-01 09:00:00"
        message = self.receive(self.answer(self.mail))
        follow_up = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(follow_up.follow_up_of_id, self.ticket)
        self.assertTrue(follow_up.active)
        self.assertFalse(self.ticket.active)


class TestForgedColleague(MailCase):
    """It is not enough to write in the name of a colleague."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.mail = self.reply_to_customer(self.ticket)

    def test_answer_in_a_colleagues_name_is_a_note_that_reaches_no_customer(self):
        # The customer knows the thread, and may have given it away.
        with self.outbox() as sent:
            message = self.receive(self.answer(self.mail, "agent_answers"))
        self.assertEqual(message.res_id, self.ticket.id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse(message.author_id)
        self.assertIn(self.agent_voice.email, message.email_from, "not ours")
        self.assertEqual([mail["X-Envelope-To"] for mail in sent], [self.agent_voice.email])
        self.assertIn("without proof that it is theirs", sent[0].get_body(("plain",)).get_content())
        self.assertEqual(self.ticket.state, "new")


class TestForwarded(MailCase):
    """A colleague sends a customer's mail on."""

    def forward(self, address, **headers):
        body = (
            "See below.\n\n---------- Forwarded message ---------\n"
            f"From: Some Body <{address}>\nDate: Mon, 2 Mar 2026 at 08:12\n"
            "Subject: Router broken\nTo: <vera@operator.example.com>\n\nIt blinks red.\n"
        )
        headers = {**self.vouch_for(self.agent_voice.email), **headers}
        raw = self.fixture("agent_answers", Subject="Fwd: Router broken", **headers)
        return self.receive_ticket(raw.partition("\n\n")[0] + "\n\n" + body)

    def test_ticket_is_for_the_customer_in_the_forward(self):
        with self.outbox() as sent:
            ticket = self.forward("carla.contact@customer.example.com")
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.name, "Router broken")
        [message] = ticket.message_ids.filtered(lambda m: m.message_type == "email")
        self.assertEqual(message.author_id, self.agent_voice.partner_id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertFalse([mail for mail in sent if "carla" in mail["X-Envelope-To"]])
        self.assertTrue(ticket.last_customer_message_at)
        self.assertFalse(ticket.first_response_at)

    def test_unknown_customer_in_the_forward_is_marked(self):
        ticket = self.forward("some.body@elsewhere.example.org")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.partner_email, "some.body@elsewhere.example.org")
        self.assertEqual(ticket.partner_name, "Some Body")

    def test_colleague_in_the_forward_is_no_customer(self):
        ticket = self.forward("agent_internet@operator.example.com")
        self.assertFalse(ticket.partner_id or ticket.partner_email)
