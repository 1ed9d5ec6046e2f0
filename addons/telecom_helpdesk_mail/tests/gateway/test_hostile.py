import email
import email.policy
import re
import time

from ...filters import read_mail
from ..common import FIXTURES, MailCase


class TestBounces(MailCase):
    """A mail that came back marks the address and tells the agent."""

    def setUp(self):
        super().setUp()
        self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.ticket.user_id = self.agent_voice
        self.mail = self.reply_to_customer(self.ticket)

    def bounce(self, name):
        """The delivery report ``name`` of the filters' fixtures, about ``mail``."""
        raw = (FIXTURES / "filters" / "bounce" / f"{name}.eml").read_text()
        hints = self.bounce_hints(raw)
        for message_id in hints["message_ids"]:
            raw = raw.replace(message_id.strip("<>"), self.mail["Message-Id"].strip("<>"))
        for address in hints["addresses"]:
            raw = re.sub(address, "carla.contact@customer.example.com", raw, flags=re.IGNORECASE)
        with self.outbox() as sent:
            self.receive(raw)
        return sent

    def bounce_hints(self, raw):
        hints, _content = read_mail(email.message_from_string(raw, policy=email.policy.SMTP))
        return hints["bounce"]

    def test_bounce_marks_the_address_and_tells_the_agent(self):
        state, tickets = self.ticket.state, self.env["telecom.ticket"].search_count([])
        [told] = self.bounce("postfix")
        self.assertEqual(told["X-Envelope-To"], "agent_voice@operator.example.com")
        self.assertIn("carla.contact@customer.example.com", told.get_body(("plain",)).get_content())
        self.assertEqual(self.ticket.undeliverable_email, "carla.contact@customer.example.com")
        self.assertEqual(self.customer_contact.message_bounce, 1)
        self.assertEqual(self.ticket.state, state)
        self.assertEqual(self.env["telecom.ticket"].search_count([]), tickets)
        note = self.ticket.message_ids[0]
        self.assertIn("came back", note.body)
        self.assertTrue(note.subtype_id.internal)

    def test_address_is_good_again_when_the_customer_writes_from_it(self):
        self.bounce("postfix")
        self.receive(self.answer(self.mail))
        self.assertFalse(self.ticket.undeliverable_email)
        self.assertFalse(self.customer_contact.message_bounce)

    def test_another_address_is_not_marked(self):
        self.bounce("postfix")
        self.ticket.partner_email = "other@customer.example.com"
        self.assertFalse(self.ticket.undeliverable_email)

    def report(self, final, original="", mail=None):
        """Raw delivery report on ``mail`` that names these recipients, or none."""
        recipients = "".join(
            f"{name}: rfc822; {address}\n"
            for name, address in (("Original-Recipient", original), ("Final-Recipient", final))
            if address
        )
        return (
            "Return-Path: <MAILER-DAEMON>\nFrom: MAILER-DAEMON <>\n"
            "To: bounce@operator.example.com\nSubject: Undelivered Mail Returned to Sender\n"
            f"Message-ID: <report-{final}-{original}@mx.example.net>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nIt did not arrive.\n"
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
            f"{recipients}Action: failed\nStatus: 5.1.1\n\n"
            "--b\nContent-Type: text/rfc822-headers\n\n"
            f"Message-ID: {(mail or self.mail)['Message-Id']}\n\n--b--\n"
        )

    def make_unknown(self):
        """The customer is no contact, and a colleague follows: each of both is sent a mail."""
        self.ticket = self.receive_ticket(self.fixture("unknown_sender"))
        self.ticket.user_id = self.agent_voice
        self.ticket.message_subscribe(self.internal_user.partner_id.ids)
        sent = self.reply(self.ticket)
        self.mail = next(mail for mail in sent if "n.nobody@" in mail["X-Envelope-To"].lower())
        self.assertEqual(len(sent), 2)

    def test_bounce_is_about_whom_it_names_where_the_customer_is_no_contact(self):
        self.make_unknown()
        with self.outbox() as sent:
            self.receive(self.report("n.nobody@elsewhere.example.org"))
        self.assertEqual(self.ticket.undeliverable_email, "n.nobody@elsewhere.example.org")
        self.assertFalse(self.internal_user.partner_id.message_bounce)
        self.assertEqual([mail["X-Envelope-To"] for mail in sent], [self.agent_voice.email])
        self.assertIn("n.nobody@elsewhere.example.org came back", self.ticket.message_ids[0].body)

    def test_bounce_that_names_nobody_is_about_the_customer_rather_than_a_colleague(self):
        self.make_unknown()
        self.receive(self.report(""))
        self.assertEqual(self.ticket.undeliverable_email, "n.nobody@elsewhere.example.org")
        self.assertFalse(self.internal_user.partner_id.message_bounce)

    def test_bounce_about_nobody_in_particular_is_told(self):
        follower = self.make_partner("Boss", email="boss@customer.example.com")
        self.ticket.message_subscribe(follower.ids)
        mail = self.reply(self.ticket)[0]
        with self.outbox() as sent:
            self.receive(self.report("", mail=mail))
        self.assertEqual([mail["X-Envelope-To"] for mail in sent], [self.agent_voice.email])
        self.assertIn("who missed it", self.ticket.message_ids[0].body)
        self.assertFalse(self.ticket.undeliverable_email)

    def test_mail_that_the_customers_server_sent_on_marks_the_customer(self):
        address = "carla.contact@customer.example.com"
        self.receive(self.report("carla@private.example.net", address))
        self.assertEqual(self.ticket.undeliverable_email, address)
        self.assertEqual(self.customer_contact.message_bounce, 1)

    def test_colleagues_mailbox_that_is_full_is_not_the_customers(self):
        self.make_unknown()
        self.receive(self.report(self.internal_user.email))
        self.assertFalse(self.ticket.undeliverable_email)
        self.assertEqual(self.internal_user.partner_id.message_bounce, 1)
        self.assertIn("came back", self.ticket.message_ids[0].body)

    def test_report_that_is_no_bad_news_marks_nobody(self):
        address = "carla.contact@customer.example.com"
        bad = self.report(address)
        arrived = bad.replace("Action: failed", "Action: delivered").replace("5.1.1", "2.0.0")
        complaint = bad.replace(
            "multipart/report;", "multipart/report; report-type=feedback-report;"
        ).replace("Subject: Undelivered Mail", "Subject: Complaint about a Mail")
        for number, raw in enumerate((arrived, complaint)):
            with self.subTest(number=number):
                raw = raw.replace("From: MAILER-DAEMON <>", "From: reports@mx.example.net")
                self.receive(raw.replace("<report-", f"<{number}-"))
                self.assertFalse(self.ticket.undeliverable_email)
                self.assertFalse(self.customer_contact.message_bounce)

    def test_bounces_as_pipes_hand_them_in(self):
        for name in ("dma", "dma_at_a_pipe", "daemon_without_domain", "null_sender_at_a_pipe"):
            with self.subTest(mail=name):
                raw = (FIXTURES / "filters" / "bounce" / f"{name}.eml").read_text()
                self.assertEqual(self.receive_quarantined(raw).reason, "bounce")

    def test_null_sender_is_a_ticket_without_acknowledgement(self):
        for name in ("null_sender_at_a_pipe", "null_sender_in_the_line_from"):
            with self.subTest(mail=name):
                raw = (FIXTURES / "filters" / "automatic" / f"{name}.eml").read_text()
                ticket = self.receive_ticket(raw)
                self.assertFalse(ticket.acknowledge_at)
                self.assertTrue(ticket.partner_email)

    def test_human_who_writes_to_the_bounce_address_is_no_noise(self):
        to = {"To": "bounce@operator.example.com", "Delivered_To": "bounce@operator.example.com"}
        raw = self.fixture("unknown_sender", Message_ID="<human@elsewhere.example.org>", **to)
        entry = self.receive_quarantined(raw)
        self.assertEqual(entry.reason, "no_route")
        self.assertIn(entry, entry.search(entry._get_decision_domain()), "somebody is told")
        # An answer is where it belongs.
        self.assertEqual(self.receive(self.answer(self.mail, **to)).res_id, self.ticket.id)

    def test_unknown_kind_of_report_to_the_bounce_address_is_noise(self):
        for path in ("<>", "<MAILER-DAEMON>"):
            with self.subTest(path=path):
                raw = self.fixture(
                    "unknown_sender",
                    Return_Path=path,
                    To="bounce+tag@operator.example.com",
                    Delivered_To="",
                    Message_ID=f"{path[:-1]}report@elsewhere.example.org>",
                )
                self.assertEqual(self.receive_quarantined(raw).reason, "bounce")

    def test_bounce_of_nothing_known_is_set_aside(self):
        raw = (FIXTURES / "filters" / "bounce" / "postfix.eml").read_text()
        self.assertEqual(self.receive_quarantined(raw).reason, "bounce")


class TestLoops(MailCase):
    """Two desks that answer one another do no harm."""

    def write(self, count, **headers):
        """So many mails of one sender; returns the quarantined ones."""
        quarantine = self.env["telecom.mail.quarantine"]
        before = quarantine.search([])
        for number in range(count):
            self.receive(
                self.fixture(
                    "unknown_sender", Message_ID=f"<{number}@elsewhere.example.org>", **headers
                )
            )
        return quarantine.search([]) - before

    def test_new_tickets_without_end_are_set_aside_and_nobody_is_answered(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        tickets = self.env["telecom.ticket"].search_count([])
        with self.outbox() as sent:
            aside = self.write(5)
        self.assertEqual(self.env["telecom.ticket"].search_count([]), tickets + 3)
        self.assertEqual(aside.mapped("reason"), ["loop", "loop"])
        self.assertFalse(sent)
        aside[0].action_retry()
        self.assertTrue(aside[0].ticket_id)

    def test_answers_without_end_are_set_aside(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        aside = self.write(5, In_Reply_To=ticket.message_ids[-1].message_id)
        self.assertEqual(len(ticket.message_ids.filtered(lambda m: m.message_type == "email")), 3)
        self.assertEqual(set(aside.mapped("reason")), {"loop"})

    def test_sender_who_may_write_without_end(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        self.env["mail.gateway.allowed"].create({"email": "n.nobody@elsewhere.example.org"})
        self.assertFalse(self.write(5))


class TestBlocked(MailCase):
    """Blocked senders open no tickets."""

    def block(self, name, **values):
        return self.env["telecom.mail.block"].create({"name": name, **values})

    def test_address_domain_and_sub_domain(self):
        for name in (
            "N.Nobody@Elsewhere.Example.org",
            "elsewhere.example.org",
            "@example.org",
            "*@elsewhere.example.org",
        ):
            with self.subTest(name=name):
                block = self.block(name)
                raw = self.fixture("unknown_sender", Subject=name, Message_ID=f"<{block.id}@x.y>")
                self.assertEqual(self.receive_quarantined(raw).reason, "blocked")
                block.unlink()
        self.receive_ticket(self.fixture("unknown_sender"))

    def test_similar_domain_is_another_one(self):
        self.block("lsewhere.example.org")
        self.receive_ticket(self.fixture("unknown_sender"))

    def test_blocked_by_another_company(self):
        other = self.make_company("Globe")
        self.block("elsewhere.example.org", company_id=other.id)
        self.receive_ticket(self.fixture("unknown_sender"))

    def test_what_is_no_sender_is_refused_in_words(self):
        for name in ("", "nonsense", "a b.example.com", "x@y@z"):
            with self.subTest(name=name), self.assertRaisesRegex(Exception, "neither a mail"):
                self.block(name)
        for name in ("support@operator.example.com", "operator.example.com"):
            with self.subTest(name=name), self.assertRaisesRegex(Exception, "is your own"):
                self.block(name)

    def test_manager_blocks_the_sender_of_a_ticket(self):
        ticket = self.receive_ticket(self.fixture("unknown_sender"))
        ticket.with_user(self.manager).action_block_sender()
        self.assertEqual(ticket.state, "cancelled")
        raw = self.fixture("unknown_sender", Message_ID="<2@elsewhere.example.org>")
        self.assertEqual(self.receive_quarantined(raw).reason, "blocked")


class TestHostileMail(MailCase):
    """Mails made to do harm end as tickets, or in quarantine, and do none."""

    def receive_text(self, body, content_type="text/plain; charset=utf-8", **headers):
        head, _, _body = self.fixture("unknown_sender", **headers).partition("\n\n")
        lines = [line for line in head.splitlines() if not line.lower().startswith("content-type")]
        raw = "\n".join([*lines, f"Content-Type: {content_type}"]) + "\n\n" + body
        started = time.process_time()
        message = self.receive(raw)
        self.assertLess(time.process_time() - started, 20, "seconds, for one mail")
        return message

    def test_script_in_names_and_subjects(self):
        script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        message = self.receive_text(
            f"{script}\n", Subject=script, From=f'"{script}" <eve@evil.example.org>'
        )
        ticket = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(ticket.name, script)
        for html in ticket.message_ids.mapped("body"):
            self.assertNotIn("<script", html)
            self.assertNotIn("<img", html)
        for mail in self.reply(ticket):
            html = mail.get_body(("html",)).get_content()
            self.assertNotIn("<script>alert", html)
            self.assertNotIn("<img src=x", html)

    def test_script_in_html(self):
        message = self.receive_text(
            '<p onclick="alert(1)">Hello</p><script>alert(1)</script>'
            '<a href="javascript:alert(1)">x</a><svg onload=alert(1)></svg>'
            '<iframe src="http://evil.example.org"></iframe><form action="/web/logout">y</form>',
            content_type="text/html; charset=utf-8",
        )
        for evil in ("<script", "onclick", "onload", "javascript:", "<iframe", "<form"):
            self.assertNotIn(evil, message.body)
        self.assertIn("Hello", message.body)

    def test_files_that_a_browser_would_run_or_that_climb_paths(self):
        files = {
            "page.html": ("text/html", "<script>alert(1)</script>"),
            "picture.svg": ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
            "../../../etc/passwd": ("text/plain", "root::0:0"),
            "..\\..\\boot.ini": ("text/plain", "x"),
        }
        parts = "".join(
            f"--b\nContent-Type: {kind}\nContent-Disposition: attachment;"
            f' filename="{name}"\n\n{content}\n'
            for name, (kind, content) in files.items()
        )
        message = self.receive_text(f"{parts}--b--\n", 'multipart/mixed; boundary="b"')
        self.assertEqual(len(message.attachment_ids), len(files))
        for file in message.attachment_ids:
            # The web client and Odoo's routes serve such types as downloads alone.
            self.assertNotIn(file.mimetype, ("text/html", "image/svg+xml"))
            self.assertRegex(file.store_fname or "", r"^[0-9a-f]{2}/[0-9a-f]{40}$|^$")

    def test_ten_thousand_recipients(self):
        crowd = ", ".join(f"p{number}@crowd.example.org" for number in range(10_000))
        partners = self.env["res.partner"].search_count([])
        self.team_voice.mail_follow_copied = True
        message = self.receive_text("Hello", Cc=crowd)
        ticket = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(ticket.team_id, self.team_voice)
        self.assertFalse(ticket.email_cc or message.incoming_email_cc)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        remarks = " ".join(ticket.message_ids.mapped("body"))
        self.assertRegex(remarks, "The mail went to 1000[01] addresses")
        self.team_internet.alias_name = "port"
        message = self.receive_text("Hello", Cc=crowd, Message_ID="<2@elsewhere.example.org>")
        ticket = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(ticket.team_id, self.team_voice, "port@ is in support@, but not named")
        suggested = ticket._message_get_suggested_recipients()
        self.assertLess(len(suggested), 3)

    def test_body_of_50_mb(self):
        for content_type in ("text/plain; charset=utf-8", "text/html; charset=utf-8"):
            with self.subTest(content_type=content_type):
                message = self.receive_text(
                    "<p>No dial tone at all.</p>\n" * 1_900_000,
                    content_type,
                    Message_ID=f"<{content_type[5:8]}@elsewhere.example.org>",
                )
                self.assertLess(len(message.body), 500_000)
                self.assertIn("No dial tone", message.body)
                [file] = message.attachment_ids
                self.assertGreater(file.file_size, 50_000_000)
                remarks = self.env["telecom.ticket"].browse(message.res_id).message_ids
                self.assertIn("too long to be shown", " ".join(remarks.mapped("body")))

    def test_deep_nesting(self):
        html = "<div>" * 100_000 + "Deep" + "</div>" * 100_000
        self.assertTrue(self.receive_text(html, "text/html; charset=utf-8").res_id)
        text = "Deep"
        for level in range(100):
            text = (
                f'Content-Type: multipart/mixed; boundary="b{level}"\n\n'
                f"--b{level}\n{text if level else 'Content-Type: text/plain' + chr(10) * 2 + text}"
                f"\n--b{level}--\n"
            )
        head, _, body = text.partition("\n\n")
        message = self.receive_text(
            body, head.partition(": ")[2], Message_ID="<nested@elsewhere.example.org>"
        )
        self.assertTrue(message.res_id)

    def test_headers_that_take_a_parser_for_ever(self):
        for number, end in enumerate(('"' * 500_000, ";" * 500_000, "(" * 500_000)):
            with self.subTest(end=end[0]):
                message = self.receive_text(
                    f"--b\nContent-Disposition: attachment; filename={end}\n\nx\n--b--\n",
                    f'multipart/mixed; boundary="b"; x={end}',
                    Message_ID=f"<{number}@elsewhere.example.org>",
                )
                entries = self.env["telecom.mail.quarantine"].search_count([])
                self.assertTrue(message or entries)

    def test_nesting_that_no_parser_takes_goes_to_quarantine(self):
        level = "Content-Type: message/rfc822\n\n"
        raw = self.fixture("unknown_sender").partition("\n\n")[0]
        lines = [line for line in raw.splitlines() if not line.startswith("Content-T")]
        entry = self.receive_quarantined("\n".join(lines) + "\n" + level * 5_000 + "Hello")
        self.assertEqual(entry.reason, "error")
        self.assertEqual(entry.name, "Do you serve our street?")
        self.assertFalse(entry.preview)

    def test_text_that_postgresql_does_not_take(self):
        message = self.receive_text(
            "A\0B", Subject="Nul\0l", From="N\0ora <n@elsewhere.example.org>"
        )
        self.assertIn("AB", message.body)

    def test_addresses_and_ids_without_end(self):
        long = "x" * 20_000
        message = self.receive_text(
            "Hello",
            From=f'"{long}" <{long}@elsewhere.example.org>',
            Message_ID=f"<{long}@elsewhere.example.org>",
            References=f"<{long}>" * 3,
            Subject=long,
        )
        entries = self.env["telecom.mail.quarantine"].search([("email_from", "ilike", "xxx")])
        self.assertTrue(message or entries)
