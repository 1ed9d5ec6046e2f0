import itertools

from odoo.tools import email_normalize

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import MailCase
from ..senders import AGENT, OURS, PROVEN, SERVER, SPELLINGS, STRANGER, UNPROVEN

PROOF = "without proof that it is theirs"


class SenderCase(MailCase):
    """With *Sender Verification* on."""

    numbers = itertools.count()

    def setUp(self):
        super().setUp()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("telecom_helpdesk_mail.authentication_server", SERVER)
        parameters.set_param("mail.gateway.loop.threshold", 1_000)
        self.agent = self.agent_voice.partner_id

    def mail(self, sender, said, *headers, body="A technician is on the way."):
        """Raw mail (bytes) with the headers ``sender`` and what our server ``said``."""
        number = next(self.numbers)
        lines = [
            f"Authentication-Results: {said}" if said else None,
            sender,
            "To: support@operator.example.com",
            f"Subject: Mail {number}",
            f"Message-ID: <sender-{number}@evil.example.org>",
            "Date: Mon, 2 Mar 2026 18:00:00 +0100",
            *headers,
        ]
        text = "\r\n".join(line for line in lines if line is not None)
        return f"{text}\r\n\r\n{body}\r\n".encode("utf-8", "surrogateescape")

    def remarks(self, ticket, since):
        return " ".join((ticket.message_ids - since).mapped("body"))

    def check(self, spelling, message, ticket, since):
        note = self.env.ref("mail.mt_note")
        remarks = self.remarks(ticket, since)
        address = email_normalize(message.email_from, strict=False)
        if spelling.expected == PROVEN:
            self.assertEqual(message.author_id, self.agent)
            self.assertEqual(message.create_uid, self.env.ref("base.user_root"))
            self.assertNotIn(PROOF, remarks)
        elif spelling.expected == UNPROVEN:
            self.assertFalse(message.author_id)
            self.assertEqual(message.subtype_id, note)
            self.assertTrue(message.is_internal)
            self.assertIn(PROOF, remarks)
        else:
            self.assertFalse(message.author_id, "nobody whom we know")
            self.assertNotEqual(address, AGENT)
            self.assertNotEqual(message.subtype_id, note)
            self.assertNotIn(PROOF, remarks)


class TestSpellings(SenderCase):
    """Who wrote a mail is the address that is finally used."""

    def test_table_is_worth_it(self):
        names = [spelling.name for spelling in SPELLINGS]
        self.assertEqual(len(names), len(set(names)))
        for expected, count in ((PROVEN, 15), (UNPROVEN, 30), (STRANGER, 15)):
            found = [spelling for spelling in SPELLINGS if spelling.expected == expected]
            self.assertGreaterEqual(len(found), count, expected)

    def test_each_spelling_answers_a_ticket(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        headers = ("In-Reply-To: <CA+known-1@mail.customer.example.com>",)
        for spelling in SPELLINGS:
            with self.subTest(spelling=spelling.name):
                since = ticket.message_ids
                ticket.first_response_at = False
                with self.outbox() as sent:
                    message = self.receive(self.mail(spelling.sender, spelling.said, *headers))
                self.assertEqual(message.res_id, ticket.id)
                self.check(spelling, message, ticket, since)
                self.assertEqual(bool(ticket.first_response_at), spelling.expected == PROVEN)
                outside = [mail for mail in sent if "customer.example.com" in mail["X-Envelope-To"]]
                self.assertEqual(bool(outside), spelling.expected != UNPROVEN)

    def test_each_spelling_opens_a_ticket(self):
        for spelling in SPELLINGS:
            with self.subTest(spelling=spelling.name):
                with self.outbox() as sent:
                    message = self.receive(self.mail(spelling.sender, spelling.said))
                ticket = self.env["telecom.ticket"].browse(message.res_id)
                self.check(spelling, message, ticket, ticket.browse().message_ids)
                made_by = self.agent_voice if spelling.expected == PROVEN else self.env.user
                self.assertEqual(ticket.create_uid, made_by)
                self.assertFalse(ticket.partner_id)
                self.assertFalse([m for m in sent if "evil.example.org" in m["X-Envelope-To"]])


class TestVerifyingServer(SenderCase):
    """Whose words count."""

    def is_proven(self, said, sender=f"From: {AGENT}"):
        message = self.receive(self.mail(sender, said))
        return message.author_id == self.agent

    def set_server(self, name):
        self.env["ir.config_parameter"].set_param(
            "telecom_helpdesk_mail.authentication_server", name
        )

    def test_name_is_compared_without_case_and_blanks(self):
        self.set_server(f" {SERVER.title()} ")
        self.assertTrue(self.is_proven(OURS))

    def test_nobody_is_proven_while_no_server_is_named(self):
        self.set_server("")
        self.assertFalse(self.is_proven(OURS))

    def test_server_that_writes_no_name_into_its_header_which_is_the_topmost(self):
        nameless = OURS.partition("; ")[2]
        below = f"scanner.example.net; none\r\nAuthentication-Results: {nameless}"
        self.assertFalse(self.is_proven(nameless))
        self.set_server("-")
        self.assertTrue(self.is_proven(nameless))
        self.assertFalse(self.is_proven(below))
        self.assertFalse(self.is_proven(OURS))

    def test_colleague_with_a_domain_of_other_letters(self):
        self.agent.email = "vera@b\u00fcro.example.com"
        said = f"{SERVER}; dmarc=pass header.from=xn--bro-hoa.example.com"
        self.assertTrue(self.is_proven(said, "From: V\u00e9ra <Vera@b\u00fcro.example.com>"))
        said = f"{SERVER}; dkim=pass header.d=b\u00fcro.example.com"
        self.assertTrue(self.is_proven(said, "From: <vera@b\u00fcro.example.com>"))
        said = f"{SERVER}; dkim=pass header.d=buro.example.com"
        self.assertFalse(self.is_proven(said, "From: <vera@b\u00fcro.example.com>"))

    def test_colleague_whose_address_another_colleague_has_proven(self):
        other = self.agent_internet.email
        self.assertFalse(self.is_proven(OURS, f"From: {other}"))
        message = self.receive(self.mail(f"From: {other}", OURS))
        self.assertEqual(message.author_id, self.agent_internet.partner_id)

    def test_number_in_the_subject_opens_the_ticket_to_proven_colleagues_alone(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        for spelling in SPELLINGS:
            with self.subTest(spelling=spelling.name):
                raw = self.mail(spelling.sender, spelling.said)
                raw = raw.replace(b"Subject: Mail", f"Subject: {ticket.number}".encode())
                is_here = self.receive(raw).res_id == ticket.id
                self.assertEqual(is_here, spelling.expected == PROVEN)


class TestUnprovenOpening(SenderCase):
    """A new ticket by a mail that bears a colleague's name."""

    def open(self, *headers, said=f"{SERVER}; none", **kwargs):
        with self.outbox() as sent:
            message = self.receive(self.mail(f"From: Vera <{AGENT}>", said, *headers, **kwargs))
        return self.env["telecom.ticket"].browse(message.res_id), sent

    def test_colleague_is_told_and_has_no_part_in_it(self):
        ticket, sent = self.open()
        self.assertEqual([mail["X-Envelope-To"] for mail in sent], [AGENT])
        text = " ".join(sent[0].get_body(("plain",)).get_content().split())
        self.assertIn("opened this ticket without proof that it is theirs", text)
        self.assertNotIn(self.agent, ticket.message_partner_ids)
        self.assertFalse(ticket.user_id or ticket.acknowledge_at or ticket.partner_email)
        [mail] = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertEqual(email_normalize(mail.email_from), AGENT, "who it says it is from")

    def test_storm_of_mails_is_none_for_the_colleague(self):
        sent = [self.open()[1] for _number in range(6)]
        self.assertEqual([len(mails) for mails in sent], [1, 1, 1, 0, 0, 0])
        ticket, _sent = self.open()
        self.assertIn(PROOF, self.remarks(ticket, ticket.browse().message_ids))

    def test_forged_colleague_whom_nothing_speaks_for_opens_a_ticket_with_the_remark(self):
        for said, is_marked in (
            ("dkim=none", False),
            ("dkim=none (message not signed) header.d=none; spf=none; dmarc=none", False),
            (f"dkim=none; spf=softfail smtp.mailfrom={AGENT}", True),
        ):
            with self.subTest(said=said):
                ticket, _sent = self.open(said=f"{SERVER}; {said}")
                remarks = self.remarks(ticket, ticket.browse().message_ids)
                self.assertIn(PROOF, remarks)
                self.assertEqual("may be forged" in remarks, is_marked)
                self.assertFalse(ticket.partner_email)

    def test_robot_is_not_answered(self):
        self.team_voice.mail_accept_notices = True
        ticket, sent = self.open("Auto-Submitted: auto-generated")
        self.assertFalse(sent)
        self.assertIn(PROOF, self.remarks(ticket, ticket.browse().message_ids))

    def test_customer_in_the_forward_reads_nothing_of_it(self):
        body = (
            "---------- Forwarded message ---------\r\n"
            "From: Carla <carla.contact@customer.example.com>\r\nSubject: Broken\r\n\r\nRed."
        )
        ticket, sent = self.open(body=body)
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual([mail["X-Envelope-To"] for mail in sent], [AGENT])
        self.assertFalse(ticket.message_ids.filtered(ticket._is_public))


class TestForged(SenderCase):
    """Nobody hears of a mail that somebody else sent in their name."""

    FAIL = f"{SERVER}; dmarc=fail (p=REJECT) header.from=elsewhere.example.org"

    def open(self, said, sender="From: Nora <n.nobody@elsewhere.example.org>", *headers):
        message = self.receive(self.mail(sender, said, *headers))
        return self.env["telecom.ticket"].browse(message.res_id)

    def test_forged_sender_gets_no_acknowledgement_and_is_no_contact(self):
        self.team_voice.mail_unknown_sender = "create"
        contacts = self.env["res.partner"].search_count([])
        ticket = self.open(self.FAIL)
        self.assertFalse(ticket.acknowledge_at or ticket.partner_id)
        self.assertFalse(self.run_scheduler())
        self.assertEqual(self.env["res.partner"].search_count([]), contacts)
        self.assertIn("may be forged", self.remarks(ticket, ticket.browse().message_ids))
        self.assertTrue(self.open(f"{SERVER}; none").acknowledge_at)

    def test_forged_customer_gets_no_acknowledgement(self):
        sender = "From: carla.contact@customer.example.com"
        said = f"{SERVER}; dmarc=fail header.from=customer.example.com"
        self.assertFalse(self.open(said, sender).acknowledge_at)
        # What was judged is somebody else, whose mail is genuine.
        said = f"{SERVER}; dmarc=pass header.from=evil.example.org"
        self.assertFalse(self.open(said, sender).acknowledge_at)

    def test_forged_late_answer_is_not_acknowledged(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        with frozen("2026-03-03 09:00:00"):
            ticket.action_close()
        said = f"{SERVER}; dmarc=fail header.from=customer.example.com"
        with frozen("2026-04-20 09:00:00"):
            follow_up = self.open(
                said,
                "From: carla.contact@customer.example.com",
                "In-Reply-To: <CA+known-1@mail.customer.example.com>",
            )
        self.assertEqual(follow_up.follow_up_of_id, ticket)
        self.assertFalse(follow_up.acknowledge_at)

    def test_forged_colleague_opens_a_note_without_author(self):
        said = f"{SERVER}; dmarc=fail header.from=operator.example.com"
        ticket = self.open(said, f"From: Vera <{AGENT}>")
        [mail] = ticket.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertFalse(mail.author_id or ticket.partner_email)
        self.assertTrue(mail.is_internal)
        remarks = self.remarks(ticket, ticket.browse().message_ids)
        self.assertIn("may be forged", remarks)
        self.assertIn(PROOF, remarks)

    def test_forged_sender_hears_nothing_of_a_wrong_address(self):
        for said, count in ((f"{SERVER}; none", 1), (self.FAIL, 0)):
            with self.subTest(said=said), self.outbox() as sent:
                raw = self.mail("From: n.nobody@elsewhere.example.org", said)
                raw = raw.replace(b"To: support@", b"To: catchall@")
                if count:
                    self.receive(raw)
                else:
                    self.assertEqual(self.receive_quarantined(raw).reason, "no_route")
            self.assertEqual(len(sent), count)

    def test_doubts_of_other_servers_harm_nobody(self):
        doubt = "mx.provider.example.net; spf=softfail smtp.mailfrom=elsewhere.example.org"
        fail = "mx.provider.example.net; dmarc=fail header.from=elsewhere.example.org"
        for server, said, is_good in (
            (SERVER, doubt, True),
            (SERVER, fail, True),
            (SERVER, doubt.replace("mx.provider.example.net", SERVER), False),
            ("", doubt, True),
            ("", fail, True),
            ("-", fail, True),
            ("-", fail.partition("; ")[2], False),
        ):
            with self.subTest(server=server, said=said):
                self.env["ir.config_parameter"].set_param(
                    "telecom_helpdesk_mail.authentication_server", server
                )
                self.assertEqual(bool(self.open(said).acknowledge_at), is_good)
