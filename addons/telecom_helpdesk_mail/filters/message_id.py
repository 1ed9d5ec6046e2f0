"""Message-ID: by it a mail that comes twice is known, and answers find what they answer."""

import hashlib
import re

from .parsed_mail import set_header
from .text import decode_header, payload_bytes

SOUND = re.compile(r"\s*(<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>)\s*", re.ASCII)
IDS = re.compile(r"<[^<>]{1,500}>")
BARE = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{3,500}", re.ASCII)


def find_message_id(parsed):
    """See to it that there is one sound Message-ID.

    A missing or hopeless one is derived from what the sender wrote, not from what servers on the
    way added: the same mail fetched twice gets the same. Odoo would take the time of day.
    """
    values = parsed.headers.get("message-id", [])
    if len(values) == 1 and (match := SOUND.fullmatch(values[0])):
        # As text, for Python's parser fails on some that are in use.
        set_header(parsed.mail, "Message-Id", match[1])
    else:
        found = next(filter(None, map(_mended, values)), None)
        set_header(parsed.mail, "Message-Id", found or f"<{_digest(parsed)}@content.invalid>")
        parsed.mended.add("message_id")
        parsed.changed()
    return {}


def _mended(value):
    value = decode_header(value)
    found = IDS.search(value)
    if found:
        identifier = "".join(found[0].split())
        return identifier if SOUND.fullmatch(identifier) else None
    return f"<{value}>" if BARE.fullmatch(value) else None


def _digest(parsed):
    digest = hashlib.sha256()
    for name in ("from", "to", "date", "subject"):
        value = " ".join(" ".join(parsed.headers.get(name, ())).split())
        digest.update(value.encode("utf-8", "surrogateescape") + b"\n")
    for part in parsed.parts:
        # Line ends depend on the door that the mail came through.
        digest.update(part.kind.encode("utf-8", "replace") + b"\n")
        if part.is_leaf:
            digest.update(payload_bytes(part.message).replace(b"\r", b"").strip(b"\n") + b"\n")
    return digest.hexdigest()
