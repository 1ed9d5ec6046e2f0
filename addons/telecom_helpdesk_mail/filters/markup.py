"""HTML as mail programs write it: what of it can be read, and what would harm the rest."""

import html
import re
from urllib.parse import unquote

from odoo.addons.telecom_helpdesk.tools.message_text import clean_text

TITLE = re.compile(r"<title\b[^<>]*>[^<]*</title\s*>", re.IGNORECASE)
REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,7})|([0-9]{1,8}))(?![0-9a-fA-F]);?")
# Windows' characters by the numbers that they have there, and what no document may hold.
ODD = (*range(32), *range(127, 160), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
CID = re.compile(r"(?<=[\"'(=])\s*cid:([^\"'\s)>]+)", re.IGNORECASE)
PICTURE = re.compile(r"<img\b[^>]*\bsrc\s*=", re.IGNORECASE)
SPOKEN = re.compile(r"\b(?:alt|title|href|src|value|label)\s*=\s*(\"[^\"]*\"|'[^']*')", re.I)
WORDS = re.compile(r"[^\W_]+")
# What plain texts have where HTML shows a picture or a point.
UNSPOKEN = re.compile(
    r"\[(?:cid|image|bild|logo)[^\]\n]*\]|^[ \t>]*(?:\d{1,3}|[a-z])[.)]\s",
    re.IGNORECASE | re.MULTILINE,
)


def clean_html(source):
    """``source`` without what costs the rest: control characters, in whatever guise, and a title.

    Odoo's clean-up gives up on all of a text in which lxml refuses one character.
    """
    source = clean_text(source)
    if "&#" in source:
        source = REFERENCE.sub(_clean_reference, source)
    return TITLE.sub("", source) if "itle" in source or "ITLE" in source else source


def _clean_reference(found):
    number = int(found[1], 16) if found[1] else int(found[2])
    if number in (9, 10, 13) or number not in ODD:
        return found[0]
    return html.escape(clean_text(html.unescape(f"&#{number};"))).replace("\ufffd", "")


def name_pictures(source, ids):
    """``source`` with each ``cid:`` written as the Content-ID in ``ids`` that is meant."""
    known = {unquote(cid).lower(): cid for cid in ids}

    def rename(found):
        return "cid:" + known.get(unquote(html.unescape(found[1])).lower(), found[1])

    return CID.sub(rename, source)


def words(text):
    """The words of a plain text, as a set: without case and punctuation."""
    return set(WORDS.findall(text.casefold()))


def own_words(text):
    """The words of a plain text that HTML beside it has to say as well."""
    return words(UNSPOKEN.sub(" ", text))


def spoken(source):
    """What is said in HTML without being shown: of pictures, and where links lead."""
    return " ".join(html.unescape(found[1]) for found in SPOKEN.finditer(source))


def has_picture(source):
    return bool(PICTURE.search(source))
