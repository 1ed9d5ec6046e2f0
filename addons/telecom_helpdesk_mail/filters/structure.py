"""Parts that Python or Odoo cannot take: nested too deep, of no known type, without a boundary."""

import email
import re
from contextlib import suppress

from .incoming import set_filename, set_header, set_type
from .text import CONTROL, decode_bytes, decode_header, payload_bytes

MAX_DEPTH = 20
MAX_PARTS = 300
# Of a mail with too many parts, so many files are taken out; all are in the original.
MAX_FILES = 50
# What Python has a reader for; it raises on fonts, models and inventions.
MAIN_TYPES = {"text", "multipart", "message", "image", "audio", "video", "application"}
PARAMETER = (
    r"\s*;\s*[\w-]+\s*=\s*(?:\"[^\"\\\x00-\x1f\x7f-\uffff]*\"|[^\s\";\x00-\x1f\x7f-\uffff]+)"
)
SOUND = re.compile(rf"\s*[\w.+-]+(?:/[\w.+-]+)?(?:{PARAMETER})*\s*;?\s*", re.ASCII)
# Python's parsers take minutes for longer ones.
LONG = 2000
TOKEN = re.compile(r"[\w.:+-]+", re.ASCII)
BOUNDARY = re.compile(r"^--(\S{1,70})[ \t]*$", re.MULTILINE)
OUTLOOK_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def find_structure(incoming):
    """Make of the mail what ``walk()`` and ``get_content()`` can take.

    Python's parser recurses: from some 900 levels on, a mail raises RecursionError before any
    filter sees it (so do 5,000 levels).
    """
    hints = {}
    if len(incoming.parts) > MAX_PARTS or max(part.depth for part in incoming.parts) > MAX_DEPTH:
        _flatten(incoming)
        # All that the mail was is only in its raw bytes.
        hints["keep_original"] = True
    # Parts that are found may have lost theirs as well.
    while any(_find_boundary(incoming, part) for part in incoming.parts):
        pass
    changed = False
    for part in incoming.parts:
        changed |= _mend_headers(incoming, part)
    if changed:
        incoming.changed()
        incoming.mended.add("headers")
    for part in list(incoming.parts):
        _mend_part(incoming, part)
    _wrap_lone_part(incoming)
    return hints


# Headers of a part


def _mend_headers(incoming, part):
    """Rewrite headers of a part that cannot be read; whether there were any."""
    message = part.message
    names = ("Content-Type", "Content-Disposition")
    raw = {name: part.header(name) for name in names}
    sound = all(
        not value or (len(value) < LONG and SOUND.fullmatch(value)) for value in raw.values()
    )
    if "charset" in raw["Content-Type"].lower() and not TOKEN.fullmatch(part.charset):
        sound = False
    if part.depth:
        _mend_inner_headers(part)
    if (sound and not (part.names and _is_bad_name(part.filename))) or (
        not sound and not _must_mend(part, raw)
    ):
        _mend_lesser_headers(part)
        return False
    filename = _clean_name(_find_name(raw))
    disposition = "attachment" if "attachment" in raw["Content-Disposition"].lower() else "inline"
    if raw["Content-Type"]:
        params = {}
        if TOKEN.fullmatch(part.charset):
            params["charset"] = part.charset
        boundary = message.get_boundary() if message.is_multipart() else None
        if boundary and boundary.isascii():
            params["boundary"] = boundary
        set_type(message, part.kind, **params)
    if filename:
        set_filename(message, filename, disposition)
    elif raw["Content-Disposition"]:
        del message["Content-Disposition"]
        message["Content-Disposition"] = disposition
    _mend_lesser_headers(part)
    return True


def _mend_lesser_headers(part):
    for name in ("Content-ID", "Content-Transfer-Encoding"):
        value = part.header(name)
        if value and not (value.isascii() and value.isprintable()):
            set_header(part.message, name, decode_header(value))


def _mend_inner_headers(part):
    """What Odoo reads of a delivery report goes into queries as it is."""
    for name in ("Message-ID", "X-Microsoft-Original-Message-ID", "Final-Recipient"):
        value = part.header(name)
        if not value.isascii() or CONTROL.search(value):
            set_header(part.message, name, decode_header(value))


def _must_mend(part, raw):
    """Whether a header of unusual form is beyond Python's parser as well."""
    if any(not value.isascii() or "\x00" in value or len(value) >= LONG for value in raw.values()):
        return True
    message = part.message
    try:
        name = message.get_filename() or ""
        message.get_content_charset()
        charset = message.get_param("charset", "")
        kind = message.get_content_type()
        message.get("Content-Disposition")
    except Exception:  # noqa: BLE001 - Python's parser raises all sorts
        return True
    declared = "charset" in raw["Content-Type"].lower()
    return (
        kind != part.kind
        or (declared and (not charset or str(charset).lower() != part.charset))
        or _is_bad_name(str(name))
    )


def _is_bad_name(name):
    return (
        not name.isprintable()
        or len(name) > 200
        or any(sign in name for sign in ("\ufffd", "=?", "/", "\\"))
    )


def _find_name(raw):
    """File name in headers that Python's newer parser cannot read."""
    for name in ("Content-Disposition", "Content-Type"):
        value = raw[name][:LONG]
        if value and not value.isascii():
            value = decode_bytes(value.encode("utf-8", "surrogateescape"))[0]
        loose = email.message.Message()
        loose["Content-Disposition"] = " ".join(value.split())
        found = ""
        with suppress(Exception):  # Python's older parser takes more, but not all
            found = loose.get_filename() or loose.get_param("name", "", "Content-Disposition")
        if isinstance(found, tuple):
            found = found[2]
        if found:
            return found
    return ""


def _clean_name(name):
    name = decode_header(name).replace("\\", "/").rsplit("/", 1)[-1]
    name = CONTROL.sub("", " ".join(name.split())).strip(". ") if name else ""
    if len(name) > 200:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:180]}{dot}{suffix[:15]}" if dot else name[:200]
    return name


# Parts


def _mend_part(incoming, part):
    message, kind = part.message, part.kind
    if kind.startswith("message/"):
        _check_message(incoming, part)
    elif kind.partition("/")[0] not in MAIN_TYPES:
        name = part.filename
        set_type(message, "application/octet-stream")
        if name:
            set_filename(message, name)
        incoming.changed()


def _find_boundary(incoming, part):
    """Take a container whose boundary was lost apart by the one that its text shows.

    Returns whether there was anything to do.
    """
    if not part.is_leaf or not part.kind.startswith("multipart/"):
        return False
    message, payload = part.message, str(part.message.get_payload() or "")
    if part.attached and part.kind != "multipart/report" and not payload.strip():
        # Only the headers came back, with a delivery report.
        return False
    found = BOUNDARY.search(payload)
    if found:
        boundary = found[1].removesuffix("--")
        source = f'Content-Type: {part.kind}; boundary="{boundary}"\n\n{payload}'
        again = email.message_from_string(source, policy=message.policy)
        if again.is_multipart():
            message.set_payload(again.get_payload())
            set_type(message, part.kind, boundary=boundary)
            incoming.changed()
            incoming.mended.add("nesting")
            return True
    # Odoo passes containers over: the text would be lost.
    set_type(message, "text/plain")
    incoming.changed()
    incoming.mended.add("nesting")
    return True


def _check_message(incoming, part):
    """A mail within the mail that cannot be written out again becomes a plain file."""
    message = part.message
    try:
        if part.is_leaf:
            raise ValueError("no message inside")
        for inner in message.get_payload():
            inner.as_bytes()
        message.get_content()
    except Exception:  # noqa: BLE001 - Python's generator raises all sorts
        name = part.filename or ("message.eml" if part.kind == "message/rfc822" else "report.txt")
        data = _dump(message)
        set_type(message, "application/octet-stream")
        set_filename(message, _clean_name(name) or "message.eml")
        del message["Content-Transfer-Encoding"]
        message["Content-Transfer-Encoding"] = "8bit"
        message.set_payload(data.decode("ascii", "surrogateescape"))
        incoming.changed()
        incoming.mended.add("nesting")


def _dump(message):
    """The bytes of a container's content, near enough to what was sent."""
    if not message.is_multipart():
        return str(message.get_payload() or "").encode("utf-8", "surrogateescape")
    chunks = []
    for inner in message.get_payload():
        lines = [f"{name}: {value}" for name, value in inner.raw_items()]
        chunks.append("\n".join(lines).encode("utf-8", "surrogateescape"))
        chunks.append(_dump(inner))
    return b"\n\n".join(chunks)


def _wrap_lone_part(incoming):
    """A mail that is one file and nothing else: Odoo would show a text file as the body."""
    whole = incoming.parts[0]
    if not whole.is_leaf or not whole.kind.startswith("text/"):
        return
    data = payload_bytes(incoming.mail)[:8]
    if data == OUTLOOK_FILE:
        # A mail that somebody saved in Outlook, which is no mail to anybody else.
        set_type(incoming.mail, "application/vnd.ms-outlook")
        set_filename(incoming.mail, "message.msg")
        incoming.mended.add("nesting")
    elif whole.kind in {"text/plain", "text/html"} and not whole.is_attachment:
        return
    incoming.mail.make_mixed()
    incoming.changed()


# Nesting


def _flatten(incoming):
    """Replace the tree by what can be read of it, and the original as a file."""
    mail = incoming.mail
    text = incoming.body or next(
        (part.text for part in incoming.parts if part.kind == "text/plain" and part.is_leaf), ""
    )
    files = [
        part
        for part in incoming.parts
        if part.is_leaf and part.is_attachment and not part.kind.startswith("text/")
    ][:MAX_FILES]
    found = [
        (_clean_name(part.filename) or "attachment", payload_bytes(part.message)) for part in files
    ]
    try:
        original = mail.as_bytes()
    except Exception:  # noqa: BLE001 - from some 200 levels on a RecursionError
        original = None
    if original:
        found.append(("message.eml", original))
    rewrite(incoming, text, found)
    incoming.mended.add("nesting")


def rewrite(incoming, text, files):
    """Make the mail one of ``text`` and ``files``, pairs of name and bytes."""
    mail = incoming.mail
    for name in [name for name in mail if name.lower().startswith("content-")]:
        del mail[name]
    mail.set_payload(None)
    mail.set_content(text or "", cte="base64")
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    incoming.changed()
