"""Dates that cannot be true."""

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import dateutil.parser

from .parsed_mail import set_header
from .text import decode_header

OLDEST = datetime(1990, 1, 1, tzinfo=timezone.utc)
AHEAD = timedelta(days=2)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def find_date(parsed):
    """Drop a date that cannot be read, is before 1990 or more than two days ahead.

    Odoo then takes the time at which the mail came. (For one that it cannot read itself it would
    take the server's local time for UTC.)
    """
    values = parsed.headers.get("date")
    if not values:
        return {}
    if len(values) == 1:
        date = _parse_standard(values[0])
        if date and OLDEST <= date <= datetime.now(timezone.utc) + AHEAD:
            return {}
    value = decode_header(values[0])
    date = _parse_standard(value) or _parse_loose(value)
    if date and OLDEST <= date <= datetime.now(timezone.utc) + AHEAD:
        set_header(parsed.mail, "Date", date.strftime("%a, %d %b %Y %H:%M:%S +0000"))
    else:
        del parsed.mail["Date"]
    parsed.mended.add("date")
    parsed.changed()
    return {}


def _parse_standard(value):
    try:
        return _utc(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parse_loose(value):
    """A date as no standard has it. Without a year it would be a guess."""
    if not YEAR.search(value) or len(value) > 100:
        return None
    try:
        return _utc(dateutil.parser.parse(value, fuzzy=True))
    except (ValueError, TypeError, OverflowError):
        return None


def _utc(date):
    if date.tzinfo is None:
        return date.replace(tzinfo=timezone.utc)
    return date.astimezone(timezone.utc)
