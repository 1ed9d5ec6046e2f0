"""Invitations, and answers to them (RFC 5546, RFC 6047)."""

import re

from .parsed_mail import set_filename

KINDS = {"text/calendar", "application/ics"}
METHOD = re.compile(r"^METHOD(?:;[^:\r\n]*)?:\s*([A-Za-z-]+)", re.MULTILINE)
# Sent by a calendar when somebody clicks a button in it.
ANSWERS = {"REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"}


def find_calendar(parsed):
    """``calendar``: the method. A calendar without a file name gets one."""
    hints = {}
    for part in list(parsed.parts):
        if part.kind not in KINDS or not part.is_leaf or part.attached:
            continue
        if not part.filename:
            # Odoo has no name for it otherwise.
            set_filename(part.message, "invite.ics")
            parsed.changed()
        method = str(part.message.get_param("method") or "")
        if not method:
            found = METHOD.search(part.text[:20_000])
            method = found[1] if found else ""
        if method and "calendar" not in hints:
            hints["calendar"] = method.upper()
    if hints.get("calendar") in ANSWERS:
        hints["automatic"] = "reply"
    return hints
