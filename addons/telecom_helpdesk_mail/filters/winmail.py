"""winmail.dat: what Outlook packs text and attachments into for an Exchange that is not there."""

import logging

from odoo.addons.telecom_helpdesk.tools.message_text import clean_text, html_to_text

from .charsets import decode_bytes
from .markup import own_words, spoken, words
from .names import clean_name, extension
from .parsed_mail import set_filename, set_header, set_type
from .rtf import read_rtf
from .text import payload_bytes

try:
    from tnefparse import TNEF
except ImportError:  # the file then stays as it is
    TNEF = None

try:
    from compressed_rtf import decompress
except ImportError:  # text that is RTF alone then stays in the file
    decompress = None

_logger = logging.getLogger(__name__)

KINDS = {"application/ms-tnef", "application/vnd.ms-tnef"}
# tnefparse copies the rest of the file for each object.
MAX_SIZE = 30_000_000
# Compressed, which may be an eighth of what it was; a second for each.
MAX_RTF = 300_000
# MAPI's name for the Content-ID of a picture (PidTagAttachContentId).
CONTENT_ID = 0x3712


def find_winmail(parsed):
    """Take attachments, and text that the mail has not elsewhere, out of ``winmail.dat``."""
    for part in list(parsed.parts):
        if not part.is_leaf or part.attached:
            continue
        if part.kind in KINDS or part.filename.lower() == "winmail.dat":
            _unpack(parsed, part)
    return {}


def _unpack(parsed, part):
    if TNEF is None:
        return
    data = payload_bytes(part.message)
    if len(data) > MAX_SIZE:
        return
    try:
        packed = TNEF(data, do_checksum=False)
        files = [(_name(item), _content_id(item), bytes(item.data)) for item in packed.attachments]
        text, is_html = _text(packed)
    except Exception as error:  # noqa: BLE001 - broken ones raise all sorts
        _logger.info("winmail.dat stays as it is: %s", error)
        return
    files = [file for file in files if file[2]]
    if text and not _replaces_text(parsed, text, is_html):
        text = ""
    if not files and not text:
        return
    message = part.message
    if part.depth == 0:
        message.make_mixed()
        del message["X-Kept-Content-Type"]
        message = message.get_payload()[0]
    for name in ("Content-Transfer-Encoding", "Content-Disposition", "Content-ID"):
        del message[name]
    set_type(message, "multipart/mixed")
    message.set_payload([])
    if text:
        body = type(message)(policy=message.policy)
        body.set_content(text, subtype="html" if is_html else "plain", cte="base64")
        message.attach(body)
    for name, content_id, content in files:
        item = type(message)(policy=message.policy)
        item.set_content(content, maintype="application", subtype="octet-stream", cte="base64")
        set_filename(item, name or f"attachment{extension('', content)}")
        if content_id:
            set_header(item, "Content-ID", f"<{content_id}>")
        message.attach(item)
    parsed.changed()
    parsed.mended.add("winmail")


def _replaces_text(parsed, text, is_html):
    """Whether ``text`` is to be read; then what the mail says in other words is taken away.

    Outlook sends plain text beside it, in which no picture shows.
    """
    plain = html_to_text(text) if is_html else text
    bodies = [body for body in parsed.bodies if body.text.strip()]
    if not plain.strip():
        return False
    if not is_html:
        said = set().union(*(words(html_to_text(body.text)) for body in bodies))
        return not words(plain) <= said
    if any(body.kind == "text/html" for body in bodies):
        return False
    said = words(f"{plain} {spoken(text)}")
    for body in bodies:
        if own_words(body.text) <= said:
            body.message.set_payload("")
    return True


def _name(item):
    name = item.long_filename()
    return clean_name(decode_bytes(name)[0] if isinstance(name, bytes) else name)


def _content_id(item):
    value = next((attr.data for attr in item.mapi_attrs if attr.name == CONTENT_ID), "")
    if isinstance(value, list):
        value = value[0] if value else ""
    value = decode_bytes(value)[0] if isinstance(value, bytes) else value
    return clean_text(value).strip("<> \n")


def _text(packed):
    """Text of the mail, and whether it is HTML."""
    for body, is_html in ((packed.htmlbody, True), (_read_rtf(packed), None), (packed.body, False)):
        if isinstance(body, list):
            body = body[0] if body else None
        if is_html is None and body:
            body, is_html = body
        if isinstance(body, bytes):
            body = decode_bytes(body)[0]
        if body and (body := clean_text(body)).strip():
            return body, is_html
    return "", False


def _read_rtf(packed):
    """Text of the mail in RTF, and whether it is HTML; None where there is none."""
    data = packed._rtfbody
    if not data or decompress is None or len(data) > MAX_RTF:
        return None
    try:
        # It expects a byte after the end.
        return read_rtf(decompress(data + b"\0"))
    except Exception as error:  # noqa: BLE001 - compressed_rtf raises all sorts
        _logger.info("The text of winmail.dat cannot be read: %s", error)
        return None
