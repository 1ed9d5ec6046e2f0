"""Telephone numbers as people type them: brackets, slashes, dots, dashes, a trunk zero."""

import re
import unicodedata
from typing import NamedTuple

LETTER = re.compile(r"[^\W\d_]")
TRUNK_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
INTERNATIONAL = re.compile(r"\D*?(?:\+|00(?=[1-9]))")


class Typed(NamedTuple):
    """A number, or part of one, as somebody typed it.

    :param digits: all of them but a trunk zero in brackets: "0049 (0)30 1" is "0049301"
    :param core: those that every spelling has: neither "+", "00" nor leading zeros
    :param is_international: it begins with a country code
    """

    digits: str
    core: str
    is_international: bool

    @property
    def dialled(self):
        """The number as a telephone takes it."""
        return f"+{self.core}" if self.is_international else self.digits


def read(text):
    """``text`` as ``Typed``; None where it is no number because there are letters in it."""
    text = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    if LETTER.search(text):
        return None
    text = TRUNK_ZERO.sub("", text)
    digits = "".join(str(int(char)) for char in text if char.isdecimal())
    return Typed(digits, digits.lstrip("0"), bool(INTERNATIONAL.match(text)))
