"""Headers that Python's parser makes nothing readable of, or raises on."""

import re
from email.utils import getaddresses

from .incoming import Text, set_header
from .text import CONTROL, decode_bytes, decode_header

ADDRESSES = ("From", "To", "Cc", "Delivered-To", "Resent-To", "Resent-Cc", "Reply-To", "Sender")
IDS = ("In-Reply-To", "References")
# Those that may come once only (RFC 5322, section 3.6); Odoo would string them together.
ONCE = ("From", "Subject", "Reply-To", "Sender", "In-Reply-To", "References")
# What nobody can mistake: a name in plain words, an address.
PLAIN = re.compile(
    r"\s*(?:(?:\"[\w .,'()-]*\"|[\w '-]*)\s*<[\w.+-]+@[\w.-]+>|[\w.+-]+@[\w.-]+)\s*", re.ASCII
)
# An address as somebody's name, without the quotes that it needs: the one in brackets counts.
NAMED_AFTER_ADDRESS = re.compile(r"(\A|,)\s*([^\s\"<>,]+@[^\"<>,]*?)\s*(<[^<>]+>)")
ID = re.compile(r"<[^<>\s]+>")
# A header with thousands of addresses takes Python's parser minutes.
LONG = 20_000
LAST_REFERENCES = 64


def find_headers(incoming):
    """Make the headers that Odoo reads readable: text without control characters."""
    _keep_one(incoming)
    charset = _body_charset(incoming)
    for name in ADDRESSES:
        for value in incoming.headers.get(name.lower(), ()):
            if not PLAIN.fullmatch(value) and not _is_sound(incoming, name, value):
                _replace(incoming, name, value, _addresses(value, charset))
    for value in incoming.headers.get("subject", ()):
        if not _is_sound(incoming, "Subject", value):
            _replace(incoming, "Subject", value, decode_header(value, charset))
    for name in IDS:
        for value in incoming.headers.get(name.lower(), ()):
            _mend_ids(incoming, name, value)
    _mend_sender(incoming)
    incoming.changed()
    return {}


def _keep_one(incoming):
    for name in ONCE:
        values = incoming.headers.get(name.lower(), ())
        if len(values) > 1:
            # The first From that has an address.
            best = next((value for value in values if "@" in value), values[0])
            set_header(incoming.mail, name, best)
            incoming.headers[name.lower()] = [best]
            incoming.mended.add("headers")


def _body_charset(incoming):
    """Charset that 8-bit headers may be in: the one that the text is declared to have."""
    for part in incoming.parts:
        if part.kind.startswith("text/") and part.charset not in {"", "utf-8", "us-ascii"}:
            return part.charset
    return ""


def _is_sound(incoming, name, value):
    """Whether Python makes readable text of the header. If so it is kept: parsing takes time."""
    if isinstance(value, Text) or not value.isascii() or len(value) > LONG:
        return False
    if name != "Subject" and (NAMED_AFTER_ADDRESS.search(value) or "@" not in value):
        # An address may be hidden in an encoded word.
        return False
    if "=?" not in value and CONTROL.search(value):
        return False
    try:
        parsed = incoming.mail.policy.header_factory(name, "".join(value.splitlines()))
    except Exception:  # noqa: BLE001 - Python's parser raises all sorts
        return False
    if "=?" in parsed or "\ufffd" in parsed or CONTROL.search(parsed):
        return False
    if len(incoming.headers[name.lower()]) == 1:
        incoming.mail.replace_header(name, parsed)
    return True


def _replace(incoming, name, old, new):
    """Put ``new`` in the place of one of possibly several headers of that name."""
    values = [
        new if str(value) == old else str(value)
        for key, value in incoming.mail.raw_items()
        if key.lower() == name.lower()
    ]
    if new == old and len(old) <= LONG:
        return
    if len(values) == 1:
        set_header(incoming.mail, name, new)
    else:
        del incoming.mail[name]
        set_header(incoming.mail, name, ", ".join(values))
    incoming.mended.add("headers")


def _addresses(value, charset):
    """An address header as text in which Odoo finds the same names and addresses."""
    if not value.isascii():
        # Before it is split: a byte of a Chinese character may look like a comma.
        data = value.encode("utf-8", "surrogateescape")
        value = decode_bytes(data, charset)[0]
    value = CONTROL.sub("", " ".join(value.split()))
    if "@" not in value and "=?" not in value:
        return value
    value = NAMED_AFTER_ADDRESS.sub(r'\1 "\2" \3', value)
    pairs = []
    for name, address in getaddresses([value]):
        name = decode_header(name)
        if "@" not in address and "=?" in address:
            # All of it is in one encoded word.
            name, address = getaddresses([decode_header(address)])[0]
        if name and address:
            quoted = name.replace("\\", "").replace('"', "'")
            pairs.append(f'"{quoted}" <{address}>')
        elif name or address:
            pairs.append(address or name)
    return ", ".join(pairs) or decode_header(value)


def _mend_ids(incoming, name, value):
    if name == "In-Reply-To":
        # Odoo looks for all of it as one Message-ID.
        ids = ID.findall(value)[:1]
    elif len(value) > LONG:
        ids = ID.findall(value)[-LAST_REFERENCES:]
    else:
        ids = None
    new = " ".join(ids) if ids else CONTROL.sub("", " ".join(value.split()))
    if not new.isascii():
        new = decode_header(new)
    # As text, for Python's parser is slow on them.
    set_header(incoming.mail, name, new)
    if new != " ".join(value.split()):
        incoming.mended.add("headers")


def _mend_sender(incoming):
    """A From without an address gets one of the sender's other addresses."""
    value = str(incoming.mail.get("From") or "")
    if "@" in value:
        return
    for name in ("Sender", "Return-Path"):
        found = incoming.addresses(name)
        if found:
            title = value.replace('"', "").strip(" <>")
            text = f'"{title}" <{found[0][1]}>' if title else found[0][1]
            set_header(incoming.mail, "From", text)
            incoming.mended.add("headers")
            return
