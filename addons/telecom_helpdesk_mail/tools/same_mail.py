"""Whether two mails with one Message-ID are one mail.

Lists and scanners put a tag before the subject and lines above or below the text. Devices that
give all their mails one Message-ID say something else in each.
"""

from odoo.addons.telecom_helpdesk.tools.message_text import html_to_text


def is_same_subject(one, other):
    """Whether two subjects are equal but for what stands in front of one of them.

    >>> is_same_subject("[users] No dial tone", "No dial tone")
    True
    >>> is_same_subject("Alarm 1", "Alarm 2")
    False
    """
    short, long = sorted((_plain(one), _plain(other)), key=len)
    return short == long or (bool(short) and long.endswith(f" {short}"))


def is_same_text(one, other):
    """Whether two texts (HTML) are equal but for whole lines around one of them."""
    short, long = sorted((_lines(one), _lines(other)), key=len)
    return short == long or (short != "\n" and short in long)


def is_same_files(one, other):
    """Whether of two mails' files (sets of checksums) one has all that the other has."""
    return one <= other or other <= one


def _plain(subject):
    return " ".join((subject or "").split()).casefold()


def _lines(html):
    """The lines that say something, each between line ends."""
    lines = (" ".join(line.split()) for line in html_to_text(html or "").splitlines())
    return "\n" + "".join(f"{line}\n" for line in lines if line)
