"""The one address in From, for those who want to be sure of it.

Everything else here and in Odoo makes the best of what comes. That is right for showing who wrote,
and wrong for proving it: two readers of one odd header may see two senders, and the mail server
judges the one that we do not use. What is not plain is therefore no proof.
"""

import re
import unicodedata

import idna

from .text import decode_words

MAX_LENGTH = 2_000
UNFOLD = re.compile(r"\r?\n(?=[ \t])")
WORDS = re.compile(
    r"""(?P<blank>[ \t]+)|(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<angle><[^<>]*+>)|(?P<open>\()
    |(?P<text>[^\s"(),:;<>\\\[\]]++)""",
    re.VERBOSE,
)
COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
# What ends a line, somewhere; a tab may stand between words.
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = re.compile(rf"({ATOM}(?:\.{ATOM})*)@(\w[\w-]*(?:\.\w[\w-]*)*)")


def sole_address(values):
    """The address in the raw ``values`` of a header that may come once, as Odoo normalizes it.

    :return: an empty text where there is more or less than one, or where the header has anything
        that is read in more than one way: groups, routes, quoted local parts, lines within names
    """
    if len(values) != 1 or len(values[0]) > MAX_LENGTH:
        return ""
    value = as_utf8(UNFOLD.sub("", values[0]))
    return "" if CONTROL.search(value) else _parse(value)


def as_utf8(value):
    """A raw header whose bytes are UTF-8, as text; empty where they are not."""
    if value.isascii():
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        return ""


def _parse(value):
    name, angle, end = [], None, 0
    while end < len(value):
        word = WORDS.match(value, end)
        if not word:
            return ""
        end = word.end()
        if word.lastgroup == "open":
            end = end_of_comment(value, end)
            if not end:
                return ""
        elif word.lastgroup == "blank":
            continue
        elif angle is not None:
            return ""
        elif word.lastgroup == "angle":
            angle = word[0][1:-1].strip(" \t")
        else:
            name.append(word[0])
    if angle is None:
        return normalize_address(name[0]) if len(name) == 1 else ""
    if any("@" in word and not word.startswith('"') for word in name):
        return ""
    # A line within a name is how a second sender is smuggled in.
    is_plain = not CONTROL.search(decode_words(" ".join(name)))
    return normalize_address(angle) if is_plain else ""


def end_of_comment(value, start):
    """Where the comment ends whose bracket is before ``start``; None if it does not."""
    depth = 1
    for found in COMMENT.finditer(value, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return None


def normalize_address(text):
    """``text`` in lower case if it is a plain address, with a domain that can be; else empty."""
    found = ADDRESS.fullmatch(text)
    if not found or "=?" in text or len(found[1]) > 64 or not ascii_domain(found[2]):
        return ""
    return text.lower()


def ascii_domain(name):
    """The domain ``name`` as DNS has it, in lower case; empty where it is none."""
    name = name.rstrip(".") if name.isascii() else name
    if name.isascii():
        return name.lower() if len(name) <= 253 else ""
    if unicodedata.normalize("NFKC", name) != name:
        # Signs that become other letters: a Kelvin sign is no k.
        return ""
    try:
        return idna.encode(name.lower()).decode()
    except (idna.IDNAError, UnicodeError):
        return ""
