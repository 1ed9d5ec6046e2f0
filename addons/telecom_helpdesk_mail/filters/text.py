"""Text out of what mail programs send: headers, encoded words, bodies."""

import binascii
import quopri
import re
from base64 import b64decode
from email.utils import getaddresses

from odoo.addons.telecom_helpdesk.tools.message_text import clean_text

from .charsets import decode_bytes
from .raw import restore_raw

FOLD = re.compile(r"[\r\n]+[\r\n\t ]*")
WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
# Words of one text are separated by blanks that do not count (RFC 2047, section 6.2).
BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")


def decode_header(value, charset=""):
    """Readable text of a raw header, on one line, without control characters.

    ``charset``: what 8-bit bytes may be in, where they are not UTF-8.
    """
    if not value.isascii() or "\x1b$" in value:
        data = value.encode("utf-8", "surrogateescape")
        value = decode_bytes(data, charset)[0]
    if "\n" in value or "\r" in value:
        value = FOLD.sub(" ", value)
    if "=?" in value:
        value = decode_words(value)
    if not value.isprintable():
        # Words may hold lines and control characters of their own.
        value = FOLD.sub(" ", clean_text(value))
    return value.strip()


def decode_words(value):
    """``value`` with what encoded words (RFC 2047) say, whatever that is."""
    value = BETWEEN_WORDS.sub("", value)
    # A last word that was cut off.
    if value.rfind("=?") > value.rfind("?="):
        value += "?="
    pieces, end, held, held_charset = [], 0, b"", ""

    def flush():
        nonlocal held
        if held:
            pieces.append(decode_bytes(held, held_charset, trusted=True)[0])
            held = b""

    for match in WORD.finditer(value):
        data = _decode_word(match[2], match[3])
        if match.start() != end or match[1].lower() != held_charset or data is None:
            flush()
            pieces.append(value[end : match.start()])
        end = match.end()
        if data is None:
            pieces.append(match[0])
            continue
        # A character may be split between two words.
        held, held_charset = held + data, match[1].lower()
    flush()
    pieces.append(value[end:])
    text = "".join(pieces)
    # "?=" was added in vain.
    return text.removesuffix("?=") if "=?" not in text else text


def _decode_word(encoding, text):
    """Bytes of an encoded word, or None."""
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    try:
        return b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return None


ADDRESS = re.compile(r"[^\s\"<>,;:()\[\]\\@]{1,64}+@[\w.-]*\w")


# Longer ones are lists of strangers, and their names of no interest.
MAX_NAMED = 16_000


def split_addresses(value):
    """Pairs of name and address in an address header on one line."""
    if len(value) > MAX_NAMED:
        return [("", address) for address in ADDRESS.findall(value)]
    try:
        found = getaddresses([value])
    except RecursionError:
        # Python's parser takes brackets within brackets literally.
        found = []
    # It also may find fault with all for one that is wrong.
    if any("@" in address for _name, address in found):
        return found
    return [("", address) for address in ADDRESS.findall(value)]


def payload_bytes(message):
    """Decoded bytes of a part that is no container; as they are where they cannot be decoded."""
    # Python reads the header anew each time, which takes longer than the decoding.
    encoding = next(
        (
            str(value).strip().lower()
            for name, value in message.raw_items()
            if name.lower() == "content-transfer-encoding"
        ),
        "",
    )
    payload = message.get_payload()
    is_plain = encoding in {"quoted-printable", "7bit", "8bit", ""}
    if isinstance(payload, str) and payload.isascii() and is_plain:
        data = payload.encode()
        if encoding == "quoted-printable":
            data = quopri.decodestring(data)
    else:
        try:
            data = message.get_payload(decode=True)
        except Exception:  # noqa: BLE001 - Python's decoders raise all sorts
            data = None
        if data is None:
            data = str(message.get_payload() or "").encode("utf-8", "surrogateescape")
    # Somebody's text may quote headers.
    return restore_raw(data) if b"X-Kept-" in data else data


def decode_part(message, charset):
    """Text of a text part, and the charset that it was judged to have."""
    data = payload_bytes(message)
    declared = charset
    if not declared:
        # HTML says it in its head.
        match = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", data[:2048], re.I)
        declared = match[1].decode() if match else ""
    return decode_bytes(data, declared)
