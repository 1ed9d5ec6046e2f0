"""What somebody wrote in a message, as plain text."""

import html
import re

# Longer bodies are histories or pictures written as text.
MAX_HTML = 500_000

# Control characters say nothing, and neither PostgreSQL nor lxml takes all of them, nor half a
# character.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
# Colours and the like of a terminal: the log of a router that somebody pasted.
TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# What parts words, and is no line's end to everybody.
BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

BLOCK = {
    *("p", "div", "br", "tr", "li", "table", "ul", "ol", "blockquote", "hr", "pre", "section"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "body", "article", "header", "footer"),
    *("caption", "address", "figure", "nav", "aside", "main"),
}
CELL = {"td", "th", "option", "button"}
UNSEEN = {"style", "script", "title", "noscript", "template"}
# Elements without an end of their own.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Odoo's own mark, which it leaves on what each mail program quotes (odoo.tools.mail.tag_quote).
QUOTE_MARK = re.compile(r"\sdata-o-mail-quote\s*=\s*[\"']?[^\"'\s>]")
QUOTED_LINE = re.compile(r"^[ \t]*[>|].*$", re.MULTILINE)
# Outlook quotes below a line, or below the headers of the mail that it answers.
QUOTED_REST = re.compile(
    r"^[ \t]*(?:-{3,}\s*(?:original message|ursprüngliche nachricht|message d['’]origine"
    r"|mensaje original|oorspronkelijk bericht)\s*-{3,}"
    r"|\*?(?:from|von|de|van) *:\*?.*\n\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado"
    r"|fecha|verzonden) *:).*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def clean_text(text):
    """``text`` with "\\n" between lines, and nothing in it that cannot be seen or stored."""
    if "\r" not in text and text.isprintable():
        return text
    return CONTROL.sub("", TERMINAL.sub("", BREAKS.sub("\n", text)))


def html_to_text(source, with_quotes=True):
    """Plain text of HTML, however broken, a block a line, in a time that grows with its length
    only.

    :param with_quotes: False: without what is quoted, as far as its tags say so
    """
    first, *chunks = _drop_comments(str(source)).split("<")  # Markup would escape what is joined
    text = clean_text(html.unescape(first + "".join(_read_chunks(chunks, with_quotes))))
    lines = (" ".join(line.split()) for line in text.replace("\xa0", " ").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read_chunks(chunks, with_quotes):
    """What is shown of ``chunks``, which all begin behind a "<": pieces of text."""
    unseen, depth = None, 0  # the element whose inside is left out; how many deep in such ones
    for chunk in chunks:
        match = TAG.match(chunk)
        tag, _end, text = chunk.partition(">")
        if unseen:
            if not match or match[2].lower() != unseen:
                continue
            # What is quoted may hold more of the same; a script ends where it says so.
            depth += -1 if match[1] else unseen not in UNSEEN and not tag.endswith("/")
            if not match[1] or depth:
                continue
            unseen = None
        elif not match:
            # A declaration, or a "<" that is only a "<".
            yield text if chunk.startswith(("!", "?", "/")) else "<" + chunk
            continue
        elif not match[1] and _is_left_out(match[2].lower(), tag, with_quotes):
            unseen, depth, text = match[2].lower(), 1, ""
        name = match[2].lower()
        if name in BLOCK:
            text = "\n" + text.lstrip()
        elif name in CELL:
            text = " " + text
        yield text


def _is_left_out(name, tag, with_quotes):
    """Whether nothing is shown of what is in the element that ``tag`` begins."""
    if name in UNSEEN:
        return True
    if with_quotes or name in VOID or tag.endswith("/"):
        return False
    return name == "blockquote" or bool(QUOTE_MARK.search(tag))


def read_text(source, with_quotes=False):
    """Text of a message's HTML, a block a line.

    :param with_quotes: whether what is quoted counts, as in a mail that somebody forwards
    """
    text = html_to_text((source or "")[:MAX_HTML], with_quotes)
    return text if with_quotes else QUOTED_REST.sub("", QUOTED_LINE.sub("", text)).strip()


def _drop_comments(source):
    if "<!--" not in source:
        return source
    pieces, place = [], 0
    while (start := source.find("<!--", place)) >= 0:
        # An empty one may be as short as "<!-->".
        end = source.find("-->", start + 2)
        if end < 0:
            break
        pieces.append(source[place:start])
        place = end + 3
    return "".join([*pieces, source[place:]])
