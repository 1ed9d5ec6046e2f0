"""What the sender says about answers: language and address."""

import re

LANGUAGE = re.compile(r"\s*([a-z]{2,3})(?:[-_]([A-Za-z]{2,4}))?\b", re.IGNORECASE)


def find_sender(parsed):
    """``language`` (ISO 639 code, such as "fr"); ``reply_to``, where it differs from From."""
    hints = {}
    for name in ("content-language", "accept-language"):
        match = LANGUAGE.match(parsed.headers.get(name, [""])[0])
        if match:
            hints["language"] = match[1].lower()
            break
    if "reply-to" in parsed.headers:
        found = parsed.addresses("Reply-To")
        senders = {address for _name, address in parsed.addresses("From")}
        if found and found[0][1] not in senders:
            hints["reply_to"] = found[0][1]
    return hints
