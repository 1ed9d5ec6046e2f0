"""Subjects of mails about a ticket."""

import re

from odoo.addons.telecom_helpdesk.tools.subject import strip_answer


def strip_subject(subject, number):
    """``subject`` without answer prefixes and without the ticket's ``number`` in brackets.

    >>> strip_subject("Re: AW: [TT000123] Re: No dial tone", "TT000123")
    'No dial tone'
    """
    text = re.sub(rf"\[{re.escape(number)}\]", "", subject or "", flags=re.IGNORECASE)
    return " ".join(strip_answer(text).split())


def number_subject(subject, number):
    """``subject`` with the ticket's ``number`` once, in front.

    >>> number_subject("Re: [TT000123] No dial tone", "TT000123")
    '[TT000123] No dial tone'
    """
    return f"[{number}] {strip_subject(subject, number)}".strip()


def find_numbers(subject):
    """What may be the number of a ticket in ``subject``, likeliest first: as it stands there, and
    in upper case, since people write as they like.

    Something in brackets, or a word of letters and digits, or digits after "#".

    >>> find_numbers("AW: [TT000123] No dial tone at site 7")
    ['TT000123']
    >>> find_numbers("Rif: Ticket-TT000124: ancora")
    ['Ticket-TT000124', 'TICKET-TT000124', 'TT000124']
    """
    found = re.findall(r"\[#?([^\[\]\s]+)\]", subject or "")
    for word in re.findall(r"(?<![\w/-])(?=[^\W\d]|#)#?([\w/-]*\d[\w/-]*)", subject or ""):
        found += [word, word.rpartition("-")[2]]
    found = [number for number in found if 2 <= len(number) <= 32]
    return list(dict.fromkeys(form for number in found for form in (number, number.upper())))
