"""Bodies and lists of recipients that are too large to show."""

import re

from .incoming import set_filename
from .text import html_to_text, payload_bytes

MAX_TEXT = 1_000_000
EXCERPT = 100_000
MAX_RECIPIENTS = 100
# libxml2 drops what is nested deeper than 256 elements, html and body included.
MAX_DEPTH = 240
# Odoo's clean-up looks for ">" from each "<" on: it takes a second for this many steps.
MAX_STEPS = 100_000_000
NESTED = {
    **dict.fromkeys(("div", "span", "blockquote", "font", "center", "b", "i", "u", "ul", "ol"), 1),
    **dict.fromkeys(("section", "article", "strong", "em", "small", "big", "pre"), 1),
    "table": 4,
}
TAG = re.compile(r"<(/?)([a-zA-Z]+)")


def find_size(incoming):
    """``recipients``: how many there are, if more than 100. Oversized text becomes a file.

    What is shown instead is its beginning as plain text.
    """
    for part in list(incoming.bodies):
        if len(part.payload) > MAX_TEXT or (part.kind == "text/html" and _is_hostile(part.text)):
            _cut(incoming, part)
    return _count_recipients(incoming)


def _count_recipients(incoming):
    # Whoever writes to more than 100 people needs 100 commas.
    values = [*incoming.headers.get("to", ()), *incoming.headers.get("cc", ())]
    if sum(value.count(",") for value in values) < MAX_RECIPIENTS:
        return {}
    count = len(incoming.addresses("To")) + len(incoming.addresses("Cc"))
    return {"recipients": count} if count > MAX_RECIPIENTS else {}


def _is_hostile(source):
    """Whether the HTML would cost minutes, or lose what is nested too deep."""
    if source.count("<") < MAX_DEPTH // 4 and source.count("encoding=") < 10:
        return False
    return _steps(source) > MAX_STEPS or _depth(source) > MAX_DEPTH


def _steps(source):
    """Steps that the search for ``>`` takes, roughly."""
    steps = 0
    for stretch in source.split(">"):
        count = stretch.count("<")
        if count:
            steps += len(stretch) * (count - 1 + count * stretch.count("encoding="))
    return steps


def _depth(source):
    deepest = depth = 0
    for match in TAG.finditer(source):
        weight = NESTED.get(match[2].lower())
        if weight:
            depth = max(depth - weight, 0) if match[1] else depth + weight
            deepest = max(deepest, depth)
    return deepest


def _cut(incoming, part):
    """Put a short text beside the whole, which becomes a file."""
    message = part.message
    if part.kind == "text/html":
        name, text = "message.html", html_to_text(part.text[: 10 * EXCERPT])
    else:
        name, text = "message.txt", part.text
    data = payload_bytes(message)
    charset = message.get_content_charset() or "utf-8"
    inner = []
    if not _is_said_elsewhere(incoming, part):
        inner.append(type(message)(policy=message.policy))
        inner[0].set_content(text[:EXCERPT], cte="base64")
    whole = type(message)(policy=message.policy)
    subtype = part.kind.partition("/")[2]
    whole.add_header("Content-Type", f"text/{subtype}", charset=charset)
    whole["Content-Transfer-Encoding"] = "8bit"
    whole.set_payload(data.decode("ascii", "surrogateescape"))
    set_filename(whole, name)
    for header in ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition"):
        del message[header]
    message.add_header("Content-Type", "multipart/mixed")
    message.set_payload([*inner, whole])
    incoming.changed()
    incoming.mended.add("body_cut")


def _is_said_elsewhere(incoming, part):
    """Whether the mail has its text in another form as well.

    To Odoo a second plain text is then a file without a name.
    """
    return any(other.kind == "multipart/alternative" for other in incoming.parts) and any(
        other.text.strip() for other in incoming.bodies if other.message is not part.message
    )
