"""Charsets as mails name them, and bytes in them."""

import codecs
import re

import chardet

from .japanese import decode_euc_jp, decode_iso_2022_jp, is_iso_2022_jp

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
    "cp936": "gb18030",
    "windows-936": "gb18030",
    "big5": "cp950",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc-jp",
    "cp51932": "euc-jp",
    "iso-2022-jp-ms": "iso-2022-jp",
    "csiso2022jp": "iso-2022-jp",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
    "cp-850": "cp850",
    "windows-874": "cp874",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
# Any bytes are valid in these: valid UTF-8 that is declared as one of them is UTF-8.
SINGLE_BYTE = {"cp1252", "iso-8859-15", "cp850", "mac-roman"}
# Text in these may look like ASCII until it is decoded.
ESCAPED = ("utf-7", "utf-16", "utf-32", "iso-2022", "hz", "unicode", "utf_7", "utf_16", "utf_32")
# Bytes that are none of them are next to never valid in these.
MULTI_BYTE = {"gb18030", "cp950", "cp949", "cp932", "euc-jp", "big5hkscs"}
LENIENT = {"iso-2022-jp": decode_iso_2022_jp, "euc-jp": decode_euc_jp}
ASCII = bytes(range(128))


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


def decode_bytes(data, declared="", trusted=False):
    """Text of ``data`` (bytes), and the charset that it was judged to have.

    UTF-8 goes first, since other text is next to never valid UTF-8; then what was declared, if it
    fits; then chardet's judgement, if it is sure; else Windows' western charset. ``trusted``: a few
    Chinese characters may look like UTF-8, so what was declared goes first if it says so.
    """
    charset = known_charset(declared) if declared else None
    if charset in {None, "utf-8"} and is_iso_2022_jp(data):
        charset = "iso-2022-jp"
    if charset is None or not (
        charset.startswith(ESCAPED) or (trusted and charset not in SINGLE_BYTE)
    ):
        if (text := _decode(data, "utf-8")) is not None:
            return text, "utf-8"
    if charset and charset != "utf-8":
        if (text := _decode(data, charset)) is not None:
            return text, charset
    if _is_damaged_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    if charset and charset not in SINGLE_BYTE and charset != "utf-8":
        lenient = LENIENT.get(charset)
        text = lenient(data) if lenient else _decode(data, charset, "replace")
        # Nobody reads the escape sequences of what cannot be decoded.
        if text is not None and (is_iso_2022_jp(data) or text.count("\ufffd") * 50 < len(text)):
            return text, charset
    return _guess(data)


def _guess(data):
    """Text of ``data`` in the charset that it looks like, and that charset."""
    sample = data[:16384]
    guess = chardet.detect(sample)
    name = guess["encoding"] and known_charset(guess["encoding"])
    others = len(sample.translate(None, ASCII))
    # Western text is mostly ASCII, and chardet is easily wrong about the rest of it. Of a name in
    # Chinese it is never sure, as short as that is.
    least = 0.2 if others > 0.3 * len(sample) else 0.8
    if name and (guess["confidence"] > least or (name in MULTI_BYTE and others >= 4)):
        if (text := _decode(data, name)) is not None:
            return text, name
    return data.decode("cp1252", "replace"), "cp1252"


def _decode(data, charset, errors="strict"):
    """``data`` as text, or None where it cannot be in ``charset``."""
    try:
        return data.decode(charset, errors)
    except Exception:  # noqa: BLE001 - some of Python's decoders raise what they like
        return None


def _is_damaged_utf8(data):
    """UTF-8 with a few broken characters, such as one that was cut in half."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    others = sum(len(match) for match in re.findall("[\x80-\ufffc]+", text))
    return bool(broken) and others >= 20 * broken
