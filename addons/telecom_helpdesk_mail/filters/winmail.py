"""winmail.dat: what Outlook packs text and attachments into for an Exchange that is not there."""

import logging

from .incoming import set_filename, set_type
from .text import UNSTORABLE, decode_bytes, payload_bytes

try:
    from tnefparse import TNEF
except ImportError:  # the file then stays as it is
    TNEF = None

_logger = logging.getLogger(__name__)

KINDS = {"application/ms-tnef", "application/vnd.ms-tnef"}
# tnefparse copies the rest of the file for each object.
MAX_SIZE = 30_000_000


def find_winmail(incoming):
    """Take attachments and, where the mail has no other, the text out of ``winmail.dat``."""
    for part in list(incoming.parts):
        if not part.is_leaf or part.attached:
            continue
        if part.kind in KINDS or (part.names and part.filename.lower() == "winmail.dat"):
            _unpack(incoming, part)
    return {}


def _unpack(incoming, part):
    if TNEF is None:
        return
    data = payload_bytes(part.message)
    if len(data) > MAX_SIZE:
        return
    try:
        packed = TNEF(data, do_checksum=False)
        files = [(_name(item), bytes(item.data)) for item in packed.attachments if item.data]
        text, is_html = _text(packed)
    except Exception as error:  # noqa: BLE001 - broken ones raise all sorts
        _logger.info("winmail.dat stays as it is: %s", error)
        return
    if any(body.text.strip() for body in incoming.bodies):
        text = ""
    if not files and not text:
        return
    message = part.message
    if part.depth == 0:
        message.make_mixed()
        message = message.get_payload()[0]
    del message["Content-Transfer-Encoding"]
    del message["Content-Disposition"]
    del message["Content-ID"]
    message.set_payload(None)
    set_type(message, "multipart/mixed")
    message.set_payload([])
    if text:
        body = type(message)(policy=message.policy)
        body.set_content(text, subtype="html" if is_html else "plain", cte="base64")
        message.attach(body)
    for name, content in files:
        item = type(message)(policy=message.policy)
        item.set_content(content, maintype="application", subtype="octet-stream", cte="base64")
        set_filename(item, name)
        message.attach(item)
    incoming.changed()
    incoming.mended.add("winmail")


def _name(item):
    name = item.long_filename()
    if isinstance(name, bytes):
        name = decode_bytes(name)[0]
    name = UNSTORABLE.sub("", name).replace("\\", "/").rsplit("/", 1)[-1].strip()
    return name or "attachment"


def _text(packed):
    """Text of the mail, and whether it is HTML."""
    for body, is_html in ((packed.htmlbody, True), (packed.body, False)):
        if isinstance(body, list):
            body = body[0] if body else None
        if isinstance(body, bytes):
            body = decode_bytes(body)[0]
        if body and body.strip("\x00 \r\n"):
            return UNSTORABLE.sub("", body), is_html
    return "", False
