import email
import email.policy
import time
import unittest

import lxml.etree
import lxml.html

from ..common import FIXTURES, MailCase
from ..trees import Tree
from .test_filters import REAL_MAILS, parse_mail

FAULTS = REAL_MAILS.parent / "mail_faults"
TREES = 800


def shown(html):
    """What somebody sees of ``html``, as text."""
    root = lxml.html.fromstring(f"<div>{html}</div>")
    lxml.etree.strip_elements(root, "style", with_tail=False)
    return root.text_content()


def readings(data):
    """What a program may make of a file (bytes): its text, and those of a mail's parts."""
    texts = [data.decode(charset, "replace") for charset in ("utf-8", "iso-8859-15")]
    if b"\nSubject: " in data:
        for part in email.message_from_bytes(data).walk():
            texts += [str(value) for value in part.values()]
            if not part.is_multipart():
                texts += readings(part.get_payload(decode=True) or b"")
    return texts


class TestTrees(MailCase):
    """No word of a mail is lost, whatever its parts are: each is in the text or in a file."""

    def missing(self, tree, html, files):
        """The words of a :class:`Tree` that are neither in ``html`` nor in ``files``, pairs of name
        and bytes."""
        seen = [shown(html)]
        for name, data in files:
            seen += [name, *readings(data)]
        text = "\n".join(seen)
        return [word for word in tree.words if word not in text]

    def test_every_word_is_in_the_text_or_in_a_file(self):
        count = 0
        for seed in range(TREES):
            tree = Tree(seed)
            _hints, values = parse_mail(self.env, tree.raw)
            files = [(file.fname, file.content) for file in values["attachments"]]
            with self.subTest(seed=seed):
                self.assertEqual(
                    self.missing(tree, values["body"], files), [], tree.raw.decode("latin-1")
                )
                self.assertNotIn("hidden", shown(values["body"]))
            count += len(tree.words)
        self.assertGreater(count, 5 * TREES, "words")

    def test_every_word_is_on_the_ticket(self):
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 10_000)
        for seed in range(0, TREES, 20):
            tree = Tree(seed)
            message = self.receive(tree.raw)
            files = [(file.name, file.raw) for file in message.attachment_ids]
            with self.subTest(seed=seed):
                self.assertEqual(self.missing(tree, message.body or "", files), [])


class TestTwins(MailCase):
    """A mail is the same, whether its lines end by CRLF or by LF."""

    def reading(self, raw):
        hints, values = parse_mail(self.env, raw)
        files = [(file.fname, file.content, file.info) for file in values.pop("attachments")]
        # When it was read, where the mail does not say.
        values.pop("date", None)
        return hints, values, files

    def test_every_mail_is_the_same_as_its_twin(self):
        folders = [FIXTURES, *(folder for folder in (REAL_MAILS, FAULTS) if folder.is_dir())]
        paths = [path for folder in folders for path in sorted(folder.rglob("*.eml"))]
        self.assertGreater(len(paths), 150)
        for path in paths:
            unix = path.read_bytes().replace(b"\r\n", b"\n")
            with self.subTest(mail=path.name):
                self.assertEqual(self.reading(unix), self.reading(unix.replace(b"\n", b"\r\n")))


class TestGatewayContent(MailCase):
    """What a mail says arrives on the ticket."""

    def mail(self, body, *headers):
        fields = (
            "From: Nora Nobody <n.nobody@elsewhere.example.org>",
            "To: support@operator.example.com",
            "Message-ID: <content-1@elsewhere.example.org>",
            *headers,
        )
        return "\n".join(fields) + "\n\n" + body

    def remarks(self, ticket):
        return " ".join(shown(body) for body in ticket.message_ids.mapped("body"))

    def test_whole_subject_is_kept(self):
        subject = "No dial tone at " + "site seven and " * 60 + "the end"
        ticket = self.receive_ticket(self.mail("Hello", f"Subject: {subject}"))
        self.assertEqual(len(ticket.name), 250)
        self.assertTrue(ticket.name.startswith("No dial tone at site seven"))
        self.assertIn(subject, self.remarks(ticket))

    def test_no_remark_where_nothing_is_left_out(self):
        for depth in (5, 40, 120):
            part = "Content-Type: text/plain\n\nDeep"
            for level in range(depth):
                kind = f"multipart/mixed; boundary=b{level}."
                part = f"Content-Type: {kind}\n\n--b{level}.\n{part}\n--b{level}.--\n"
            head, _, body = part.partition("\n\n")
            raw = self.mail(body, head).replace("content-1", f"deep-{depth}")
            ticket = self.receive_ticket(raw)
            with self.subTest(depth=depth):
                self.assertEqual(len(ticket.message_ids.filtered("body")), 1, self.remarks(ticket))
                self.assertIn("Deep", ticket.message_ids[-1].body)

    def test_remark_where_parts_are_left_out(self):
        part = "--b\nContent-Type: text/plain; name=a.txt\n\nx\n"
        raw = self.mail(
            f"--b\n\nThe first.\n{part * 300}--b--", "Content-Type: multipart/mixed; boundary=b"
        )
        ticket = self.receive_ticket(raw)
        self.assertIn("too many parts", self.remarks(ticket))
        files = ticket.message_ids.attachment_ids
        self.assertIn("original mail.eml", files.mapped("name"))
        self.assertLess(len(files), 210)

    def test_endless_parts_end_early(self):
        for number, part in enumerate(
            (
                "Content-Type: text/plain; charset=utf-8\n\nWord.\n",
                "Content-Type: text/html; charset=utf-8\n\n<p>Word.</p>\n",
                "Content-Type: image/gif; name=a.gif\nContent-Transfer-Encoding: base64\n\nR0lG\n",
                "Content-Type: message/rfc822\n\nFrom: a@b.cc\nSubject: x\n\nWord.\n",
                "\nWord.\n",
                f"Content-Type: text/plain; {'a=b; ' * 700}\n\nWord.\n",
            )
        ):
            body = "--b\n\nThe first.\n" + f"--b\n{part}" * 3_000
            raw = self.mail(body, "Content-Type: multipart/mixed; boundary=b")
            started = time.process_time()
            ticket = self.receive_ticket(raw.replace("content-1", f"endless-{number}"))
            with self.subTest(part=part):
                self.assertLess(time.process_time() - started, 5, "seconds")
                self.assertIn("The first.", ticket.message_ids[-1].body)
                self.assertIn("too many parts", self.remarks(ticket))

    def test_attached_mail_keeps_its_bytes(self):
        inner = (
            "From: Otto\n <otto@other.example>\nSubject: =?utf-8?q?R=C3=A9seau?=\n"
            "Content-Type: multipart/mixed; boundary=c; x*=iso-2022-jp''%1B%24%42%7F%7F\n\n"
            'Before.\n--c\nContent-Type: text/plain;\n name*0="a"; name*1="=?.txt"\n'
            "Content-Transfer-Encoding: (none) 8bit\n\nSt\xf6rung\n--c--\nAfter."
        )
        raw = self.mail(
            f"--b\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n",
            "Content-Type: multipart/mixed; boundary=b",
        )
        [message] = self.receive(raw.encode("latin-1"))
        self.assertEqual(message.attachment_ids.name, "Réseau.eml")
        self.assertEqual(message.attachment_ids.raw, inner.encode("latin-1"))

    def test_text_that_quotes_a_header_stays_as_it_is(self):
        text = "It says:\nContent-Type: text/plain; charset = (any)\n and no more."
        [message] = self.receive(self.mail(text))
        self.assertEqual(shown(message.body).strip(), text)

    def test_picture_without_a_name_shows_in_the_text(self):
        raw = (FIXTURES / "filters/content/picture_without_a_name.eml").read_text()
        [message] = self.receive(raw)
        self.assertRegex(message.body, rf'src="/web/image/{message.attachment_ids.id}\?')
        self.assertEqual(message.attachment_ids.name, "image-1.gif")

    def test_mail_whose_type_python_refuses_is_a_ticket(self):
        for name in ("raw/type_that_python_refuses", "names/that_python_refuses"):
            ticket = self.receive_ticket((FIXTURES / f"filters/{name}.eml").read_text())
            self.assertRegex(ticket.message_ids[-1].body, "The line is dead|See the file")


# What became of each mail: what its text shows, in order, and its files. None: up to other tests.
LINE = "My line at site 7 is dead."
FAULTY = {
    "alternative_order_html_first": ([LINE], []),
    "alternative_then_text": (["Scanned by Guard.", LINE], []),
    "attached_mail_swallows_text": (["Please see the attached mail."], ["invoice.eml"]),
    "attached_mail_without_name": (["See the attached mail."], ["Invoice 12.eml", "image-2.gif"]),
    "boundary_unquoted_equals": ([LINE], []),
    "boundary_wrong": ([LINE], []),
    "boundary_wrong_crlf": ([LINE], []),
    "control_character_in_html": ([LINE, "--", "Nina", "Kunde"], []),
    "control_character_in_quote": ([LINE, "--", "Nina", "Kunde"], []),
    "device_1": (["Port 1 is down."], []),
    "device_2": (["Port 2 is down."], []),
    "device_dated_1": (["Port 1 is down."], []),
    "device_dated_2": (["Port 2 is down."], []),
    "dma_bounce": (["550 5.1.1 <nina@kunde.example>: no such user"], []),
    "dma_bounce_null_path": (["550 5.1.1 <nina@kunde.example>: no such user"], []),
    "filename_bad_iso2022jp": ([LINE], ["attachment-1.bin"]),
    "from_empty_reply_to": ([LINE], []),
    "from_two_without_comma": ([LINE], []),
    "header_line_unfolded": ([LINE], []),
    "html_alternative_empty": ([LINE], []),
    "html_with_preamble_disclaimer": (["CAUTION: external mail.", "My line is dead."], []),
    "inline_image_without_name": (["Look:"], ["image-1.gif"]),
    "intro_then_alternative": ([LINE, "Legal notice."], []),
    "invitation": (["Meet us."], ["invite.ics"]),
    "iso2022jp_nec_row": (["①これはテストです。"], []),
    "list_footer_after_alternative": (["My line is dead.", "noc mailing list"], []),
    "null_path_human_subject": (["Back on Monday."], []),
    "null_path_postfix_pipe": (["Back on Monday."], []),
    "ok_apple_alternative_mixed": (["First words.", "Last words."], ["a.pdf"]),
    "ok_apple_text_pdf_text": (["First words.", "Last words."], ["a.pdf"]),
    "precedence_bulk_human": (["We replaced the line card at 10:40. Please confirm."], []),
    "x_loop": ([LINE], []),
}
SENDERS = {
    "device_1": "router1@devices.example",
    "device_2": "router2@devices.example",
    "from_two_without_comma": "nina@kunde.example",
    **dict.fromkeys(("device_dated_1", "device_dated_2"), "router@devices.example"),
    **dict.fromkeys(("dma_bounce", "dma_bounce_null_path"), "MAILER-DAEMON"),
    **dict.fromkeys(
        ("null_path_human_subject", "null_path_postfix_pipe"), "vacation@kunde.example"
    ),
}


@unittest.skipUnless(FAULTS.is_dir(), "only beside the shared data")
class TestFaults(MailCase):
    """32 mails of others that lost words, files or senders once."""

    def test_every_mail_is_read(self):
        paths = sorted(FAULTS.glob("*.eml"))
        self.assertEqual({path.stem for path in paths}, set(FAULTY))
        for path in paths:
            with self.subTest(mail=path.stem):
                _hints, values = parse_mail(self.env, path.read_bytes())
                texts, files = FAULTY[path.stem]
                place, text = 0, shown(values["body"])
                for said in texts:
                    place = text.find(said, place) + len(said)
                    self.assertGreaterEqual(place, len(said), f"{said} in {text}")
                self.assertNotIn("Content-Type", text)
                self.assertEqual([file.fname for file in values["attachments"]], files)
                sender = SENDERS.get(path.stem, "nina@kunde.example")
                self.assertIn(sender, values["email_from"])
