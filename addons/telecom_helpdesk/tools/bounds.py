"""What people may put into a field: values that columns, and the arithmetic behind them, can hold.

The year 1 cannot be brought into another time zone, the year 9999 has no day after it, an infinite
number of hours is no integer of seconds. They are refused on input with a clear message, not where
they would break something later.
"""

import datetime
import math
import re
from typing import NamedTuple

# Lines were laid and contracts signed before there were computers; instants are of ours.
DATES = (datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
INSTANTS = (datetime.date(1970, 1, 1), datetime.date(2100, 12, 31))
# Minutes and days: years of them, and as seconds they still fit into a column.
MAX_INTEGER = 1_000_000
# Hours: eleven years of them.
MAX_FLOAT = 100_000.0
MAX_MONEY = 1e12
MAX_ID = 2**31 - 1  # what a column holds
MAX_CHAR = 1_000  # characters
MAX_TEXT = 1_000_000
MAX_COMMANDS = 10_000  # and ids: of one field, in one call

NUMBERS = {"integer": MAX_INTEGER, "float": MAX_FLOAT, "monetary": MAX_MONEY}
TEXTS = {"char": MAX_CHAR, "text": MAX_TEXT, "html": MAX_TEXT}
DAYS = {"date": DATES, "datetime": INSTANTS}
# As Odoo reads them: what follows the day is an hour, or of no account.
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:$|[ T])")


class Problem(NamedTuple):
    """Why a value is refused.

    :param reason: "format" (it is none of its kind), "low", "high", "early", "late", "long" or
        "many"
    :param limit: the least or most that is allowed; None for "format"
    """

    reason: str
    limit: object = None


def check_value(field_type, value, low=None, high=None):
    """Why ``value`` cannot be put into a field of ``field_type``, as ``Problem``; None: it can.

    :param field_type: as in ``Field.type``; of other types everything is allowed
    :param value: as ``create`` and ``write`` take it
    :param low, high: the least and most for this field (numbers or dates, high for texts:
        characters), where it is not what its type allows
    """
    if value is None or value is False:
        return None
    if field_type in NUMBERS:
        return _check_number(field_type, value, low, high)
    if field_type in DAYS:
        return _check_day(field_type, value, low, high)
    if field_type in TEXTS:
        most = TEXTS[field_type] if high is None else high
        return Problem("long", most) if isinstance(value, str) and len(value) > most else None
    if field_type in ("many2one", "many2one_reference"):
        return _check_id(value)
    if field_type in ("one2many", "many2many"):
        return _check_commands(value)
    return None


def find_problems(types, values, limits=None):
    """Pairs (name, ``Problem``) of what is refused among ``values``.

    :param types: ``{name of field: type}``; others are not looked at
    :param values: as ``create`` and ``write`` take them
    :param limits: ``{name of field: (low, high)}`` where it is not what the type allows
    """
    limits = limits or {}
    for name, value in values.items():
        if name in types:
            problem = check_value(types[name], value, *limits.get(name, ()))
            if problem:
                yield name, problem


def explain(env, label, problem):
    """What is wrong with the value of the field called ``label``, for whoever typed it."""
    limit = problem.limit
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    match problem.reason:
        case "low":
            return env._("“%(field)s” must be at least %(limit)s.", field=label, limit=limit)
        case "high":
            return env._("“%(field)s” must be at most %(limit)s.", field=label, limit=limit)
        case "early":
            return env._("“%(field)s” must be in %(year)s or later.", field=label, year=limit.year)
        case "late":
            return env._(
                "“%(field)s” must be in %(year)s or earlier.", field=label, year=limit.year
            )
        case "long":
            return env._(
                "“%(field)s” is too long: it has room for %(limit)s characters.",
                field=label,
                limit=limit,
            )
        case "many":
            return env._(
                "“%(field)s” takes %(limit)s records at a time at most.", field=label, limit=limit
            )
    return env._("“%(field)s” has a value that cannot be read.", field=label)


def _check_number(field_type, value, low, high):
    most = NUMBERS[field_type]
    low, high = -most if low is None else low, most if high is None else high
    try:
        # A long row of digits takes long to read.
        if isinstance(value, str) and len(value) > 50:
            return Problem("format")
        number = float(value)
    except OverflowError:
        return Problem("high", high) if value > 0 else Problem("low", low)
    except (TypeError, ValueError):
        return Problem("format")
    if math.isnan(number):
        return Problem("format")
    if number < low:
        return Problem("low", low)
    return Problem("high", high) if number > high else None


def _check_day(field_type, value, low, high):
    first, last = DAYS[field_type]
    if isinstance(value, datetime.datetime):
        day = value.date()
    elif isinstance(value, datetime.date):
        day = value
    elif isinstance(value, str):
        match = DAY.match(value.strip())
        try:
            day = datetime.date(*map(int, match.groups())) if match else None
        except ValueError:
            day = None
        if value and not day:
            return Problem("format")
        if not value:
            return None
    else:
        return Problem("format")
    if day < (low or first):
        return Problem("early", low or first)
    return Problem("late", high or last) if day > (high or last) else None


def _check_id(value):
    # Pairs (id, name) and new records are read by Odoo as well.
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, int) and abs(value) > MAX_ID:
        return Problem("format")
    return None


def _check_commands(value):
    if not isinstance(value, list | tuple | set):
        return None
    count = len(value)
    for command in value:
        if isinstance(command, list | tuple):
            # (6, 0, ids), and (n, id, values)
            if len(command) > 2 and isinstance(command[2], list | tuple | set):
                count += len(command[2])
                if any(isinstance(id_, int) and abs(id_) > MAX_ID for id_ in command[2]):
                    return Problem("format")
            if len(command) > 1 and isinstance(command[1], int) and abs(command[1]) > MAX_ID:
                return Problem("format")
        elif isinstance(command, int) and abs(command) > MAX_ID:
            return Problem("format")
        if count > MAX_COMMANDS:
            return Problem("many", MAX_COMMANDS)
    return Problem("many", MAX_COMMANDS) if count > MAX_COMMANDS else None
