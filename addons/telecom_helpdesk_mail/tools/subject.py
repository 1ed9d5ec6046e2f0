"""Subjects of mails about a ticket."""

import re

# What mail programs put before the subject of an answer, in the languages of Europe. Prefixes
# of forwarded mail (Fwd, WG, TR) stay: they say something about the mail.
ANSWER_PREFIX = re.compile(
    r"\s*(re|aw|antw|r[ée]p\.?|sv|vs|odp|res)\s*(\[\d+\]|\(\d+\))?\s*:", re.IGNORECASE
)


def strip_subject(subject, number):
    """``subject`` without answer prefixes and without the ticket's ``number`` in brackets.

    >>> strip_subject("Re: AW: [TT000123] Re: No dial tone", "TT000123")
    'No dial tone'
    """
    text = re.sub(rf"\[{re.escape(number)}\]", "", subject or "", flags=re.IGNORECASE)
    while found := ANSWER_PREFIX.match(text):
        text = text[found.end() :]
    return " ".join(text.split())


def number_subject(subject, number):
    """``subject`` with the ticket's ``number`` once, in front.

    >>> number_subject("Re: [TT000123] No dial tone", "TT000123")
    '[TT000123] No dial tone'
    """
    return f"[{number}] {strip_subject(subject, number)}".strip()
