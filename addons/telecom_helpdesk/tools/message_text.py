"""What somebody wrote in a message, without what they quote from earlier ones."""

import re

import lxml.html
from lxml import etree

# Longer bodies are histories or pictures written as text.
MAX_HTML = 500_000

BLOCKS = {
    "address", "blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
}  # fmt: skip
TAG = re.compile(r"<[^<>]*>")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
UNSEEN = {"head", "script", "style", "title"}
# Odoo's own mark, which it leaves on what each mail program quotes (odoo.tools.mail.tag_quote).
QUOTE_MARK = "data-o-mail-quote"
QUOTED_LINE = re.compile(r"^[ \t\xa0]*[>|].*$", re.MULTILINE)
# Outlook quotes below a line, or below the headers of the mail that it answers.
QUOTED_REST = re.compile(
    r"^[ \t\xa0]*(?:-{3,}\s*(?:original message|ursprüngliche nachricht|message d['’]origine"
    r"|mensaje original|oorspronkelijk bericht)\s*-{3,}"
    r"|\*?(?:from|von|de|van)[\xa0 ]*:\*?.*\n\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado"
    r"|fecha|verzonden)[\xa0 ]*:).*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
PREFIX = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)?(?:re|aw|antw|sv|rif|rép?|ref|réf)\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE
)


def read_text(html, with_quotes=False):
    """Text of a message's ``html``, a block a line.

    :param with_quotes: whether what is quoted counts, as in a mail that somebody forwards
    """
    html = (html or "")[:MAX_HTML]
    if not html.strip():
        return ""
    try:
        root = lxml.html.fragment_fromstring(CONTROL.sub("", html), create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    lines = []
    _collect(root, lines, with_quotes)
    # Nested deeper than lxml goes, text is lost: then without its tags.
    text = "".join(lines)
    if not text.strip():
        text = TAG.sub(" ", html)
    if not with_quotes:
        text = QUOTED_REST.sub("", QUOTED_LINE.sub("", text))
    return text.strip()


def is_answer(subject):
    """Whether ``subject`` says that its mail answers another ("Re: ...")."""
    return bool(PREFIX.match(subject or ""))


def strip_answer(subject):
    """``subject`` without the "Re:" in front."""
    while match := PREFIX.match(subject or ""):
        subject = subject[match.end() :]
    return subject or ""


def _collect(root, lines, with_quotes):
    """Append the text below ``root`` to ``lines``; without recursion, for mails nest deep."""
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        is_block = element.tag in BLOCKS
        if event == "start":
            if is_block or element.tag == "br":
                lines.append("\n")
            is_quote = element.get(QUOTE_MARK) or element.tag == "blockquote"
            if element.tag in UNSEEN or (is_quote and not with_quotes):
                walk.skip_subtree()
            else:
                lines.append(element.text or "")
        else:
            if is_block:
                lines.append("\n")
            if element is not root:
                lines.append(element.tail or "")
