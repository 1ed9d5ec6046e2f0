"""The mail in bytes, before Python's parser reads it: what it takes wrong, or takes for ever."""

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
# What it reads for sure, and soon: a word, parameters that are words or plain texts in quotes.
SOUND = re.compile(
    rb"\s*[\w.+-]+(?:/[\w.+-]+)?"
    rb"(?:\s*;\s*[\w-]+=(?:\"(?:[^\"\\=\x00-\x1f\x7f-\xff]|=(?!\?))*\"|[\w.+/-]+))*\s*;?\s*",
    re.ASCII,
)
LONG = 500
WORD = re.compile(rb"\s*([\w.+-]+(?:/[\w.+-]+)?)", re.ASCII)
# What is kept from the parser, before what it sees instead.
KEPT = re.compile(
    rb"^X-Kept-(content-type|content-transfer-encoding):([^\n]*(?:\n[ \t][^\n]*)*)\n\1: [^\n]*",
    re.IGNORECASE | re.MULTILINE,
)


def mend_raw(raw):
    """``raw`` (a mail in bytes) as Python's parser has to see it, and whether that is all of it.

    Its lines end as they do on Unix, whichever way they came: what follows finds the same.
    """
    raw = raw.replace(b"\r\n", b"\n")
    raw, is_whole = _limit_parts(_indent(raw))
    return PARSED.sub(_mend_parsed, raw), is_whole


def _mend_parsed(found):
    """Show the parser what it needs of a header that it may raise on, or read for ever."""
    name, value = found.groups()
    if len(value) <= LONG and SOUND.fullmatch(value):
        return found[0]
    word = WORD.match(value)
    short = word[1] if word else b"text/plain" if name.lower() == b"content-type" else b"8bit"
    if name.lower() == b"content-type" and (boundary := BOUNDARY.search(value)):
        short += b'; boundary="%s"' % (boundary[1] or boundary[2])
    return b"X-Kept-%s:%s\n%s: %s" % (name, value, name, short)


def restore_raw(raw):
    """``raw`` with the headers as they were sent."""
    return KEPT.sub(rb"\1:\2", raw)


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
