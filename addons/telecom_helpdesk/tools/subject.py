"""Subjects of mails."""

import re

# What mail programs put before the subject of an answer, in the languages of Europe, after the tag
# that some scanners and lists put before all ("[EXTERN]"). Prefixes of forwarded mail (Fwd, WG, TR)
# stay: they say something about the mail.
ANSWER_PREFIX = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)?(?:re|aw|antw|sv|vs|rif|odp|res|ref|réf|r[ée]p?\.?)\s*"
    r"(?:\[\d+\]|\(\d+\))?\s*:\s*",
    re.IGNORECASE,
)


def is_answer(subject):
    """Whether ``subject`` says that its mail answers another ("Re: ...")."""
    return bool(ANSWER_PREFIX.match(subject or ""))


def strip_answer(subject):
    """``subject`` without the answer prefixes in front.

    >>> strip_answer("[EXTERN] Re: AW[2]: No dial tone")
    'No dial tone'
    """
    while match := ANSWER_PREFIX.match(subject or ""):
        subject = subject[match.end() :]
    return subject or ""
