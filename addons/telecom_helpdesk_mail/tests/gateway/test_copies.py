from collections import Counter
from pathlib import Path
from unittest import skipUnless
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.tests import BaseCase
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ...models.gateway.gateway_errors import MAX_TRIES
from ...models.ticket.ticket_gateway import TelecomTicket
from ...tools.same_mail import is_same_files, is_same_subject, is_same_text
from ..common import FIXTURES, NEWSLETTER, MailCase

# The repository's neighbour, where there is one.
SHARED = Path(__file__).parents[5] / "shared" / "data"


class TestSameMailTools(BaseCase):
    """Which mails with one Message-ID are one."""

    def test_texts(self):
        for one, other, same in (
            ("<p>Port 1 is down.</p>", "Port 1 is  down.\n", True),
            ("<p>Port 1 is down.</p>", "<pre>Port 1 is down.\n--\nScanned</pre>", True),
            ("<p>CAUTION: from outside</p><p>Port 1 is down.</p>", "Port 1 is down.", True),
            ("Port 1 is down.", "Port 2 is down.", False),
            ("Alarm", "Alarm cleared", False),
            ("One\nTwo", "One\nand\nTwo", False),
            ("", "", True),
            ("", "Port 1 is down.", False),
        ):
            with self.subTest(one=one, other=other):
                self.assertEqual(is_same_text(one, other), same)
                self.assertEqual(is_same_text(other, one), same)

    def test_subjects(self):
        for one, other, same in (
            ("No dial tone", "[users] No  dial tone", True),
            ("No dial tone", "no dial tone", True),
            ("alarm 1", "alarm 2", False),
            ("1", "11", False),
            ("", "alarm", False),
            (False, "", True),
        ):
            with self.subTest(one=one, other=other):
                self.assertEqual(is_same_subject(one, other), same)
                self.assertEqual(is_same_subject(other, one), same)

    def test_files(self):
        self.assertTrue(is_same_files({"a"}, {"a", "logo"}))
        self.assertTrue(is_same_files(set(), {"logo"}))
        self.assertFalse(is_same_files({"a"}, {"b"}))


class CopyCase(MailCase):
    def receipts(self):
        return self.env["telecom.mail.receipt"].search([])

    def hand_in(self, raw):
        """The gateway takes a mail. Returns its one row, and the messages that came of it."""
        before = self.receipts()
        messages = self.receive(raw)
        return (self.receipts() - before).ensure_one(), messages

    def assertCopy(self, raw, of):
        """``raw`` is a copy, and says so, of the mail with the row ``of``."""
        receipt, messages = self.hand_in(raw)
        self.assertFalse(messages)
        self.assertEqual((receipt.state, receipt.copy_of_id), ("copy", of))
        return receipt

    def assertTaken(self, raw):
        """``raw`` becomes a ticket of its own."""
        receipt, message = self.hand_in(raw)
        self.assertEqual((receipt.state, len(message)), ("taken", 1))
        self.assertFalse(receipt.copy_of_id)
        self.assertEqual(receipt.ticket_id.id, message.res_id)
        return receipt


class TestSameMail(CopyCase):
    """Copies of a mail are one, others with its Message-ID are not: none is lost or doubled."""

    def device(self, number, text=None, **headers):
        """A mail of a router with one Message-ID for all; without Date unless it is given."""
        lines = {
            "From": "router@devices.example.org",
            "To": "support@operator.example.com",
            "Message-ID": "<constant@devices.example.org>",
            "Subject": f"alarm {number}",
            **headers,
        }
        text = text or f"Port {number} is down."
        return "".join(f"{name}: {value}\n" for name, value in lines.items()) + f"\n{text}\n"

    def test_mails_of_devices_with_one_message_id_are_as_many_as_they_differ(self):
        second = {"Date": "Tue, 04 Nov 2025 09:00:00 +0100"}
        for case, one, other in (
            ("no date", self.device(1), self.device(2)),
            ("one second", self.device(1, **second), self.device(2, **second)),
            (
                "text alone",
                self.device(1, Subject="alarm", **second),
                self.device(2, Subject="alarm", **second),
            ),
            ("subject alone", self.device(1, "Down.", **second), self.device(2, "Down.", **second)),
            (
                "sender alone",
                self.device(1, **second),
                self.device(1, **second).replace("From: router@", "From: router2@"),
            ),
            ("longer, no date", self.device(1), self.device(1, "Port 1 is down.\nPort 2 too.")),
        ):
            with self.subTest(case=case):
                one, other = (mail.replace("constant", case[:2]) for mail in (one, other))
                first, second_one = self.assertTaken(one), self.assertTaken(other)
                self.assertNotEqual(first.ticket_id, second_one.ticket_id)
                self.assertCopy(one, first)
                self.assertCopy(other, second_one)

    def scan(self, content):
        return self.device(
            1,
            "--b\n\nScanned.\n--b\nContent-Type: application/pdf; name=scan.pdf\n\n"
            f"{content}\n--b--",
            Date="Tue, 04 Nov 2025 09:00:00 +0100",
            **{"Content-Type": "multipart/mixed; boundary=b"},
        )

    def test_scans_in_the_same_second_are_two_mails(self):
        one, other = self.assertTaken(self.scan("page 1")), self.assertTaken(self.scan("page 2"))
        self.assertNotEqual(one.ticket_id, other.ticket_id)

    def test_lists_and_scanners_copies_are_copies_whichever_came_first(self):
        for name in ("known_contact", "unknown_sender", "attachments", "subject_french"):
            raw = self.fixture(name)
            other = self.fixture(
                name,
                Message_ID=f"<list-{name}@example.com>",
                Subject=f"[support] {self.subject(raw)}",
                List_Id="<support.lists.example.com>",
                Delivered_To="internet@operator.example.com",
            )
            footed = self.with_footer(other, name)
            plain = self.fixture(name, Message_ID=f"<list-{name}@example.com>")
            for first, second in ((plain, footed), (footed, plain)):
                with self.subTest(mail=name, footer_first=first is footed):
                    id_ = f"{name}-{first is footed}"
                    first, second = (mail.replace(f"list-{name}", id_) for mail in (first, second))
                    self.assertCopy(second, self.assertTaken(first))

    def subject(self, raw):
        return raw.partition("Subject: ")[2].partition("\nMessage-ID")[0].partition("\nDate")[0]

    def with_footer(self, raw, name):
        """``raw`` with the footer of a list, where a list puts it: a part of its own."""
        head, _, body = raw.partition("\n\n")
        if "multipart/" not in head:
            return f"{head}\n\n{body}\n-- \nScanned for viruses\n"
        lines, types, is_type = [], [], False
        for line in head.split("\n"):
            is_type = line.lower().startswith("content-type") or (is_type and line[:1] in " \t")
            (types if is_type else lines).append(line)
        inner = "\n".join(types)
        return (
            "\n".join(lines) + '\nContent-Type: multipart/mixed; boundary="list"\n\n'
            f"--list\n{inner}\n\n{body}\n--list\nContent-Type: text/plain\n"
            'Content-Disposition: inline; filename="footer.txt"\n\n'
            "-- \nusers mailing list\n\n--list--\n"
        )

    def test_other_mail_with_the_same_message_id_is_another_ticket(self):
        headers = {"From": "scanner@customer.example.com", "Message_ID": "<scan@device>"}
        first = self.receive_ticket(
            self.fixture("unknown_sender", Date="Mon, 2 Mar 2026 08:00:00 +0000", **headers)
        )
        second = self.fixture("unknown_sender", Date="Mon, 2 Mar 2026 09:00:00 +0000", **headers)
        self.assertNotEqual(self.receive_ticket(second), first)
        self.assertFalse(self.receive(second))

    def test_mail_without_message_id_fed_twice_is_one_ticket(self):
        raw = self.fixture("unknown_sender", Message_ID="").replace("Message-ID: \n", "")
        self.assertNotIn("Message-ID", raw)
        self.receive_ticket(raw)
        self.assertFalse(self.receive("Received: by another.example.net\n" + raw))

    def test_our_own_mail_that_comes_back_is_nothing(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        ticket.message_subscribe(self.agent_voice.partner_id.ids)
        mail = self.reply_to_customer(ticket)
        with self.outbox() as sent:
            self.receive(self.answer(mail))
        for copy in (mail, sent[0]):
            del copy["X-Envelope-From"], copy["X-Envelope-To"]
            copy["Delivered-To"] = "support@operator.example.com"
            self.assertFalse(self.receive(copy.as_string()))

    def test_mail_of_before_there_were_rows_is_still_known(self):
        raw = self.fixture("known_contact")
        self.receive_ticket(raw)
        self.receipts().unlink()
        receipt = self.assertCopy(raw, self.receipts())
        self.assertTrue(receipt.ticket_id)


class TestCompanies(CopyCase):
    """A mail to two companies of ours is one ticket for each."""

    def setUp(self):
        super().setUp()
        self.others = [self.make_company(name) for name in ("Globe", "Initech")]

    def deliver(self, address, **headers):
        """A copy of a mail whose receivers are blind ones, as a pipe hands it in."""
        raw = self.fixture("known_contact", To="everybody:;", Delivered_To=address, **headers)
        receipt, messages = self.hand_in(raw)
        return receipt.state, self.env["telecom.ticket"].browse(messages.mapped("res_id"))

    def test_each_company_has_its_ticket_and_each_copy_its_row(self):
        addresses = [f"support@{name}.example.com" for name in ("operator", "globe", "initech")]
        results = [self.deliver(address) for address in (*addresses, *addresses)]
        self.assertEqual([state for state, _tickets in results], ["taken"] * 3 + ["copy"] * 3)
        companies = [ticket.company_id for _state, ticket in results[:3]]
        self.assertEqual(companies, [self.company, *self.others])

    def test_copy_for_another_company_makes_no_second_ticket_of_the_first_one(self):
        both = "support@operator.example.com, support@globe.example.com"
        self.deliver("support@operator.example.com")
        raw = self.fixture("known_contact", To=both, Delivered_To="")
        self.assertEqual(self.receive_ticket(raw).company_id, self.others[0])

    def test_answer_stays_with_the_company_that_it_answers(self):
        _state, ticket = self.deliver("support@operator.example.com")
        answer = self.fixture("answer", In_Reply_To="<CA+known-1@mail.customer.example.com>")
        self.assertEqual(self.receive(answer).res_id, ticket.id)
        copy = self.fixture(
            "answer",
            In_Reply_To="<CA+known-1@mail.customer.example.com>",
            Delivered_To="support@globe.example.com",
        )
        receipt, messages = self.hand_in(copy)
        self.assertEqual((receipt.state, len(messages)), ("copy", 0))


class TestEachMailHasItsRow(CopyCase):
    """Each mail leaves a row, so that one can count that nothing was lost."""

    def test_each_fixture_leaves_one_row_and_its_copy_another(self):
        mails = sorted(FIXTURES.glob("**/*.eml"))
        if SHARED.is_dir():
            mails += sorted(SHARED.glob("mail*/*.eml"))
        self.assertGreater(len(mails), 150)
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 10_000)
        states = Counter()
        for path in mails:
            with self.subTest(mail=path.name):
                raw = path.read_bytes()
                receipt, messages = self.hand_in(raw)
                states[receipt.state] += 1
                # A delivery report on a mail of ours is a note, in words of ours.
                is_here = bool(messages) or bool(receipt.ticket_id)
                self.assertEqual(is_here, receipt.state != "quarantine")
                self.assertEqual(bool(receipt.quarantine_id), receipt.state == "quarantine")
                self.assertEqual(bool(receipt.copy_of_id), receipt.state == "copy")
                copy, messages = self.hand_in(raw)
                self.assertFalse(messages)
                self.assertEqual(copy.state, "copy")
        self.assertEqual(len(self.receipts()), 2 * len(mails))
        self.assertGreater(states["taken"], 100)
        self.assertGreater(states["quarantine"], 10)

    def test_what_goes_to_quarantine_has_a_row_that_names_it(self):
        raw = self.fixture("unknown_sender", **NEWSLETTER)
        receipt, _messages = self.hand_in(raw)
        self.assertEqual((receipt.state, receipt.quarantine_id.reason), ("quarantine", "bulk"))
        entry = receipt.quarantine_id
        again = self.assertCopy(raw, receipt)
        self.assertEqual((again.quarantine_id, entry.receive_count), (entry, 2))
        entry.action_retry()
        self.assertEqual(receipt.ticket_id, entry.ticket_id)
        later = self.assertCopy(raw, self.receipts()[:1])
        self.assertEqual(later.ticket_id, entry.ticket_id)

    def test_mail_that_fails_half_way_is_not_taken(self):
        raw = self.fixture("known_contact")
        with patch.object(
            TelecomTicket, "_after_mail", autospec=True, side_effect=ValueError("Too late")
        ):
            receipt, _messages = self.hand_in(raw)
        self.assertEqual(receipt.state, "quarantine")
        self.assertTaken(raw)

    def test_answer_leaves_a_row(self):
        self.assertTaken(self.fixture("known_contact"))
        answer = self.fixture("answer", In_Reply_To="<CA+known-1@mail.customer.example.com>")
        receipt, message = self.hand_in(answer)
        self.assertEqual((receipt.state, receipt.ticket_id.id), ("taken", message.res_id))

    def test_old_rows_go(self):
        with frozen("2026-03-02 09:00:00"):
            receipt = self.assertTaken(self.fixture("known_contact"))
        with frozen("2026-05-02 09:00:00"):
            receipt._gc_old()
            self.assertTrue(receipt.exists())
        with frozen("2026-07-02 09:00:00"):
            receipt._gc_old()
        self.assertFalse(receipt.exists())
        self.assertFalse(self.receive(self.fixture("known_contact")))


class TestWay(CopyCase):
    """Which way a mail goes: what its row says, and whether its sender is told the number."""

    def assertWay(self, raw, state, is_acknowledged):
        receipt, _messages = self.hand_in(raw)
        self.assertEqual(receipt.quarantine_id.reason or receipt.state, state)
        self.assertEqual(bool(receipt.ticket_id.acknowledge_at), is_acknowledged)

    def test_each_goes_where_it_belongs(self):
        for name, state, is_acknowledged in (
            ("automatic/human", "taken", True),
            ("automatic/null_return_path", "taken", False),
            ("automatic/null_sender_at_a_pipe", "taken", False),
            ("automatic/outlook_out_of_office", "automatic", False),
            ("bounce/dma", "bounce", False),
            ("bounce/dma_at_a_pipe", "bounce", False),
            ("bounce/postmaster_writes", "taken", True),
            ("bulk/precedence_bulk", "taken", False),
            ("bulk/campaign", "bulk", False),
            ("content/banner_of_a_gateway_before_the_text", "taken", True),
        ):
            with self.subTest(mail=name):
                self.assertWay(self.fixture(f"filters/{name}"), state, is_acknowledged)

    @skipUnless((SHARED / "mail_faults").is_dir(), "only beside the shared data")
    def test_each_given_mail_goes_where_it_belongs(self):
        for name, state, is_acknowledged in (
            ("device_1", "taken", True),
            ("device_2", "taken", True),
            ("device_dated_1", "taken", True),
            ("device_dated_2", "taken", True),
            ("dma_bounce", "bounce", False),
            ("dma_bounce_null_path", "bounce", False),
            ("null_path_human_subject", "taken", False),
            ("null_path_postfix_pipe", "taken", False),
            ("precedence_bulk_human", "taken", False),
            ("x_loop", "taken", True),
        ):
            with self.subTest(mail=name):
                raw = (SHARED / "mail_faults" / f"{name}.eml").read_text()
                raw = raw.replace("support@telco.example", "support@operator.example.com")
                self.assertWay(raw, state, is_acknowledged)


class TestConflicts(CopyCase):
    """What two mails did at once is no fault of either."""

    def failing(self, times):
        """The first ``times`` mails do what another one did a moment before."""
        original = TelecomTicket._after_mail
        left = [times]

        def after_mail(ticket, *args):
            if left[0]:
                left[0] -= 1
                ticket.env.cr.execute("CREATE TEMP TABLE IF NOT EXISTS once (id int UNIQUE)")
                ticket.env.cr.execute("INSERT INTO once VALUES (1), (1)")
            return original(ticket, *args)

        return patch.object(TelecomTicket, "_after_mail", after_mail)

    def test_unique_violation_of_a_race_is_tried_again(self):
        with self.failing(2), mute_logger("odoo.sql_db"):
            self.assertTaken(self.fixture("known_contact"))
        self.assertFalse(self.env["telecom.mail.quarantine"].search([]))

    def test_unique_violation_that_stays_is_the_mails_own(self):
        with self.failing(MAX_TRIES + 1), mute_logger("odoo.sql_db"):
            receipt, _messages = self.hand_in(self.fixture("known_contact"))
        self.assertIn(UniqueViolation.__name__, receipt.quarantine_id.error)

    def test_quarantine_is_tried_again_too(self):
        quarantine = type(self.env["telecom.mail.quarantine"])
        original, left = quarantine._create_entry, [1]

        def create_entry(mails, *args):
            if left[0]:
                left[0] -= 1
                raise UniqueViolation
            return original(mails, *args)

        with patch.object(quarantine, "_create_entry", create_entry):
            receipt, _messages = self.hand_in(self.fixture("unknown_sender", **NEWSLETTER))
        self.assertEqual(receipt.state, "quarantine")
