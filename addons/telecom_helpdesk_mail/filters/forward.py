"""Who wrote a mail that was forwarded to us."""

import re
from email.utils import parseaddr

from .parsed_mail import raw_header
from .text import decode_header

FORWARD = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|tr|rv|enc|doorst|i|inolt(?:ra)?|transf|réf)\s*:",
    re.IGNORECASE,
)
REPLY = re.compile(r"\s*(?:re|aw|antw|sv|rif|rép?|ref)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
# Gmail, Thunderbird: between dashes. Apple Mail: on a line of its own.
MARKER = re.compile(
    r"^[ \t]*(?:-{4,}\s*(?:forwarded message|weitergeleitete nachricht|message transf[ée]r[ée]"
    r"|mensaje reenviado|doorgestuurd bericht|messaggio inoltrato"
    r"|message réexpédié|forwarded mail)\s*-{4,}"
    r"|begin forwarded message\s*:|anfang der weitergeleiteten (?:nachricht|e-mail)\s*:"
    r"|début du (?:message|courriel|e-mail) (?:réexpédié|transféré)\s*:"
    r"|inicio del mensaje reenviado\s*:|begin doorgestuurd bericht\s*:"
    r"|inizio (?:del )?messaggio inoltrato\s*:)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
# For a quick look at what is still encoded.
HINTS = ("orward", "eitergeleitet", "ransf", "reenviado", "oorgestuurd", "noltrato", "xp=C3=A9di")
LABEL = r"^[> \t\xa0*_]*(?:{})[ \xa0\t]*:[*_]*[ \xa0\t]*(.*)$"
SENDER = re.compile(
    LABEL.format("from|von|de|van|da|absender|expéditeur|remitente|afzender|mittente"),
    re.IGNORECASE | re.MULTILINE,
)
TITLE = re.compile(
    LABEL.format("subject|betreff|objet|sujet|asunto|onderwerp|oggetto"),
    re.IGNORECASE | re.MULTILINE,
)
ADDRESS = re.compile(r"[\w.+'=-]{1,64}@[\w-]+(?:\.[\w-]+)+")
# The block of headers has so many characters at most.
BLOCK = 3_000
MAX_TEXT = 200_000


def find_forward(parsed):
    """``forwarded``: name, address and subject of the mail that was forwarded.

    Found as an attached mail, or quoted in the styles of Gmail, Thunderbird, Apple Mail and
    Outlook; only where the subject or the style says that it is a forward, for an answer quotes in
    the same way.
    """
    if parsed.parts[0].kind == "multipart/report":
        return {}
    found = _from_attached(parsed) or _from_text(parsed)
    return {"forwarded": found} if found else {}


def _from_attached(parsed):
    for part in parsed.parts:
        if part.kind == "message/rfc822" and not part.is_leaf and not part.attached:
            inner = part.message.get_payload()[0]
            sender = decode_header(raw_header(inner, "From"))
            name, address = parseaddr(sender)
            if "@" in address:
                return {
                    "name": name.strip(),
                    "address": address.lower(),
                    "subject": decode_header(raw_header(inner, "Subject")),
                }
    return None


def _from_text(parsed):
    subject = parsed.header("Subject")
    if REPLY.match(subject):
        return None
    says_so = bool(FORWARD.match(subject))
    if not says_so and not any(
        hint in part.text[:MAX_TEXT] for part in parsed.bodies for hint in HINTS
    ):
        return None
    text = parsed.body[:MAX_TEXT].replace("\r\n", "\n")
    marker = MARKER.search(text)
    if marker:
        block = text[marker.end() : marker.end() + BLOCK]
        return _from_block(block)
    if says_so:
        for match in SENDER.finditer(text):
            # Outlook marks nothing: headers one below the other are what it has.
            found = _from_block(text[match.start() : match.start() + BLOCK], needs_title=True)
            if found:
                return found
    return None


def _from_block(block, needs_title=False):
    sender = SENDER.search(block)
    if not sender:
        return None
    # Google breaks the line between name and address.
    rest = block[sender.start(1) :].lstrip("\n")
    lines = rest.split("\n")
    value = lines[0]
    if not ADDRESS.search(value) and len(lines) > 1:
        value = f"{value} {lines[1]}"
    address = ADDRESS.search(value.replace("mailto:", " "))
    title = TITLE.search(block[: sender.start() + 1500])
    if not address or (needs_title and not title):
        return None
    return {
        "name": _name(value, address[0]),
        "address": address[0].lower(),
        "subject": title[1].strip(" *_\r\xa0") if title else "",
    }


def _name(value, address):
    name = re.split(r"[<\[(]|mailto:", value.replace("*", ""), maxsplit=1)[0]
    name = name.strip(" \t\r\xa0\"'*_")
    return "" if "@" in name or name.lower() == address.lower() else name
