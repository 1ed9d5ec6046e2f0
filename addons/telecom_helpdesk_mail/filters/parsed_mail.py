"""The mail as the filters see it: headers and parts read once, shared by all of them.

Reading a header through ``EmailMessage`` parses it anew each time, which takes longer than all the
filters together; and ``walk()`` recurses. Hence the raw headers here, and a flat list of parts.
"""

import re
from email.header import Header
from functools import cached_property

from odoo.addons.telecom_helpdesk.tools.message_text import CONTROL, clean_text, html_to_text

from .charsets import decode_bytes
from .mailbox import sole_address
from .names import sent_name
from .text import FOLD, decode_header, decode_part, payload_bytes, split_addresses

TYPE = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)\s*(?:;|\Z)", re.ASCII)
CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
# How mail servers write that the envelope names no sender: Postfix's pipe and mailboxes, others.
NULL_SENDER = re.compile(r"\s*<?\s*(?:mailer-daemon(?:@[\w.-]*)?)?\s*>?\s*", re.IGNORECASE)
# Headers that Python's parser takes apart. All others are texts to it, of which it decodes words.
STRUCTURED = {
    *("date", "resent-date", "orig-date", "sender", "resent-sender", "bcc", "from", "resent-from"),
    *("to", "cc", "resent-to", "resent-cc", "resent-bcc", "reply-to", "mime-version"),
    *("content-disposition", "content-transfer-encoding", "message-id"),
}
# Levels of parts that Python's own walk through them takes.
MAX_DEPTH = 100
# Headers that are kept from Python's parser, see ``raw``.
KEPT = {f"x-kept-{name}": name for name in ("content-type", "content-transfer-encoding")}
# What programs declare that know nothing of the text.
UNIVERSAL = {"", "utf-8", "us-ascii"}


class Text(str):
    """A header that is text and nothing else: Python's parser of headers leaves it alone."""

    __slots__ = ("name",)

    def __new__(cls, name, value):
        self = super().__new__(cls, value)
        self.name = name
        return self

    def fold(self, *, policy):
        line = policy.linesep
        charset = None if self.isascii() else "utf-8"
        value = Header(str(self), charset, header_name=self.name).encode(linesep=line)
        return f"{self.name}: {value}{line}"


def raw_header(part, name):
    """First value of a header as it was sent, with its folds; an empty text if there is none."""
    name = name.lower()
    return next((str(value) for key, value in part.raw_items() if key.lower() == name), "")


def sent_as(name):
    """Name in lower case by which a header was sent."""
    name = name.lower()
    return KEPT.get(name, name)


def set_header(part, name, value):
    """Make ``value`` (text) the one header of that name, at the place of the first."""
    text = Text(name, value)
    found = [key for key, _value in part.raw_items() if key.lower() == name.lower()]
    if len(found) > 1:
        del part[name]
    if len(found) == 1:
        part.replace_header(name, text)
    else:
        part[name] = text


def set_type(part, content_type, **params):
    """Make ``content_type`` (and charset, boundary, ...) the Content-Type, and nothing else."""
    del part["Content-Type"]
    del part["X-Kept-Content-Type"]
    part.add_header("Content-Type", content_type, **params)


def set_filename(part, name, disposition="attachment"):
    del part["Content-Disposition"]
    part.add_header(
        "Content-Disposition",
        disposition,
        filename=name if name.isascii() else ("utf-8", "", name),
    )


def _is_plain(value):
    value = str(value)
    return value.isascii() and "=?" not in value and not CONTROL.search(value)


class Part:
    """A part of the mail that is no container, or a container of other parts.

    ``kind``: Content-Type in lower case, without parameters. ``depth``: 0 is the mail itself.
    ``inner``: the parts directly within it. ``attached``: within a mail attached to this one.
    ``assumed``: the charset of 8-bit headers that declare none.
    """

    assumed = ""

    def __init__(self, message, depth, attached):
        self.message = message
        self.depth = depth
        self.attached = attached
        self.inner = []
        # First values only: nothing else of a part comes twice.
        self.headers = {
            sent_as(name): str(value) for name, value in reversed(list(message.raw_items()))
        }
        raw = self.header("Content-Type")
        match = TYPE.match(raw)
        if match:
            self.kind = match[1].lower()
        else:
            self.kind = "text/plain" if raw else message.get_default_type()
        if message.is_multipart() and not self.kind.startswith(("multipart/", "message/")):
            # Python's parser saw more in it.
            self.kind = "multipart/mixed"

    def header(self, name):
        """A header as it was sent, with its folds; an empty text if there is none."""
        return self.headers.get(name.lower(), "")

    @property
    def is_leaf(self):
        return not self.message.is_multipart()

    @property
    def charset(self):
        """The declared charset in lower case, or an empty text."""
        match = CHARSET.search(self.header("Content-Type"))
        return match[1].lower() if match else ""

    @property
    def payload(self):
        """What was sent, still encoded."""
        return self.message.get_payload() if self.is_leaf else ""

    @cached_property
    def filename(self):
        return sent_name(self.headers, self.charset or self.assumed)

    @property
    def content_id(self):
        """Content-ID without its brackets, by which HTML shows a picture; empty without one."""
        return decode_header(self.header("Content-ID")).strip("<> ")

    @property
    def is_attachment(self):
        """Whether the part is a file rather than text to show."""
        disposition = self.header("Content-Disposition").strip().lower()
        return disposition.startswith("attachment") or bool(self.filename)

    @property
    def is_body(self):
        """Whether the part is text to show, of this mail and not of one attached to it."""
        return (
            self.kind in {"text/plain", "text/html"}
            and self.is_leaf
            and not self.attached
            and not self.is_attachment
        )

    @property
    def data(self):
        """Decoded bytes of a part that is no container."""
        return payload_bytes(self.message)

    @cached_property
    def text(self):
        """Decoded text of a text part."""
        return clean_text(decode_part(self.message, self.charset)[0])


class ParsedMail:
    """``mail``: the EmailMessage. ``mended``: names of what the filters had to mend.

    ``sole_sender``: the one address that From had before anything was mended, else empty.
    """

    def __init__(self, mail):
        self.mail = mail
        self.mended = set()
        self.sole_sender = sole_address(self.headers.get("from", ()))

    def changed(self):
        """A filter changed parts or headers: they are read anew."""
        for name in ("headers", "parts", "bodies"):
            self.__dict__.pop(name, None)

    def simplify(self):
        """Leave nothing in the mail that Odoo, which looks for reports in it, may stumble on.

        Python's parser of headers raises for some types, and its walk through the tree recurses.
        """
        if max(part.depth for part in self.parts) > MAX_DEPTH:
            self.mail.set_payload("")
            del self.parts
        for part in self.parts:
            set_header(part.message, "Content-Type", part.kind)
        for name, value in list(self.mail.raw_items()):
            if not isinstance(value, Text) and (name.lower() in STRUCTURED or not _is_plain(value)):
                set_header(self.mail, name, decode_header(str(value)))

    @cached_property
    def headers(self):
        """Raw values by lower-case name."""
        headers = {}
        for name, value in self.mail.raw_items():
            headers.setdefault(sent_as(name), []).append(str(value))
        return headers

    def header(self, name):
        """First value of a header as readable text on one line, or an empty text."""
        values = self.headers.get(name.lower())
        return decode_header(values[0]) if values else ""

    def keyword(self, name):
        """First word of a header's value in lower case, without parameters and comments."""
        values = self.headers.get(name.lower())
        if not values:
            return ""
        return values[0].replace("(", ";").split(";")[0].strip().lower()

    def addresses(self, name):
        """Pairs of name and address (lower case) in a header."""
        found = []
        for value in self.headers.get(name.lower(), ()):
            if not value.isascii():
                value = decode_bytes(value.encode("utf-8", "surrogateescape"))[0]
            value = FOLD.sub(" ", clean_text(value))
            for title, address in split_addresses(value):
                if "@" in address.strip("@"):
                    found.append((decode_header(title), address.strip().lower()))
        return found

    @property
    def has_null_sender(self):
        """Whether the envelope names no sender: whoever sent the mail wants no answer to it.

        So it is with bounces (RFC 5321, section 4.5.5) and most automatic answers. It stands in
        Return-Path, or in the line "From " that a mailbox and some pipes put in front.
        """
        paths = self.headers.get("return-path", [])[:1]
        if envelope := self.mail.get_unixfrom():
            paths.append(envelope.removeprefix("From ").partition(" ")[0])
        return any(NULL_SENDER.fullmatch(path) for path in paths)

    @cached_property
    def parts(self):
        """All parts in their order, the mail itself first. Does not recurse."""
        parts, todo = [], [(self.mail, 0, False, [])]
        while todo:
            message, depth, attached, siblings = todo.pop()
            part = Part(message, depth, attached)
            parts.append(part)
            siblings.append(part)
            if message.is_multipart():
                attached = attached or part.kind.startswith("message/")
                inner = [(item, depth + 1, attached, part.inner) for item in message.get_payload()]
                todo.extend(reversed(inner))
        declared = (part.charset for part in parts if part.kind.startswith("text/"))
        if charset := next((name for name in declared if name not in UNIVERSAL), ""):
            for part in parts:
                part.assumed = charset
        return parts

    @cached_property
    def bodies(self):
        return [part for part in self.parts if part.is_body]

    @property
    def body(self):
        """Plain text of the mail, from its HTML where it has no other."""
        plain = [part.text for part in self.bodies if part.kind == "text/plain"]
        if any(text.strip() for text in plain):
            return "\n".join(plain)
        return "\n".join(html_to_text(part.text) for part in self.bodies)
