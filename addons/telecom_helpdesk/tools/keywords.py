"""Words and phrases looked for in what customers write, in any European language.

Whole words alone: "coupure" is not in "découpure". Case, accents, ligatures, the kind of
apostrophe or hyphen and how a character is encoded make no difference. Forms of a word are not
guessed; who wants them writes a star: "coup*" begins a word, "*ausfall" ends one.
"""

import re
import unicodedata
from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple

# Longer texts are logs or histories: who has a trouble says so at the beginning.
MAX_TEXT = 100_000
# Fewer letters beside a star would be in every other word.
MIN_STEM = 3
# What one rule may ask for. More is a list that somebody pasted, and every ticket waits for it.
MAX_KEYWORDS = 500
MAX_KEYWORD = 100
# Places in a text that are looked at for one rule. Only a text made for it has so many.
MAX_PLACES = 500_000
# More signs in a row that are neither letters nor blanks hold no word; thousands of accents on one
# letter take a second to be put in order.
SIGNS = re.compile(r"([^\w\s\x00-\x7f]{30})[^\w\s\x00-\x7f]+")

# Shown as nothing, not even as a blank: soft hyphens, joiners, marks of direction.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
APOSTROPHE = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032\uff07"
HYPHEN = "\\-\u2010-\u2013\u2212\ufe63\uff0d"
# What keeps two words from being one phrase: the end of a sentence or of a paragraph.
BREAK = re.compile(r"[.,;:!?…¡¿|。！？]|\n\s*\n")
LETTER = r"[^\W_\u0300-\u036f][\u0300-\u036f]*"
WORD = re.compile(rf"(?:{LETTER})+(?:[{APOSTROPHE}{HYPHEN}](?:{LETTER})+)*")
PART = re.compile(rf"(?:{LETTER})+")
KEYWORD = re.compile(rf"\*?(?:{LETTER})+(?:[{APOSTROPHE}{HYPHEN}](?:{LETTER})+)*\*?")

MISPLACED_STAR = re.compile(r"\w\*+\w|\*\*|(?<!\w)\*(?!\w)")

# Letters that are not another letter with an accent.
SPELT = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ĳ": "ij"}
)
# How German is written where these letters are missing.
UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Found(NamedTuple):
    """A keyword as the rule has it, and the words as they stand in the text."""

    keyword: str
    words: str


class Text:
    """A text to look for keywords in; it is taken apart once, for all rules."""

    def __init__(self, text):
        text = (text or "")[: 2 * MAX_TEXT]
        if not text.isascii():
            text = SIGNS.sub(r"\1", INVISIBLE.sub("", text))
            text = unicodedata.normalize("NFC", text)
        self.text = text[:MAX_TEXT]

    @cached_property
    def index(self):
        """``{form: [(first, end, start, stop), ...]}``: where each form of a word stands.

        ``first`` and ``end`` count words (a phrase is words where one ends as the next begins),
        ``start`` and ``stop`` characters. "e-mail" stands there as "e", as "mail" and as "email".
        """
        index = {}
        position = stop = 0
        for match in WORD.finditer(self.text):
            if BREAK.search(self.text, stop, match.start()):
                position += 1
            first, start, stop = position, *match.span()
            parts = [part.span() for part in PART.finditer(self.text, start, stop)]
            for start_, stop_ in parts:
                for form in fold(self.text[start_:stop_]):
                    index.setdefault(form, []).append((position, position + 1, start_, stop_))
                position += 1
            if len(parts) > 1:
                whole = "".join(self.text[slice(*part)] for part in parts)
                for form in fold(whole):
                    index.setdefault(form, []).append((first, position, start, stop))
        return index

    @cached_property
    def forms(self):
        """Forms of words in the text, in order."""
        return sorted(self.index)

    @cached_property
    def mirrored_forms(self):
        """The same ones read from their end, in order."""
        return sorted(form[::-1] for form in self.index)

    @cached_property
    def joined_forms(self):
        """All of them in one string, between line breaks."""
        return "\n".join(["", *self.forms, ""])

    def places(self, word):
        """Places (see ``index``) of a ``Word`` of a keyword."""
        if not word.starred:
            return [place for form in word.forms for place in self.index.get(form, ())]
        return [place for form in self._starred_forms(word) for place in self.index[form]]

    def _starred_forms(self, word):
        found = set()
        for stem in word.forms:
            if not word.begins_with_star:
                found.update(_find_beginning(self.forms, stem))
            elif not word.ends_with_star:
                found.update(
                    form[::-1] for form in _find_beginning(self.mirrored_forms, stem[::-1])
                )
            else:
                found.update(self._find_containing(stem))
        return found

    def _find_containing(self, stem):
        forms, stop = self.joined_forms, 0
        while (at := forms.find(stem, stop)) >= 0:
            stop = forms.index("\n", at)
            yield forms[forms.rindex("\n", 0, at) + 1 : stop]


class Word(NamedTuple):
    """One word of a keyword."""

    forms: tuple
    begins_with_star: bool = False
    ends_with_star: bool = False
    gap: int = 0  # 1: the keyword has a full stop or the like before this word

    @property
    def starred(self):
        return self.begins_with_star or self.ends_with_star


class Keywords:
    """The keywords of one rule, ready to be looked for in many texts.

    :param lines: text with one keyword (a word or a phrase) a line
    """

    def __init__(self, lines):
        self.keywords = {}
        # Most texts have none of the words that keywords begin with: one look tells.
        self._by_first_form, self._starred = {}, set()
        for line in split_lines(lines):
            if readings := read_keyword(line):
                self.keywords.setdefault(line, readings)
                for first, *_others in readings:
                    if first.starred:
                        self._starred.add(line)
                    for form in first.forms:
                        self._by_first_form.setdefault(form, set()).add(line)

    def __bool__(self):
        return bool(self.keywords)

    def find(self, text):
        """Every keyword that is in ``text`` (``Text``), as ``Found``, in the rule's order."""
        forms = self._by_first_form.keys() & text.index.keys()
        possible = self._starred.union(*(self._by_first_form[form] for form in forms))
        if not possible:
            return []
        found, left = [], MAX_PLACES
        for keyword, readings in self.keywords.items():
            if keyword not in possible:
                continue
            for words in readings:
                span, left = _find_phrase(text, words, left)
                if span:
                    found.append(Found(keyword, " ".join(text.text[slice(*span)].split())))
                    break
            if left <= 0:
                break
        return found


def split_lines(lines):
    """The keywords in a text with one a line."""
    return list(filter(None, (line.strip() for line in (lines or "").splitlines())))


def read_keyword(keyword):
    """Ways to look for ``keyword``: tuples of ``Word``; empty where it holds no word.

    "e-mail" is looked for as the two words "e mail" and as the word "email".
    """
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", keyword))
    apart, joined = [], []
    stop = 0
    for match in KEYWORD.finditer(text):
        gap = int(bool(stop and BREAK.search(text, stop, match.start())))
        stop = match.end()
        begins, ends = match[0][0] == "*", match[0][-1] == "*"
        parts = PART.findall(match[0])
        joined.append(Word(fold("".join(parts)), begins, ends, gap))
        last = len(parts) - 1
        apart += [
            Word(fold(part), begins and not number, ends and number == last, 0 if number else gap)
            for number, part in enumerate(parts)
        ]
    return list(dict.fromkeys(filter(None, (tuple(apart), tuple(joined)))))


def find_unusable(lines):
    """Keywords in ``lines`` that could not be looked for, and why.

    :return: list of pairs (keyword, reason): "many" are more than ``MAX_KEYWORDS``, "long" has more
        than ``MAX_KEYWORD`` characters, "empty" has no letter or digit, "short" has a star beside
        fewer than ``MIN_STEM`` letters, "star" has a star inside a word or on its own
    """
    problems = []
    keywords = split_lines(lines)
    if len(keywords) > MAX_KEYWORDS:
        return [(keywords[MAX_KEYWORDS], "many")]
    for keyword in keywords:
        if len(keyword) > MAX_KEYWORD:
            problems.append((keyword, "long"))
            continue
        words = [word for reading in read_keyword(keyword) for word in reading]
        if not words:
            problems.append((keyword, "empty"))
        elif MISPLACED_STAR.search(keyword):
            problems.append((keyword, "star"))
        elif any(word.starred and len(word.forms[0]) < MIN_STEM for word in words):
            problems.append((keyword, "short"))
    return problems


def fold(word):
    """Forms under which ``word`` is found: without accents, and with "ae" for "ä"."""
    if word.isascii():
        return (word.lower(),)
    word = unicodedata.normalize("NFKC", word).casefold()
    spelt = word.translate(UMLAUT)
    return tuple(dict.fromkeys(_strip_accents(form) for form in (word, spelt)))


def _strip_accents(word):
    decomposed = unicodedata.normalize("NFKD", word.translate(SPELT))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _find_beginning(forms, stem):
    """Those of ``forms``, which are in order, that begin with ``stem``."""
    for form in forms[bisect_left(forms, stem) :]:
        if not form.startswith(stem):
            return
        yield form


def _find_phrase(text, words, left):
    """Characters that ``words`` take up one after the other.

    :param left: number of places that may be looked at
    :return: pair ((start, stop) or None, number of places that are left)
    """
    ends = None
    for word in words:
        places = text.places(word)
        left -= len(places) + 1
        if left <= 0:
            return None, left
        if ends is None:
            ends = {end: (start, stop) for _first, end, start, stop in reversed(places)}
        else:
            ends = {
                end: (ends[first - word.gap][0], stop)
                for first, end, _start, stop in reversed(places)
                if first - word.gap in ends
            }
        if not ends:
            return None, left
    return (min(ends.values()) if ends else None), left
