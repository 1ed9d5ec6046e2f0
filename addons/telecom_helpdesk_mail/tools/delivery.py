"""A mail on its way through the gateway."""

import hashlib
import re

# What makes a mail the same mail, whichever way it came. Not what servers add on the way.
OWN_HEADERS = (b"from", b"to", b"cc", b"date", b"subject", b"message-id")

STRUCTURED_HEADER = re.compile(
    rb"^content-(?:type|disposition|transfer-encoding|id)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
MAX_HEADER = 4_000  # bytes


class SetAside(Exception):
    """The mail becomes no ticket for now, for a reason of ``telecom.mail.quarantine``."""

    def __init__(self, reason, explanation=""):
        super().__init__(explanation)
        self.reason = reason


class Delivery:
    """What the steps of the gateway tell each other about one mail.

    It is passed on in the context, as ``telecom_mail``.

    :ivar bytes raw: the mail as it came
    :ivar dict hints: what the mail says about itself (see ``filters``)
    :ivar bool released: somebody looked at the mail and wants it in, whatever it looks like
    :ivar bool routed: a record took it, or its sender was told that none does
    :ivar tickets: ids of the tickets that it landed on
    :ivar dict parsed: what Odoo read of it
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
        self.routed = False
        self.tickets = []
        self.parsed = None
        self.is_own_copy = False
        self.message_id = None
        self.strangers = []
        self.verdict = None
        self.unproven = None
        self.remarks = []

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
    """``raw`` (a mail in bytes) with what Python's parser would take minutes for cut off.

    Its time grows with the square of the length of these headers, in the mail and in its parts.
    """

    def cut(found):
        return found[0] if len(found[0]) <= MAX_HEADER else found[0][:MAX_HEADER] + b"\n"

    return STRUCTURED_HEADER.sub(cut, raw)
