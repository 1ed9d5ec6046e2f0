"""Charsets of text parts: unknown, wrong or missing ones."""

from .incoming import set_filename, set_type
from .text import ESCAPED, UNSTORABLE, decode_part, is_python_charset, known_charset, payload_bytes

READ_BY_ODOO = {"text/plain", "text/html", "text/rfc822-headers"}
PLAIN_ENCODINGS = {"", "7bit", "8bit", "binary"}


def find_charset(incoming):
    """Set text anew as UTF-8 where Odoo would raise or show replacement characters.

    Text that is a file keeps its bytes; it only gets a charset in which they can be read.
    """
    for part in list(incoming.parts):
        if not part.kind.startswith("text/") or not part.is_leaf:
            continue
        charset = part.charset
        if _is_harmless(part, charset):
            part.text = part.payload
        elif part.is_attachment or part.kind not in READ_BY_ODOO:
            _mend_file(incoming, part, charset)
        else:
            _mend_text(incoming, part, charset)
    return {}


def _is_harmless(part, charset):
    """Whether the text is ASCII, encoded in no way: most mails are."""
    payload = part.payload
    encoding = part.header("Content-Transfer-Encoding").strip().lower()
    return (
        encoding in PLAIN_ENCODINGS
        and (not charset or is_python_charset(charset))
        and not charset.startswith(ESCAPED)
        and isinstance(payload, str)
        and payload.isascii()
        and "\x00" not in payload
    )


def _mend_text(incoming, part, charset):
    text, judged = decode_part(part.message, charset)
    clean = UNSTORABLE.sub("", text) if UNSTORABLE.search(text) else text
    part.text = clean
    if clean == text and _odoo_reads(part, charset, judged, text):
        return
    incoming.changed()
    message = part.message
    del message["Content-Transfer-Encoding"]
    set_type(message, part.kind, charset="utf-8")
    message["Content-Transfer-Encoding"] = "8bit"
    message.set_payload(clean.encode("utf-8", "replace").decode("ascii", "surrogateescape"))
    if judged != known_charset(charset or "utf-8") or clean != text:
        incoming.mended.add("charset")


def _odoo_reads(part, charset, judged, text):
    """Whether Odoo finds the same text without help."""
    if not charset:
        # Odoo takes it for UTF-8, as does the sender.
        return judged == "utf-8" and text.isascii()
    if charset in {"us-ascii", "ascii"} and not text.isascii():
        return False
    if known_charset(charset) != judged or "\ufffd" in text:
        return False
    if charset == judged:
        return True
    try:
        # What it calls itself may be a part of what it was judged to be, or nothing to Python.
        return payload_bytes(part.message).decode(charset) == text
    except (ValueError, LookupError):
        return False


def _mend_file(incoming, part, charset):
    """Odoo decodes a text file by its charset and encodes it again: both must succeed."""
    data = payload_bytes(part.message)
    for name in (charset, "utf-8", "latin-1"):
        try:
            if name and data.decode(name).encode(name) == data:
                break
        except (ValueError, LookupError):
            continue
    if name == charset:
        return
    incoming.changed()
    filename = part.filename
    disposition = "attachment" if part.is_attachment else "inline"
    if part.message.get_param("method") or part.kind == "text/calendar":
        part.message.set_param("charset", name)
    else:
        set_type(part.message, part.kind, charset=name)
    if filename:
        set_filename(part.message, filename, disposition)
    if charset:
        incoming.mended.add("charset")
