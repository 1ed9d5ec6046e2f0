"""Rich Text Format: what Outlook keeps the text of a mail in.

Outlook writes HTML and plain text into RTF such that they can be taken out again: destinations
``htmltag`` hold the HTML, ``htmlrtf`` what only readers of RTF are to see (MS-OXRTFEX).
"""

import html
import re

from .charsets import known_charset

TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.IGNORECASE,
)
# Destinations that hold no text of the document.
UNSEEN = {
    *(
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"object",
        b"fldinst",
        b"themedata",
    ),
    *(b"listtable", b"themedata", b"listoverridetable", b"rsidtbl", b"generator", b"datastore"),
    *(b"header", b"footer", b"headerl", b"headerr", b"footerl", b"footerr", b"filetbl"),
    *(b"revtbl", b"xmlnstbl"),
}
SIGNS = {
    b"par": "\n",
    b"line": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"row": "\n",
    b"cell": "\t",
    b"tab": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}
# Code pages of fonts (``fcharset``), where it is not the document's.
FONTS = {
    b"77": "mac-roman",
    b"128": "cp932",
    b"129": "cp949",
    b"134": "gb18030",
    b"136": "cp950",
    b"161": "cp1253",
    b"162": "cp1254",
    b"163": "cp1258",
    b"177": "cp1255",
    b"178": "cp1256",
    b"186": "cp1257",
    b"204": "cp1251",
    b"222": "cp874",
    b"238": "cp1250",
}
FONT = re.compile(rb"\\f(\d{1,5})\b[^{};]{0,200}?\\fcharset(\d{1,3})")


class _Group:
    """``kind``: "text", "tag" (HTML) or "unseen". ``skips``: bytes that repeat a \\u for others."""

    __slots__ = ("charset", "hidden", "kind", "skips")

    def __init__(self, kind="text", hidden=False, skips=1, charset=None):
        self.kind = kind
        self.hidden = hidden
        self.skips = skips
        self.charset = charset

    def twin(self):
        return _Group(self.kind, self.hidden, self.skips, self.charset)


def read_rtf(data):
    """Text of the RTF ``data`` (bytes), and whether it is HTML."""
    return _Reader(data).read_all()


class _Reader:
    def __init__(self, data):
        self.data = data
        head = data[:4096]
        self.is_html = b"\\fromhtml" in head
        page = re.search(rb"\\ansicpg(\d{3,5})", head)
        self.page = known_charset(f"cp{page[1].decode()}" if page else "") or "cp1252"
        # The table of fonts stands at the beginning.
        self.fonts = {
            number: FONTS.get(charset) for number, charset in FONT.findall(data[:100_000])
        }
        self.pieces = []
        self.held = bytearray()
        self.group = _Group()
        self.skip = 0

    def read_all(self):
        outer, place, is_new = [], 0, False
        while found := TOKEN.search(self.data, place):
            word, number, code, symbol, brace, text = found.groups()
            place = found.end()
            if brace:
                self.decode_held()
                self.skip = 0
            if brace == b"{":
                outer.append(self.group)
                self.group = self.group.twin()
            elif brace:
                self.group = outer.pop() if outer else _Group()
            elif symbol == b"*" and is_new:
                self.group.kind = "unseen"
            elif word == b"bin":
                place += max(int(number or 0), 0)
            elif word:
                self.command(word, number)
            elif code:
                self.byte(int(code, 16))
            elif symbol:
                self.say(SYMBOLS.get(symbol, symbol.decode("latin-1")))
            elif text:
                self.plain(text)
            is_new = brace == b"{"
        self.decode_held()
        # Characters beyond the first 65,536 come in halves.
        text = "".join(self.pieces).encode("utf-16", "surrogatepass")
        return text.decode("utf-16", "replace"), self.is_html

    def command(self, word, number):
        group = self.group
        if word == b"u":
            code = int(number or 0)
            self.say(chr(code & 0xFFFF))
            self.skip = group.skips
        elif word == b"uc":
            group.skips = min(int(number or 0), 10)
        elif word == b"htmlrtf":
            self.decode_held()
            group.hidden = number != b"0"
        elif word in (b"htmltag", b"mhtmltag"):
            # mhtmltag: the same link once more, as another program had it.
            group.kind = "tag" if self.is_html and word == b"htmltag" else "unseen"
        elif word in UNSEEN:
            group.kind = "unseen"
        elif word == b"f":
            self.decode_held()
            group.charset = self.fonts.get(number)
        elif word in SIGNS:
            self.say(SIGNS[word])

    def plain(self, text):
        taken = min(self.skip, len(text))
        self.skip -= taken
        if self.is_seen:
            self.held += text[taken:]

    def byte(self, code):
        if self.skip:
            self.skip -= 1
        elif self.is_seen:
            self.held.append(code)

    def say(self, text):
        self.decode_held()
        self.skip = 0
        if self.is_seen:
            self.pieces.append(self.escape(text))

    @property
    def is_seen(self):
        return self.group.kind != "unseen" and not (self.is_html and self.group.hidden)

    def decode_held(self):
        """Bytes are decoded together: a character may be two of them."""
        if self.held:
            text = bytes(self.held).decode(self.group.charset or self.page, "replace")
            self.pieces.append(self.escape(text))
            self.held.clear()

    def escape(self, text):
        is_tag = self.group.kind == "tag"
        return html.escape(text, quote=False) if self.is_html and not is_tag else text
