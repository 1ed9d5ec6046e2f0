"""What a person reads in a mail program: the text, in its order, and the files beside it.

The mail is a tree of parts (RFC 2046). Of an alternative the richest that shows something is read,
of everything else all that can be, one after the other. An attached mail is a file, whatever is in
it. What is not read is never lost: it stands in a file.
"""

import base64
import binascii
import quopri
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from odoo.addons.telecom_helpdesk.tools.message_text import html_to_text

from .markup import clean_html, has_picture, name_pictures, own_words, spoken, words
from .names import clean_name, file_name
from .parsed_mail import raw_header
from .raw import restore_raw
from .size import EXCERPT, MAX_TEXT, is_hostile
from .text import decode_header, payload_bytes

# More are taken out of no mail; all of them are in the original.
MAX_FILES = 200
READABLE = {"text/plain", "text/html"}
OUTLOOK_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAILS = {"message/rfc822", "message/global", "message/news"}


@dataclass(eq=False)
class File:
    """``data``: bytes. ``cid``: the Content-ID by which the text shows it, or an empty text."""

    name: str
    kind: str
    data: bytes
    cid: str = ""


class Text:
    """``source``: plain text, or HTML. ``is_filed``: it is the beginning of one of the files."""

    def __init__(self, source, is_html, is_filed=False):
        self.source = source
        self.is_html = is_html
        self.is_filed = is_filed

    @cached_property
    def plain(self):
        return html_to_text(self.source) if self.is_html else self.source

    @cached_property
    def shows(self):
        """2: words, 1: a picture, 0: nothing."""
        if self.plain.strip():
            return 2
        return int(self.is_html and has_picture(self.source))

    @cached_property
    def says(self):
        """All words, of its pictures and links too (a set)."""
        return words(f"{self.plain} {spoken(self.source)}" if self.is_html else self.plain)

    def is_said(self, said):
        """Whether the set of words ``said`` has all that it shows."""
        return own_words(self.plain) <= said


@dataclass
class Content:
    """Texts (:class:`Text`) to show one below the other, and files (:class:`File`).

    ``is_cut``: a text is too long to be shown whole, all of it is a file. ``is_whole``: nothing
    is left out; else it is in the original alone.
    """

    texts: list = field(default_factory=list)
    files: list = field(default_factory=list)
    is_cut: bool = False
    is_whole: bool = True

    @property
    def rank(self):
        """What of an alternative is read: with words rather than without, whole, HTML."""
        shows = max((text.shows for text in self.texts), default=0)
        return shows, not self.is_cut, any(text.is_html for text in self.texts)


def read_content(parsed):
    """The :class:`Content` of a mail."""
    found = {}
    own = [part for part in parsed.parts if not part.attached]
    # The innermost first: no recursion, however deep they are nested.
    for part in reversed(own):
        if part.is_leaf or part.kind.startswith("message/"):
            found[part] = _read_leaf(part)
        else:
            inner = [found.pop(other) for other in part.inner]
            is_choice = part.kind == "multipart/alternative"
            found[part] = _choose(inner) if is_choice else _join(inner)
    content = found[own[0]]
    content.texts = [text for text in content.texts if text.shows]
    _limit(content)
    _name_files(content)
    return content


def _join(inner):
    content = Content()
    for other in inner:
        content.texts += other.texts
        content.files += other.files
        content.is_cut |= other.is_cut
    return content


def _choose(inner):
    """Of alternatives the richest that shows something, the last of equals (RFC 2046, 5.1.4).

    What the others say and it does not is a file, as are their files.
    """
    best = max(reversed(inner), key=lambda content: content.rank, default=Content())
    said = set().union(*(text.says for text in best.texts)) if len(inner) > 1 else set()
    for other in inner:
        if other is not best:
            lacking = (text for text in other.texts if not text.is_filed)
            other.files += [_as_file(text) for text in lacking if not text.is_said(said)]
            other.texts, other.is_cut = [], False
    return _join(inner)


def _limit(content):
    """Cut what is too much to show, and files without end."""
    room = MAX_TEXT
    for place, text in enumerate(content.texts):
        if len(text.source) > room:
            if not text.is_filed:
                content.files.append(_as_file(text))
            content.texts[place] = Text(text.plain[:EXCERPT], is_html=False, is_filed=True)
            content.is_cut = True
        room = max(room - len(text.source), EXCERPT)
    if len(content.files) > MAX_FILES:
        del content.files[MAX_FILES:]
        content.is_whole = False


def _as_file(text):
    kind = "text/html" if text.is_html else "text/plain"
    return File("message", kind, text.source.encode("utf-8", "replace"))


def _read_leaf(part):
    if part.kind in READABLE and not part.is_attachment:
        return _read_text(part)
    if part.kind in MAILS:
        data = _dump_attached(part)
        name = part.filename or clean_name(_inner_subject(part))
        if name and not name.lower().endswith((".eml", ".msg")):
            # A subject may look like a name with an extension.
            name += ".eml"
        return Content(files=[File(name, part.kind, data)])
    data = part.data if part.is_leaf else _dump_attached(part)
    return Content(files=[File(part.filename, part.kind, data, part.content_id)])


def _read_text(part):
    data = part.data
    if data.startswith(OUTLOOK_FILE):
        # A mail that somebody saved in Outlook, which is no mail to anybody else.
        return Content(files=[File("message.msg", "application/vnd.ms-outlook", data)])
    is_html = part.kind == "text/html"
    source = clean_html(part.text) if is_html else part.text
    if len(source) <= MAX_TEXT and not (is_html and is_hostile(source)):
        return Content([Text(source, is_html)])
    plain = html_to_text(source[: 10 * EXCERPT]) if is_html else source
    is_cut = len(plain) > EXCERPT or len(source) > 10 * EXCERPT
    whole = File("message", part.kind, data)
    return Content([Text(plain[:EXCERPT], is_html=False, is_filed=True)], [whole], is_cut)


# Files


def _inner_subject(part):
    inner = part.message.get_payload()
    if not isinstance(inner, list) or not inner:
        return ""
    return re.sub(r"[/\\]", "-", decode_header(raw_header(inner[0], "Subject")))


def _dump_attached(part):
    """The bytes of what is attached as a mail or a report, as they were sent."""
    message = part.message
    if not message.is_multipart():
        return part.data
    try:
        policy = message.policy.clone(refold_source="none", linesep="\n", utf8=False)
        data = b"\n".join(inner.as_bytes(policy=policy) for inner in message.get_payload())
    except Exception:  # noqa: BLE001 - Python's generator raises all sorts, and recurses
        data = _dump(message)
    data = restore_raw(data)
    # Python's parser does not decode mails, which no program may encode (RFC 2046, 5.2.1).
    encoding = part.header("Content-Transfer-Encoding").strip().lower()
    if encoding == "base64":
        with suppress(binascii.Error):
            data = base64.b64decode(data)
    elif encoding == "quoted-printable":
        data = quopri.decodestring(data)
    return data


def _dump(message):
    """The bytes of a container's content, near enough to what was sent."""
    chunks, todo = [], [message]
    while todo:
        message = todo.pop()
        lines = [f"{name}: {value}" for name, value in message.raw_items()]
        chunks.append("\n".join(lines).encode("utf-8", "surrogateescape"))
        if message.is_multipart():
            todo.extend(reversed(message.get_payload()))
        else:
            chunks.append(payload_bytes(message))
    return b"\n\n".join(chunks)


def _name_files(content):
    """Give every file a name, and the texts the pictures that they show."""
    for number, file in enumerate(content.files, start=1):
        file.name = file_name(file.name, file.kind, file.data, number)
    ids = [file.cid for file in content.files if file.cid]
    for text in content.texts:
        if ids and text.is_html:
            text.source = name_pictures(text.source, ids)
