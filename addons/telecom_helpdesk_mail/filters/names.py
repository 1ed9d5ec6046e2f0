"""Names of files: as they were sent, where that can be read, with an extension of their type."""

import mimetypes
import re
from contextlib import suppress
from email.message import Message

from odoo.addons.telecom_helpdesk.tools.message_text import clean_text

from .charsets import decode_bytes
from .text import decode_header

# Python's parser takes minutes for longer headers.
LONG = 2_000
MAX_NAME = 200
UNKNOWN = {"application/octet-stream", "binary/octet-stream", "application/x-unknown", "*/*"}
# The same on every server, whatever its /etc/mime.types says.
TYPES = mimetypes.MimeTypes(filenames=())
EXTENSIONS = {
    "application/ics": ".ics",
    "application/pgp-signature": ".asc",
    "application/rtf": ".rtf",
    "application/x-zip-compressed": ".zip",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/global": ".eml",
    "message/news": ".eml",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
    "text/x-vcard": ".vcf",
}
# Beginnings of files that say nothing else of what they are.
BEGINNINGS = (
    (b"%PDF", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"PK\x03\x04", ".zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".msg"),
    (b"\x1f\x8b", ".gz"),
    (b"7z\xbc\xaf", ".7z"),
    (b"Rar!", ".rar"),
    (b"{\\rtf", ".rtf"),
    (b"BEGIN:VCALENDAR", ".ics"),
    (b"BEGIN:VCARD", ".vcf"),
)
EXTENSION = re.compile(r"\.(?:[A-Za-z]\w{0,9}|7z|3gp|\d{3})\Z", re.ASCII)


def sent_name(headers, charset=""):
    """The file name in a part's raw ``headers`` (dict by lower-case name); empty if there is none.

    Python's newer parser of headers raises for some, its older one for fewer. ``charset``: what
    8-bit names may be in, where they are not UTF-8.
    """
    for header in ("content-disposition", "content-type"):
        value = headers.get(header, "")
        if "name" not in value.lower():
            continue
        value = value[:LONG]
        if not value.isascii():
            value = decode_bytes(value.encode("utf-8", "surrogateescape"), charset)[0]
        loose = Message()
        loose["Content-Disposition"] = " ".join(clean_text(value).split())
        for parameter in ("filename", "name"):
            found = ""
            with suppress(Exception):  # of whatever kind
                found = loose.get_param(parameter, "", "Content-Disposition")
            if isinstance(found, tuple):
                # RFC 2231: its bytes, one a character
                data = found[2].encode("latin-1", "replace")
                found = decode_bytes(data, found[0] or charset, trusted=True)[0]
            if name := clean_name(found):
                return name
    return ""


def clean_name(name):
    """``name`` decoded, without a path, control characters and what makes it too long."""
    name = decode_header(name).replace("\\", "/").rsplit("/", 1)[-1]
    if "\ufffd" in name:
        # Of what cannot be read nothing is left but, perhaps, the extension.
        stem, dot, suffix = name.replace("\ufffd", "").rpartition(".")
        name = f"{stem}{dot}{suffix}" if stem else suffix * (not dot)
    name = " ".join(name.split()).strip(". ")
    if len(name) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:180]}{dot}{suffix[:15]}" if dot else name[:MAX_NAME]
    return name


def file_name(name, kind, data, number):
    """``name`` with an extension; where there is no name, one of ``kind`` (type) and ``number``."""
    if EXTENSION.search(name):
        return name
    stem = name or f"{'image' if kind.startswith('image/') else 'attachment'}-{number}"
    return stem + extension(kind, data)


def extension(kind, data):
    """Extension of files of the type ``kind``, or of what ``data`` (bytes) begins like."""
    found = EXTENSIONS.get(kind)
    if not found and kind not in UNKNOWN:
        found = TYPES.guess_extension(kind, strict=False)
    if not found:
        begins = (suffix for start, suffix in BEGINNINGS if data.startswith(start))
        found = next(begins, ".txt" if kind.startswith(("text/", "message/")) else ".bin")
    return found
