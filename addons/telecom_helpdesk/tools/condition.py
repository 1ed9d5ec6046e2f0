"""Conditions (domains) that managers write: read by an evaluator of our own, never run as code.

What Odoo's editor of conditions writes can be read: lists, constants, and dates worked out from
today's. Everything else is refused, and so is what would take long: nothing here waits, loads or
reaches an object that could.
"""

import ast
import datetime
import math
import re
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

MAX_LENGTH = 10_000  # characters
MAX_NODES = 5_000
MAX_DEPTH = 10  # of conditions within conditions, and of expressions
MAX_COMPARISONS = 50
MAX_VALUES = 500  # in one comparison
MAX_TEXT = 200  # characters of one value
MAX_NUMBER = 2**31 - 1  # what a column holds

OPERATORS = frozenset(
    {
        "=", "!=", "=?", "<", ">", "<=", ">=", "in", "not in", "like", "not like", "ilike",
        "not ilike", "=like", "not =like", "=ilike", "not =ilike", "child_of", "parent_of", "any",
        "not any",
    }
)  # fmt: skip
CONNECTIVES = ("&", "|", "!")
ALWAYS, NEVER = (1, "=", 1), (0, "=", 1)

# A pattern with a "%" inside is tried at each place of a text, for each "%" again.
PATTERN = re.compile(r"%?[^%]*%?")
DATE_FORMAT = re.compile(r"(?:%[YymdHMSjUWaAbBp%]|[^%]){0,50}")
DATE_METHODS = ("strftime", "replace", "date", "time", "isoformat", "to_utc")


class ConditionError(Exception):
    """A condition cannot be used.

    :param reason: "unreadable", "name", "long", "deep", "comparisons", "values", "text", "number",
        "operator", "pattern" or "shape"
    :param what: the name, operator or value that is not allowed; or the limit that is exceeded
    """

    def __init__(self, reason, what=""):
        super().__init__(f"{reason}: {what}")
        self.reason, self.what = reason, what


class Comparison(NamedTuple):
    """One comparison of a condition; ``path`` has the fields that lead to what is compared."""

    path: str
    operator: str
    value: object


def read(expression):
    """What ``expression`` (str) stands for now.

    :return: pair (list, whether it is the same at any time)
    :raises ConditionError: it is no condition, or uses what is not allowed in one
    """
    expression = (expression or "[]").strip()
    if len(expression) > MAX_LENGTH:
        raise ConditionError("long", MAX_LENGTH)
    try:
        tree = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError("unreadable") from error
    nodes = _count(tree)
    try:
        value = _evaluate(tree)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ConditionError("unreadable") from error
    if not isinstance(value, list):
        raise ConditionError("shape")
    return value, nodes.isdisjoint({ast.Name, ast.Call})


def compare(condition):
    """The comparisons (``Comparison``) in ``condition``, a list as ``read`` returns it.

    :raises ConditionError: it is no condition, or dear to work out
    """
    comparisons = list(_walk(condition, "", 0))
    if len(comparisons) > MAX_COMPARISONS:
        raise ConditionError("comparisons", MAX_COMPARISONS)
    return comparisons


# Reading


def _count(tree):
    """Kinds of nodes in ``tree``; raises where they are too many."""
    kinds = set()
    for number, node in enumerate(ast.walk(tree)):
        if number > MAX_NODES:
            raise ConditionError("long", MAX_LENGTH)
        kinds.add(type(node))
    return kinds


def _evaluate(node, depth=0):
    # Lists in lists, and the sums within; each deeper one calls this again.
    if depth > 3 * MAX_DEPTH:
        raise ConditionError("deep", MAX_DEPTH)
    down = depth + 1
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.List(elts=items):
            return [_evaluate(item, down) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_evaluate(item, down) for item in items)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _number(-_number(_evaluate(operand, down)))
        case ast.BinOp(left=left, op=operation, right=right):
            return _calculate(_evaluate(left, down), operation, _evaluate(right, down))
        case ast.Call(func=function, args=arguments, keywords=named):
            values = [_argument(_evaluate(argument, down)) for argument in arguments]
            options = {option.arg: _argument(_evaluate(option.value, down)) for option in named}
            if None in options:
                raise ConditionError("name", "**")
            return _call(function, values, options, down)
        case ast.Name(id="current_date"):
            return _today().isoformat()
        case ast.Name(id=name):
            raise ConditionError("name", name)
        case ast.Attribute():
            raise ConditionError("name", _dotted(node) or node.attr)
    raise ConditionError("unreadable")


def _call(function, values, options, depth):
    name = _dotted(function)
    if name in FUNCTIONS:
        return FUNCTIONS[name](*values, **options)
    if not isinstance(function, ast.Attribute) or function.attr not in DATE_METHODS:
        raise ConditionError("name", name or getattr(function, "attr", "()"))
    # A dotted name cannot be evaluated: what is left is the method of a value.
    value = _evaluate(function.value, depth)
    if not isinstance(value, datetime.date | datetime.time):
        raise ConditionError("name", function.attr)
    if function.attr == "to_utc":  # the browser's; here it is UTC already
        return value
    if function.attr == "strftime":
        return _format(value, *values, **options)
    return getattr(value, function.attr)(*values, **options)


def _format(value, text):
    if not isinstance(text, str) or not DATE_FORMAT.fullmatch(text):
        raise ConditionError("unreadable")
    return value.strftime(text)


def _now():
    # As naive UTC, which is what servers and databases of Odoo count in.
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _today():
    return _now().date()


FUNCTIONS = {
    "context_today": _today,
    "datetime.date": datetime.date,
    "datetime.date.today": _today,
    "datetime.datetime": datetime.datetime,
    "datetime.datetime.combine": datetime.datetime.combine,
    "datetime.datetime.now": _now,
    "datetime.datetime.today": _now,
    "datetime.datetime.utcnow": _now,
    "datetime.time": datetime.time,
    "datetime.timedelta": datetime.timedelta,
    "dateutil.relativedelta.relativedelta": relativedelta,
    "relativedelta": relativedelta,
    "time.strftime": lambda text: _format(_now(), text),
}


def _dotted(node):
    """Such as "a.b.c", of an attribute of a name; empty where it is something else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def _calculate(left, operation, right):
    """The sum or difference of numbers, or of dates and spans; numbers can be multiplied."""
    dates = datetime.date | datetime.timedelta | relativedelta
    if isinstance(left, dates) and isinstance(right, dates):
        return left + right if isinstance(operation, ast.Add) else _minus(left, operation, right)
    left, right = _number(left), _number(right)
    if isinstance(operation, ast.Mult):
        return _number(left * right)
    if isinstance(operation, ast.Add):
        return _number(left + right)
    return _number(_minus(left, operation, right))


def _minus(left, operation, right):
    if not isinstance(operation, ast.Sub):
        raise ConditionError("unreadable")
    return left - right


def _number(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConditionError("unreadable")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise ConditionError("number", value)
    return value


def _argument(value):
    """Numbers, texts and dates can be given to a function."""
    if isinstance(value, str | datetime.date | datetime.time):
        return value
    return _number(value)


# Looking through


def _walk(items, prefix, depth):
    if depth > MAX_DEPTH:
        raise ConditionError("deep", MAX_DEPTH)
    if not isinstance(items, list | tuple):
        raise ConditionError("shape")
    if len(items) > 4 * MAX_COMPARISONS:
        raise ConditionError("comparisons", MAX_COMPARISONS)
    for item in items:
        if isinstance(item, str) and item in CONNECTIVES:
            continue
        if not isinstance(item, list | tuple) or len(item) != 3:
            raise ConditionError("shape")
        if tuple(item) in (ALWAYS, NEVER):
            continue
        path, operator, value = item
        if not isinstance(path, str) or not isinstance(operator, str):
            raise ConditionError("shape")
        if operator not in OPERATORS:
            raise ConditionError("operator", operator)
        path = f"{prefix}{path}"
        if operator in ("any", "not any"):
            inner = list(_walk(value, f"{path}.", depth + 1))
            # Whether there is any at all is a question too.
            yield from inner or [Comparison(path, "!=", False)]
        else:
            _check_value(operator, value)
            yield Comparison(path, operator, value)


def _check_value(operator, value):
    values = value if isinstance(value, list | tuple) else [value]
    if len(values) > MAX_VALUES:
        raise ConditionError("values", MAX_VALUES)
    for single in values:
        if isinstance(single, str):
            if len(single) > MAX_TEXT:
                raise ConditionError("text", MAX_TEXT)
            if operator.endswith("like"):
                exact = "=" in operator
                if not (PATTERN.fullmatch(single) if exact else "%" not in single):
                    raise ConditionError("pattern", single)
        elif isinstance(single, int | float) and not isinstance(single, bool):
            _number(single)
        elif not isinstance(single, bool | None | datetime.date):
            raise ConditionError("shape")
