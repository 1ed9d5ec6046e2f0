"""Mails with every shape of tree that parts can have, made by chance from a seed."""

import base64
import quopri
import random

CHARSETS = ("utf-8", "iso-8859-15", "utf-8", "windows-1252", "us-ascii")
CONTAINERS = ("mixed", "alternative", "related", "mixed", "alternative", "report", "x-unknown")
# Seen by nobody: no word of the mail.
UNSEEN = (
    "<!-- hidden {} -->",
    "<style>.hidden{} {{color: red}}</style>",
    "<title>hidden{}</title>",
)
CONTROL = ("\x0c", "\x0b", "\x1b[31m", "\x1b", "\x07", "\x7f")


class Tree:
    """One mail (``raw``, bytes); ``words``: all that stands in it to be read."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.seed = seed
        self.words = []
        self.boundaries = 0
        headers, body = self.node(0)
        lines = [
            "From: Nora Nobody <n.nobody@elsewhere.example.org>",
            "To: support@operator.example.com",
            f"Subject: Tree {seed}",
            f"Message-ID: <tree-{seed}@elsewhere.example.org>",
            "Date: Mon, 2 Mar 2026 18:00:00 +0100",
            "MIME-Version: 1.0",
            *headers,
        ]
        raw = "\n".join(lines).encode() + b"\n\n" + body
        self.raw = raw.replace(b"\n", b"\r\n") if seed % 2 else raw

    def node(self, depth):
        """Headers (list) and body (bytes) of a part with whatever is in it."""
        if depth < 4 and self.chance.random() < 0.6:
            # A report comes from a mail server, and is no ticket.
            kinds = CONTAINERS if depth else CONTAINERS[:5]
            return self.container(self.chance.choice(kinds), depth)
        kind = self.chance.choice(("plain", "html", "plain", "html", "file", "mail", "empty"))
        if kind == "mail" and depth < 4:
            return self.mail(depth)
        if kind == "file":
            return self.file()
        if kind == "empty":
            return ["Content-Type: text/html; charset=utf-8"], b"<html><body><br></body></html>"
        return self.text(kind)

    def container(self, kind, depth):
        self.boundaries += 1
        boundary = f"=_{self.boundaries}_{'x' * self.boundaries}"
        parts = b""
        for _number in range(self.chance.randint(0 if depth else 1, 4)):
            headers, body = self.node(depth + 1)
            parts += f"--{boundary}\n".encode() + "\n".join(headers).encode()
            parts += b"\n\n" + body + b"\n"
        end = b"" if self.chance.random() < 0.1 else f"--{boundary}--\n".encode()
        named = "lost" if parts and self.chance.random() < 0.05 else boundary
        return [f'Content-Type: multipart/{kind}; boundary="{named}"'], parts + end

    def mail(self, depth):
        headers, body = self.node(depth + 1)
        inner = "\n".join(["From: o@example.com", f"Subject: {self.word()}", *headers]).encode()
        return ["Content-Type: message/rfc822"], inner + b"\n\n" + body

    def text(self, kind):
        charset = self.chance.choice(CHARSETS)
        words = [self.word(charset) for _number in range(self.chance.randint(1, 5))]
        if self.chance.random() < 0.1:
            words.insert(1, self.chance.choice(CONTROL))
        if kind == "html":
            tag = self.chance.choice(("p", "div", "td", "b", "blockquote", "object", "h1"))
            unseen = self.chance.choice(UNSEEN).format(self.chance.randint(1, 999))
            source = f"{unseen}<{tag}>{' '.join(words)}</{tag}>"
        else:
            source = f"{self.chance.choice(('', '-- ', '> '))}\n".lstrip("\n") + " ".join(words)
        headers = [f"Content-Type: text/{kind}; charset={charset}"]
        if self.chance.random() < 0.15:
            headers.append(f'Content-Disposition: attachment; filename="{self.word()}.{kind}"')
        return self.encode(headers, source.encode(charset))

    def file(self):
        kind, extension = self.chance.choice(
            (("text/csv", "csv"), ("application/pdf", "pdf"), ("text/calendar", "ics"))
        )
        headers = [f"Content-Type: {kind}"]
        if self.chance.random() < 0.5:
            headers = [f'Content-Type: {kind}; name="{self.word()}.{extension}"']
        return self.encode(headers, f"{self.word()};{self.word()}\n".encode())

    def encode(self, headers, data):
        encoding = self.chance.choice(("8bit", "base64", "quoted-printable", ""))
        if encoding == "base64":
            data = base64.encodebytes(data)
        elif encoding == "quoted-printable":
            data = quopri.encodestring(data)
        return headers + [f"Content-Transfer-Encoding: {encoding}"] * bool(encoding), data

    def word(self, charset="us-ascii"):
        word = f"{'w' if charset == 'us-ascii' else 'wört'}{self.seed}n{len(self.words)}"
        self.words.append(word)
        return word
