"""A mail on its way through the gateway."""

import hashlib
import re
from functools import cached_property

# What makes a mail the same mail, whichever way it came. Not what servers add on the way.
OWN_HEADERS = (b"from", b"to", b"cc", b"date", b"subject", b"message-id")

# The lines that Python's parser takes for the mail's head, and the fields in it.
HEAD = re.compile(rb"(?:(?:From |[!-9;-~]*+:|[ \t])[^\r\n]*+(?:\r\n|\r|\n|\Z))*+")
FIELD = re.compile(
    rb"(?P<name>From |[!-9;-~]*+:|[ \t])[^\r\n]*+(?:(?:\r\n|\r|\n)[ \t][^\r\n]*+)*+"
    rb"(?:\r\n|\r|\n|\Z)"
)
STRUCTURED_HEADER = re.compile(
    rb"^content-(?:type|disposition|transfer-encoding|id)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
# Bytes of one header. Lists of receivers may be long: support's address is somewhere in them.
MAX_RECEIVERS = 400_000
MAX_OTHERS = 16_000
MAX_STRUCTURED = 4_000
# What Python's parser is slow about, and how much of it no program writes into one header.
COSTLY = re.compile(rb"[\"(<\\]")
MAX_COSTLY = 100
MAX_FIELDS = 1_000
RECEIVERS = {b"to", b"cc"}


class MailQuarantined(Exception):
    """The mail goes to quarantine, for a reason of ``telecom.mail.quarantine``."""

    def __init__(self, reason, explanation=""):
        super().__init__(explanation)
        self.reason = reason


class MailAlreadyReceived(Exception):
    """A mail with this Message-ID was taken in before."""


class IncomingMail:
    """State of one mail on its way through the gateway, shared by its steps.

    Odoo calls most of these steps itself, with parameters of its own: hence it is passed on in the
    context, as ``telecom_mail``, the one key of this kind. :meth:`of` finds it there.

    :ivar bytes raw: the mail as it came
    :ivar dict hints: what the mail says about itself (see ``filters``)
    :ivar Content content: its text and its files (see ``filters``)
    :ivar bool is_whole: all of it was read; else there are more parts than anybody reads
    :ivar bool released: somebody released the mail from quarantine
    :ivar bool routed: a record took it, or its sender was told that none does
    :ivar bool is_opening: it opens the ticket in hand; else it answers that one
    :ivar bool is_new: it is the one of its copies that is taken in
    :ivar companies: ours (res.company) that alone get it, as the others have it; empty: all
    :ivar tickets: ids of the tickets that it landed on
    :ivar dict message_dict: what Odoo read of it (``mail.thread.message_parse``)
    :ivar bool is_own_copy: it is a mail of ours, or of another Odoo, that came back as it was
    :ivar message_id: Message-ID that it is known by here, where that is not its own
    :ivar strangers: numbers of tickets that it names and whose sender has no part in them
    :ivar verdict: what our own mail server says of the sender: "pass", "fail", "doubt" or None
    :ivar unproven: the colleague (res.partner) whose name it bears, without proof
    :ivar remarks: what else colleagues should know of it, in lines for the thread
    """

    def __init__(self, raw, released=False):
        self.raw = raw
        self.released = released
        self.hints = {}
        self.content = None
        self.is_whole = True
        self.routed = False
        self.is_opening = False
        self.is_new = False
        self.companies = ()
        self.tickets = []
        self.message_dict = None
        self.is_own_copy = False
        self.message_id = None
        self.strangers = []
        self.verdict = None
        self.unproven = None
        self.remarks = []

    @staticmethod
    def of(env):
        """The mail that is being taken in, in this ``env``; None: there is none."""
        return env.context.get("telecom_mail")

    @cached_property
    def digest(self):
        """The same for every copy of the mail that nobody changed."""
        return digest(self.raw)

    @property
    def is_forged(self):
        """Whether the server that took the mail in says that its sender is not who it says."""
        return self.verdict in ("fail", "doubt")

    def is_from(self, address):
        """Whether our own server vouches for it that ``address`` (normalized) wrote the mail."""
        return (
            self.verdict == "pass"
            and bool(address)
            and self.hints["authentication"]["address"] == address
        )


def digest(raw):
    """SHA-256 (hexadecimal) of what is the same in every copy of a mail (bytes)."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    result = hashlib.sha256()
    for line in re.sub(rb"\n[ \t]+", b" ", head).split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in OWN_HEADERS:
            result.update(name.strip().lower() + b":" + value.strip() + b"\n")
    result.update(b"\n" + body.strip())
    return result.hexdigest()


def shorten_headers(raw):
    """``raw`` (a mail in bytes) with what its headers have too much of cut off.

    The time that parsers take for some grows with the square of their length, in the mail and in
    its parts. Who writes so much does not write to be read.
    """
    head = HEAD.match(raw)[0]
    fields = []
    for number, found in enumerate(FIELD.finditer(head)):
        name = found["name"].rstrip(b":").lower()
        if number < MAX_FIELDS:
            fields.append(_shorten(name, found[0]))
        elif name == b"from":
            # That there is another sender has to be known.
            fields.append(_shorten(name, found[0]))
            break
    rest = memoryview(raw)[len(head) :]
    return b"".join(fields) + STRUCTURED_HEADER.sub(
        lambda found: _shorten(b"content-", found[0]), rest
    )


def _shorten(name, field):
    if len(field) <= 300:
        return field
    limit = MAX_RECEIVERS if name in RECEIVERS else MAX_OTHERS
    if name.startswith(b"content-"):
        limit = MAX_STRUCTURED if len(COSTLY.findall(field)) <= MAX_COSTLY else 300
    return field if len(field) <= limit else field[:limit].rstrip(b"\r\n") + b"\r\n"
