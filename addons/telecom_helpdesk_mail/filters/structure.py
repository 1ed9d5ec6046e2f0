"""Parts as they are not written: without their boundary, with headers that nobody can store."""

import email
import re

from odoo.addons.telecom_helpdesk.tools.message_text import CONTROL

from .parsed_mail import set_header, set_type
from .text import decode_header, payload_bytes

# What Odoo reads of a delivery report goes into queries as it is.
REPORTED = ("Message-ID", "X-Microsoft-Original-Message-ID", "Final-Recipient")
BOUNDARY = re.compile(r"^--(\S{1,70})[ \t]*$", re.MULTILINE)


def find_structure(parsed):
    """Take containers apart by the boundary that their text shows."""
    # Parts that are found may have lost theirs as well.
    while any(_find_boundary(parsed, part) for part in parsed.parts):
        pass
    for part in parsed.parts[1:]:
        _mend_reported(part)
    return {}


def _mend_reported(part):
    for name in REPORTED:
        value = part.header(name)
        if not value.isascii() or CONTROL.search(value):
            set_header(part.message, name, decode_header(value))


def _find_boundary(parsed, part):
    """Take a container whose boundary was lost apart by the one that its text shows.

    Returns whether there was anything to do.
    """
    if not part.is_leaf or not part.kind.startswith("multipart/"):
        return False
    message = part.message
    # No container is encoded (RFC 2045, 6.4), whatever it says.
    del message["Content-Transfer-Encoding"]
    payload = payload_bytes(message).decode("ascii", "surrogateescape")
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
            parsed.changed()
            parsed.mended.add("boundary")
            return True
    # What it holds is text, after all.
    set_type(message, "text/plain")
    parsed.changed()
    parsed.mended.add("boundary")
    return True
