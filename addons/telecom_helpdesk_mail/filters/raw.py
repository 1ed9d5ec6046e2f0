"""The mail in bytes, before Python's parser reads it: what it takes wrong, or takes for ever."""

import email.policy
import re

# Delimiters of parts. Nobody reads more, and Python's parser takes a millisecond for three.
MAX_PARTS = 1_000
BOUNDARY = re.compile(
    rb"boundary[ \t]*=[ \t\n]*(?:\"([^\"\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE
)
MAX_BOUNDARIES = 100
HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|From ")
# What a mail has once: where such a line follows, the mail's head has not ended.
ESSENTIAL = re.compile(
    rb"^(from|to|date|subject|message-id|mime-version|content-type)[ \t]*:", re.IGNORECASE
)

# What Python's parser of parts looks into as it goes.
PARSED = re.compile(
    rb"^(content-type|content-transfer-encoding)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
# What it can read for sure: a word, parameters that are words or plain texts in quotes.
SOUND = re.compile(
    rb"\s*[\w.+-]+(?:/[\w.+-]+)?(?:\s*;\s*[\w-]+=(?:\"[^\"\\=\x00-\x1f\x7f-\xff]*\"|[\w.+/-]+))*\s*;?\s*",
    re.ASCII,
)
TYPE = re.compile(r"\s*[\w.+-]+/[\w.+-]+", re.ASCII)


def mend_raw(raw):
    """``raw`` (a mail in bytes) as Python's parser has to see it, and whether that is all of it.

    Its lines end as they do on Unix, whichever way they came: what follows finds the same.
    """
    raw = raw.replace(b"\r\n", b"\n")
    return _limit_parts(PARSED.sub(_mend_parsed, _indent(raw)))


def _mend_parsed(found):
    """Keep from Python's parser what it raises on, under a name that it does not know."""
    name, value = found.groups()
    if SOUND.fullmatch(value):
        return found[0]
    text = value.decode("ascii", "surrogateescape")
    try:
        email.policy.SMTP.header_factory(name.decode(), " ".join(text.split()))
    except Exception:  # noqa: BLE001 - of whatever kind
        kind = TYPE.match(text)
        boundary = BOUNDARY.search(value)
        short = kind[0].strip().encode() if kind else b"text/plain"
        if name.lower() != b"content-type":
            short = b"8bit"
        elif boundary:
            short += b'; boundary="%s"' % (boundary[1] or boundary[2])
        return b"%s: %s\nX-Original-%s:%s" % (name, short, name, value)
    return found[0]


def _indent(raw):
    """Indent lines of the head that are the rest of the line before, and lost their blank.

    Python's parser takes the first of them for the beginning of the text.
    """
    head, blank, body = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    strays = [place for place, line in enumerate(lines) if not HEADER.match(line)]
    if not strays or not strays[0]:
        return raw
    before = {found[1].lower() for line in lines[: strays[0]] if (found := ESSENTIAL.match(line))}
    after = {found[1].lower() for line in lines[strays[0] :] if (found := ESSENTIAL.match(line))}
    if not {b"from", b"message-id", b"mime-version"} & (after - before):
        # A text that begins without a blank line.
        return raw
    for place in strays:
        lines[place] = b" " + lines[place]
    return b"\n".join(lines) + blank + body


def _limit_parts(raw):
    """``raw`` without the parts after the first 1,000, and whether that is all of it."""
    if raw.count(b"\n--") <= MAX_PARTS:
        return raw, True
    names = set()
    for found in BOUNDARY.finditer(raw):
        names.add(found[1] or found[2])
        if len(names) >= MAX_BOUNDARIES:
            break
    if not names:
        return raw, True
    delimiter = re.compile(rb"\n--(?:%s)" % b"|".join(map(re.escape, names)))
    for number, found in enumerate(delimiter.finditer(raw), start=1):
        if number > MAX_PARTS:
            return raw[: found.start()], False
    return raw, True
