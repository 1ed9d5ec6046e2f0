"""Texts and lists of recipients that are too large to show."""

import re

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


def find_size(parsed):
    """``recipients``: how many there are, if more than 100."""
    # Whoever writes to more than 100 people needs 100 commas.
    values = [*parsed.headers.get("to", ()), *parsed.headers.get("cc", ())]
    if sum(value.count(",") for value in values) < MAX_RECIPIENTS:
        return {}
    count = len(parsed.addresses("To")) + len(parsed.addresses("Cc"))
    return {"recipients": count} if count > MAX_RECIPIENTS else {}


def is_hostile(source):
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
