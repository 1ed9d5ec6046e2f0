"""Japanese as mail programs write it: with the characters that vendors added to JIS X 0208.

Windows, Mac and telephones write circled numbers, units and rarer names under the names of the
standards (ISO-2022-JP, EUC-JP), which have none of them. Python takes the standards at their word.
Microsoft's code page 932 has them all, and differs only in how its pairs of bytes are counted.
"""

import re

ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([A-Z]|\([A-Z])")
EUC = re.compile(
    rb"(?P<pair>(?:[\xa1-\xfe]{2})+)|\x8e(?P<kana>[\xa1-\xdf])|(?P<rare>(?:\x8f[\xa1-\xfe]{2})+)"
)
HIGH = bytes.maketrans(bytes(range(0x21, 0x7F)), bytes(range(0xA1, 0xFF)))
LOW = bytes.maketrans(bytes(range(0xA1, 0xFF)), bytes(range(0x21, 0x7F)))


def is_iso_2022_jp(data):
    """Whether ``data`` (bytes) switches to Japanese, whatever charset it is said to have."""
    return b"\x1b$B" in data or b"\x1b$@" in data


def decode_iso_2022_jp(data):
    """Text of ``data`` in ISO-2022-JP-MS; what is in no set is a replacement character."""
    pieces, start, charset = [], 0, b"(B"
    for found in ESCAPE.finditer(data):
        pieces.append(_decode_set(data[start : found.start()], charset))
        start, charset = found.end(), found[1]
    pieces.append(_decode_set(data[start:], charset))
    return "".join(pieces)


def decode_euc_jp(data):
    """Text of ``data`` in EUC-JP with vendors' characters."""
    pieces, start = [], 0
    for found in EUC.finditer(data):
        pieces.append(data[start : found.start()].decode("ascii", "replace"))
        start = found.end()
        if found["pair"]:
            pieces.append(_decode_pairs(found["pair"].translate(LOW)))
        elif found["kana"]:
            pieces.append(found["kana"].decode("cp932", "replace"))
        else:
            pieces.append(found["rare"].decode("euc_jp", "replace"))
    pieces.append(data[start:].decode("ascii", "replace"))
    return "".join(pieces)


def _decode_set(data, charset):
    """Text of ``data`` in the set that the escape sequence ``charset`` named."""
    # A line ends in ASCII, whether the program wrote so or not (RFC 1468).
    data, end, rest = data.replace(b"\r\n", b"\n").partition(b"\n")
    if charset in (b"$B", b"$@"):
        text = _decode_pairs(data)
    elif charset == b"(I":
        text = data.translate(HIGH).decode("cp932", "replace")
    elif charset == b"$(D":
        rare = data.translate(HIGH)
        pairs = (rare[place : place + 2] for place in range(0, len(rare), 2))
        text = b"".join(b"\x8f" + pair for pair in pairs).decode("euc_jp", "replace")
    else:
        text = data.decode("ascii", "replace")
    return text + (end + rest).decode("ascii", "replace")


def _decode_pairs(data):
    """Text of ``data`` in JIS X 0208, seven bits each byte."""
    return "".join(_decode_pair(*data[place : place + 2]) for place in range(0, len(data), 2))


def _decode_pair(row, cell=0):
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return "\ufffd"
    lead = ((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1)
    trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((lead, trail)).decode("cp932", "replace")
