"""Text out of what mail programs send: charsets, encoded words, HTML."""

import binascii
import codecs
import html
import quopri
import re
from base64 import b64decode
from email.utils import getaddresses

import chardet

# Charsets that are known by another name, or that a larger one contains: what mails declare is
# often the smaller one (as the WHATWG Encoding Standard has it).
ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "cp-850": "cp850",
    "windows-874": "cp874",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# Any bytes are valid in these: valid UTF-8 that is declared as one of them is UTF-8.
SINGLE_BYTE = {"cp1252", "iso-8859-15", "cp850", "mac-roman"}
# Text in these may look like ASCII until it is decoded.
ESCAPED = ("utf-7", "utf-16", "utf-32", "iso-2022", "hz", "unicode", "utf_7", "utf_16", "utf_32")
# Control characters say nothing, and PostgreSQL refuses NUL; nor can it take half a character.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ASCII = bytes(range(128))
FOLD = re.compile(r"[\r\n]+[\r\n\t ]*")
WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
# Words of one text are separated by blanks that do not count (RFC 2047, section 6.2).
BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")


def known_charset(name):
    """The codec for what a mail calls a charset; None if Python knows none that makes text."""
    name = name.strip(" \"'").lower()
    name = ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # Such as "base64" or "zip" (PEP 3136).
    return name if getattr(codec, "_is_text_encoding", True) and name != "idna" else None


def is_python_charset(name):
    """Whether Python decodes by that very name, as Odoo has it do."""
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def decode_bytes(data, declared="", trusted=False):
    """Text of ``data`` (bytes), and the charset that it was judged to have.

    UTF-8 goes first, since other text is next to never valid UTF-8; then what was declared, if it
    fits; then chardet's judgement, if it is sure; else Windows' western charset. ``trusted``: a few
    Chinese characters may look like UTF-8, so what was declared goes first if it says so.
    """
    charset = known_charset(declared) if declared else None
    if charset is None or not (
        charset.startswith(ESCAPED) or (trusted and charset not in SINGLE_BYTE)
    ):
        if (text := _decode_strictly(data, "utf-8")) is not None:
            return text, "utf-8"
    if charset and charset != "utf-8":
        if (text := _decode_strictly(data, charset)) is not None:
            return text, charset
    if _is_damaged_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    if charset and charset not in SINGLE_BYTE and charset != "utf-8":
        text = data.decode(charset, "replace")
        if text.count("\ufffd") * 50 < len(text):
            return text, charset
    sample = data[:16384]
    guess = chardet.detect(sample)
    name = guess["encoding"] and known_charset(guess["encoding"])
    # Western text is mostly ASCII, and chardet is easily wrong about the rest of it.
    foreign = len(sample.translate(None, ASCII)) > 0.3 * len(sample)
    if name and guess["confidence"] > (0.2 if foreign else 0.8):
        if (text := _decode_strictly(data, name)) is not None:
            return text, name
    return data.decode("cp1252", "replace"), "cp1252"


def _decode_strictly(data, charset):
    """``data`` as text, or None where it cannot be in ``charset``."""
    try:
        return data.decode(charset)
    except (ValueError, LookupError):
        return None


def _is_damaged_utf8(data):
    """UTF-8 with a few broken characters, such as one that was cut in half."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    others = sum(len(match) for match in re.findall("[\x80-\ufffc]+", text))
    return others >= 20 * broken


def decode_header(value, charset=""):
    """Readable text of a raw header, on one line, without control characters.

    ``charset``: what 8-bit bytes may be in, where they are not UTF-8.
    """
    if not value.isascii():
        data = value.encode("utf-8", "surrogateescape")
        value = decode_bytes(data, charset)[0]
    if "\n" in value or "\r" in value:
        value = FOLD.sub(" ", value)
    if "=?" in value:
        value = decode_words(value)
    if not value.isprintable():
        # Words may hold lines and control characters of their own.
        value = CONTROL.sub("", FOLD.sub(" ", value))
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
    if (
        isinstance(payload, str)
        and payload.isascii()
        and encoding in {"quoted-printable", "7bit", "8bit", ""}
    ):
        data = payload.encode()
        return quopri.decodestring(data) if encoding == "quoted-printable" else data
    try:
        data = message.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - Python's decoders raise all sorts
        data = None
    if data is None:
        data = str(message.get_payload() or "").encode("utf-8", "surrogateescape")
    return data


def decode_part(message, charset):
    """Text of a text part, and the charset that it was judged to have."""
    data = payload_bytes(message)
    declared = charset
    if not declared:
        # HTML says it in its head.
        match = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", data[:2048], re.I)
        declared = match[1].decode() if match else ""
    return decode_bytes(data, declared)


BLOCK = {
    *("p", "div", "br", "tr", "li", "table", "ul", "ol", "blockquote", "hr", "pre", "section"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "body", "article", "header", "footer"),
}
UNSEEN = {"style", "script", "title", "noscript", "template"}
TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)")


def html_to_text(source):
    """Plain text of HTML, however broken, in a time that grows with its length only."""
    pieces, unseen = [], None
    first, *rest = source.split("<")
    pieces.append(first)
    for chunk in rest:
        match = TAG.match(chunk)
        if not match:
            # A comment or declaration, or a "<" that is only a "<".
            if chunk.startswith(("!", "?", "/")):
                if not unseen:
                    pieces.append(chunk.partition(">")[2])
            elif not unseen:
                pieces.append("<" + chunk)
            continue
        closing, name = match[1], match[2].lower()
        if unseen:
            if closing and name == unseen:
                unseen = None
                pieces.append(chunk.partition(">")[2])
            continue
        if name in UNSEEN and not closing:
            unseen = name
            continue
        text = chunk.partition(">")[2]
        pieces.append("\n" + text.lstrip() if name in BLOCK else text)
    text = html.unescape("".join(pieces)).replace("\xa0", " ")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", UNSTORABLE.sub("", "\n".join(lines))).strip()
