"""Mails that no human wrote."""

# RFC 2076 knows these as mass mail and robots; "list" is not among them: people write there.
AUTOMATIC_PRECEDENCES = {"bulk", "junk", "auto_reply"}


def find_automatic(mail):
    """``{"automatic": True}`` for what declares itself automatic.

    By ``Auto-Submitted`` (RFC 3834, section 5: any value but "no", which may be followed by
    parameters) or by ``Precedence``.
    """
    submitted = _keyword(mail, "Auto-Submitted")
    if (submitted and submitted != "no") or _keyword(mail, "Precedence") in AUTOMATIC_PRECEDENCES:
        return {"automatic": True}
    return {}


def _keyword(mail, header):
    """First word of a header's value, in lower case, without parameters and comments."""
    value = str(mail.get(header) or "").replace("(", ";").split(";")[0]
    return value.strip().lower()
