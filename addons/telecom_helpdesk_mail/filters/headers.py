"""Headers that Python's parser makes nothing readable of, or raises on."""

import re

from odoo.addons.telecom_helpdesk.tools.message_text import CONTROL, clean_text

from .charsets import decode_bytes, known_charset
from .parsed_mail import set_header
from .text import WORD, decode_header, split_addresses

ADDRESSES = ("From", "To", "Cc", "Delivered-To", "Resent-To", "Resent-Cc", "Reply-To", "Sender")
# Those that may come once only (RFC 5322, section 3.6); Odoo would string them together.
ONCE = ("From", "Subject", "Reply-To", "Sender", "In-Reply-To", "References")
# What nobody can mistake: a name in plain words, an address.
PLAIN = re.compile(
    r"\s*(?:(?:\"[\w .,'()-]*\"|[\w '-]*)\s*<[\w.+-]+@[\w.-]+>|[\w.+-]+@[\w.-]+)\s*", re.ASCII
)
# An address as somebody's name, without the quotes that it needs: the one in brackets counts.
NAMED_AFTER_ADDRESS = re.compile(r"(\A|,)\s*([^\s\"<>,]+@[^\"<>,]*?)\s*(<[^<>]+>)")
# Addresses with a blank between them, where a comma should be.
UNPARTED = re.compile(r"([^\s<>\",;]+@[\w.-]+)\s+(?=[^\s<>\",;]+@)")
BRACKETS = str.maketrans("", "", "()<>:;[]")
SOUND_ADDRESS = re.compile(r"(?:\"[^\"]*+\"|[^\s\"<>,:;()\[\]\\@]++)@[^\s\"<>,:;()\[\]\\@]++")
MAX_NAME = 1_000
# Characters of a subject: what a list or an answer can show.
MAX_SUBJECT = 250
MAX_UNADDRESSED = 300
ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+>")
LAST_REFERENCES = 64


def find_headers(parsed):
    """``subject``: the whole, if it is too long. Makes headers readable text on one line.

    All of them are put back as text, since Python's parser would read each anew whenever Odoo asks
    for it, and takes minutes for thousands of addresses.
    """
    hints = {}
    for name in ONCE:
        values = parsed.headers.get(name.lower(), ())
        if len(values) > 1:
            parsed.mended.add("headers")
            # The first From that has an address.
            best = next((value for value in values if "@" in value), values[0])
            parsed.headers[name.lower()] = [best]
            set_header(parsed.mail, name, best)
    # 8-bit headers may be in the charset that the text is declared to have.
    charset = parsed.parts[0].assumed
    for name in ADDRESSES:
        values = parsed.headers.get(name.lower())
        if values:
            _set(parsed, name, ", ".join(_addresses(value, charset) for value in values))
    if "subject" in parsed.headers:
        subject = decode_header(parsed.headers["subject"][0], charset)
        if len(subject) > MAX_SUBJECT:
            hints["subject"] = subject
            subject = f"{subject[: MAX_SUBJECT - 1].rstrip()}…"
        _set(parsed, "Subject", subject)
    if "in-reply-to" in parsed.headers:
        _set_in_reply_to(parsed)
    if "references" in parsed.headers:
        _set_references(parsed)
    _mend_sender(parsed)
    parsed.changed()
    return hints


def _set(parsed, name, text):
    values = parsed.headers[name.lower()]
    if any(not _is_sound(value) for value in values) or "\ufffd" in text:
        parsed.mended.add("headers")
    set_header(parsed.mail, name, text)


def _is_sound(value):
    """Whether the header is as it should be: ASCII, and encoded words in a known charset."""
    if not value.isascii() or CONTROL.search(value):
        return False
    return "=?" not in value or (
        "=?" not in WORD.sub("", value)
        and all(known_charset(word[1]) for word in WORD.finditer(value))
    )


def _addresses(value, charset):
    """An address header as text in which Odoo finds names and addresses."""
    if len(value) < 500 and PLAIN.fullmatch(value):
        return " ".join(value.split())
    if not value.isascii():
        # Before it is split: a byte of a Chinese character may look like a comma.
        value = decode_bytes(value.encode("utf-8", "surrogateescape"), charset)[0]
    value = " ".join(clean_text(value).split())
    if "@" not in value and "=?" not in value:
        # Odoo splits it, too.
        return _unaddressed(value)
    if len(value) < 5000:
        if "<" not in value and '"' not in value:
            value = UNPARTED.sub(r"\1, ", value)
        value = NAMED_AFTER_ADDRESS.sub(r'\1 "\2" \3', value)
    # All of it may be in one encoded word.
    found = split_addresses(value) or split_addresses(decode_header(value))
    texts = filter(None, (_address(*pair) for pair in found))
    return ", ".join(texts) or _unaddressed(decode_header(value))


def _unaddressed(text):
    """``text`` without an address, so that Odoo, which splits it, sees no more in it."""
    return text[:MAX_UNADDRESSED].translate(BRACKETS)


def _address(name, address):
    if address and not SOUND_ADDRESS.fullmatch(address):
        address = _unaddressed(address)
    name = decode_header(name)[:MAX_NAME].replace("\\", "").replace('"', "'")
    return f'"{name}" <{address}>' if name and address else address or name


def _set_in_reply_to(parsed):
    """Odoo looks for all of the header as one Message-ID."""
    value = parsed.headers["in-reply-to"][0]
    ids = ID.findall(value)
    text = ids[0] if ids else decode_header(value)
    if text != value.strip():
        parsed.mended.add("headers")
    _set(parsed, "In-Reply-To", text)


def _set_references(parsed):
    value = parsed.headers["references"][0]
    ids = ID.findall(value)
    # The last are the nearest; Odoo looks at 32.
    _set(parsed, "References", " ".join(ids[-LAST_REFERENCES:]) or decode_header(value))


def _mend_sender(parsed):
    """A From without an address gets one of the sender's other addresses."""
    value = str(parsed.mail.get("From") or "")
    if "@" in value:
        return
    for name in ("Sender", "Reply-To", "Return-Path"):
        found = parsed.addresses(name)
        if found:
            title = value.replace('"', "").strip(" <>")
            text = f'"{title}" <{found[0][1]}>' if title else found[0][1]
            set_header(parsed.mail, "From", text)
            parsed.mended.add("headers")
            return
