import base64
import itertools
import time

from ...filters import read_mail
from ...tools.incoming_mail import MAX_FIELDS, shorten_headers
from ..common import MailCase
from .test_filters import parse

# Seconds of processor time that one mail may take, whatever stands in its headers. A plain one
# takes a tenth.
MOST = 2

RECEIVERS = ("From", "To", "Cc", "Reply-To", "Delivered-To")
STRUCTURED = (
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Date",
    "Message-ID",
)
TEXTS = ("Subject", "References", "Authentication-Results", "X-Other")
# Pieces that parsers stumble over when there are many of them.
PIECES = {
    "brackets": "(",
    "quotes": '"',
    "quotes and letters": '"a',
    "commas": ",",
    "angles": "<",
    "backslashes": "\\",
    "ats": "@",
    "colons": ":",
    "letters and ats": "a@",
    "words": "=?utf-8?Q?=C3=A4?= ",
    "beginnings of words": "=?utf-8?q?",
    "question marks": "=?",
    "addresses in angles": "<a@b>",
    "addresses": "a@b.cc, ",
    "groups": "a:b@c.dd;",
    "folds": "\r\n a",
    "bytes": "\udce9",
}


class TestDearMail(MailCase):
    """What is dear is bounded: headers of up to a megabyte."""

    numbers = itertools.count()

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 10_000)

    def mail(self, *headers, body="Hello"):
        number = next(self.numbers)
        fields = {
            "From": "Nora <n.nobody@elsewhere.example.org>",
            "To": "support@operator.example.com",
            "Subject": "Slow",
            "Message-ID": f"<dear-{number}@elsewhere.example.org>",
            "Date": "Mon, 2 Mar 2026 18:00:00 +0100",
            "Delivered-To": "support@operator.example.com",
        }
        for name, _value in headers:
            fields.pop(name, None)
        lines = [f"{name}: {value}" for name, value in [*fields.items(), *headers]]
        return ("\r\n".join(lines) + f"\r\n\r\n{body}\r\n").encode("utf-8", "surrogateescape")

    def assertCheap(self, raw, most=MOST):
        # What one mail leaves behind must not slow down the next.
        with self.env.cr.savepoint() as savepoint:
            started = time.process_time()
            message = self.receive(raw)
            taken = time.process_time() - started
            kept = message or self.env["telecom.mail.quarantine"].search_count([], limit=1)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertTrue(kept)
        self.assertLess(taken, most, "seconds of one mail")

    def check(self, names, size):
        for name, (what, piece) in itertools.product(names, PIECES.items()):
            with self.subTest(header=name, of=what, size=size):
                self.assertCheap(self.mail((name, piece * (size // len(piece)))))

    def test_header_of_7_kb(self):
        self.check((*RECEIVERS, *STRUCTURED), 7_000)

    def test_header_of_60_kb(self):
        self.check(("From", "To"), 60_000)

    def test_header_of_1_mb(self):
        self.check(("To", "From", *TEXTS), 1_000_000)

    def test_headers_of_a_mail_in_quarantine(self):
        # Nobody's address: its headers are read once more.
        for name, (what, piece) in itertools.product(("To", "From", "Subject"), PIECES.items()):
            with self.subTest(header=name, of=what):
                raw = self.mail(
                    ("Delivered-To", "nobody@operator.example.com"),
                    ("To", "nobody@operator.example.com"),
                    (name, piece * (7_000 // len(piece))),
                )
                self.assertCheap(raw)

    def test_preview_of_a_mail_in_quarantine(self):
        for name in ("Content-Type", "Content-Disposition", "Content-Transfer-Encoding"):
            for piece in ('"', "(", ";", "\\"):
                raw = self.mail(
                    ("To", "nobody@operator.example.com"),
                    ("Delivered-To", "nobody@operator.example.com"),
                    (name, piece * 100_000),
                )
                with self.subTest(header=name, piece=piece):
                    entry = self.receive_quarantined(raw)
                    started = time.process_time()
                    entry.read(["preview"])
                    self.assertLess(time.process_time() - started, MOST)

    def test_all_headers_at_once(self):
        for what, piece in PIECES.items():
            value = piece * (15_000 // len(piece))
            names = (*RECEIVERS[1:], *STRUCTURED[:4], *TEXTS, "Sender", "Resent-To", "Resent-Cc")
            with self.subTest(of=what):
                self.assertCheap(self.mail(*((name, value) for name in names)), 2 * MOST)

    def test_word_that_holds_what_is_dear(self):
        for what, piece in PIECES.items():
            text = (piece * (10_000 // len(piece))).encode("utf-8", "surrogateescape")
            word = f"=?utf-8?B?{base64.b64encode(text).decode()}?= <nora@elsewhere.example.org>"
            for name in ("From", "Subject", "To"):
                with self.subTest(header=name, of=what):
                    self.assertCheap(self.mail((name, word)))

    def test_headers_of_many_parts(self):
        for piece in ('"', "(", ";", "\\", "a=b;"):
            value = piece * (4_000 // len(piece))
            part = f"--b\r\nContent-Type: text/plain\r\nContent-Disposition: {value}\r\n\r\nx\r\n"
            raw = self.mail(("Content-Type", "multipart/mixed; boundary=b"), body=part * 100)
            with self.subTest(piece=piece):
                self.assertCheap(raw, 4 * MOST)

    def test_headers_without_number(self):
        for name in ("To", "From", "Received", "Authentication-Results", "X-Other", ""):
            with self.subTest(header=name):
                self.assertCheap(self.mail(*[(name, "a@elsewhere.example.org")] * 30_000))
        lines = "From x\r\nTo: a@b.cc\rCc: a@b.cc\n\t\n" * 20_000
        self.assertCheap(b"To: support@operator.example.com\r\n" + lines.encode() + b"\r\nHello")


class TestShortenHeaders(MailCase):
    """What programs write stays as it is, byte for byte."""

    def test_ordinary_mail_is_not_touched(self):
        name = "%C3%A4" * 255
        lines = [
            "Return-Path: <a@example.com>",
            "From: a@example.com",
            "Received: by x\r\n\twith y; Mon, 2 Mar 2026 18:00:00 +0100",
            "X-Long: " + "x" * 10_000,
            "To: " + ", ".join(f"p{number}@example.com" for number in range(10_000)),
            f"Content-Disposition: attachment; filename*=utf-8''{name}",
        ]
        body = b"From: no header\r\n" + b"Content-Note: " + b"(" * 10_000 + b"\r\n\0\xff\r"
        for end in ("\r\n", "\n"):
            raw = end.join([*lines, "", ""]).encode() + body
            self.assertEqual(shorten_headers(raw), raw)
        for raw in (
            b"",
            b"Hello",
            b"\r\n\r\nHello",
            b"From x Mon\nTo: y\n\nZ",
            b"A: b\nno header\n",
        ):
            self.assertEqual(shorten_headers(raw), raw)

    def test_what_is_too_long_is_cut_and_the_rest_stays(self):
        raw = b"Subject: " + b"x" * 50_000 + b"\r\nTo: a@b.cc\r\n\r\nHello"
        mail = parse(shorten_headers(raw))
        self.assertLess(len(mail["Subject"]), 20_000)
        self.assertEqual((mail["To"], mail.get_payload().strip()), ("a@b.cc", "Hello"))
        mail = parse(shorten_headers(b"A: b\r\n" * 5_000 + b"\r\nHello"))
        self.assertEqual((len(mail.keys()), mail.get_payload()), (MAX_FIELDS, "Hello"))

    def test_second_sender_behind_a_thousand_headers_is_no_proof(self):
        said = b"Authentication-Results: mx; dmarc=pass header.from=example.com\r\n"
        raw = said + b"From: a@example.com\r\n" + b"A: b\r\n" * 2_000
        self.assertIn("authentication", read_mail(parse(shorten_headers(raw + b"\r\n")))[0])
        raw += b"from: e@evil.example\r\n\r\n"
        self.assertNotIn("authentication", read_mail(parse(shorten_headers(raw)))[0])
        raw = said + b"From: a@example.com, " + b"a" * 20_000 + b"\r\n\r\n"
        self.assertNotIn("authentication", read_mail(parse(shorten_headers(raw)))[0])
