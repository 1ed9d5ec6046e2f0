"""Hours that a contract includes, or that were bought in packs, used up by the work that is billed:
a fold over the history.

Everything is in whole minutes. The same grants and entries give the same result, whatever
happened in between and in whichever order.
"""

from collections import Counter
from datetime import date, datetime, time
from math import inf
from typing import NamedTuple

# What becomes of hours that are left when their period ends.
LOST, NEXT, END = "none", "next", "end"


class Grant(NamedTuple):
    """Minutes that a contract includes for one period."""

    key: object
    start: date
    stop: date  # the last day
    minutes: int
    carry_over: str  # LOST; NEXT: good for the next period too; END: as long as the contract


class Pack(NamedTuple):
    """Minutes that were bought for work from one day to another, beside other packs."""

    key: object
    start: date
    stop: date  # the last day; date.max: no end
    minutes: int


class Entry(NamedTuple):
    """A piece of work to be billed."""

    key: object
    day: date
    minutes: int
    at: datetime | None = None
    # {grant key: minutes} of what was billed already. It stays as it is.
    fixed: dict | None = None


class Balance(NamedTuple):
    """What became of a pack's minutes = used + lost + left."""

    used: int
    lost: int  # expired
    left: int


class Statement(NamedTuple):
    """A period as of an account: carried + granted = used + lost + left."""

    carried: int  # from earlier periods
    used: int  # by work done in this period
    lost: int  # expired at its end
    left: int  # at its end, or up to now


def allot(grants, entries):
    """Which of ``grants`` covers how much of each entry: the oldest hours and work come first.

    :param grants: ``Grant`` of one contract, without overlaps
    :param entries: ``Entry``, in any order
    :return: ``{entry key: {grant key: minutes}}``, without zeroes
    """
    return _allot(grants, entries, _get_usable)


def allot_packs(packs, entries):
    """The same for packs (``Pack``) of one customer, which may overlap.

    :param entries: ``Entry``, with what is left to be billed once contracts have covered theirs
    """
    return _allot(packs, entries, _get_open)


def _allot(grants, entries, get_usable):
    """:param get_usable: those of grants (sorted) that work of a day may use, in their order"""
    grants = sorted(grants, key=lambda grant: (grant.start, grant.stop, grant.key))
    left = {grant.key: grant.minutes for grant in grants}
    usage = {}
    for entry in entries:
        if entry.fixed is not None:
            usage[entry.key] = {key: minutes for key, minutes in entry.fixed.items() if minutes}
            for key, minutes in entry.fixed.items():
                left[key] = left.get(key, 0) - minutes
    for entry in sorted((e for e in entries if e.fixed is None), key=_age):
        wanted = entry.minutes
        used = usage[entry.key] = {}
        for grant in get_usable(grants, entry.day):
            minutes = min(wanted, left[grant.key])
            if minutes > 0:
                used[grant.key] = minutes
                left[grant.key] -= minutes
                wanted -= minutes
    return usage


def _age(entry):
    return entry.day, entry.at or datetime.combine(entry.day, time.min), entry.key


def _get_open(packs, day):
    return [pack for pack in packs if pack.start <= day <= pack.stop]


def _get_usable(grants, day):
    """Those of ``grants`` (sorted) that work done on ``day`` may use, the oldest first."""
    index = find_period(grants, day)
    if index is None:
        return []
    return [
        grant
        for place, grant in enumerate(grants[: index + 1])
        if _get_expiry(place, grant) >= index
    ]


def _get_expiry(place, grant):
    """Place of the last period that the hours of the grant at ``place`` are good for."""
    return {LOST: place, NEXT: place + 1, END: inf}[grant.carry_over]


def find_period(grants, day):
    """Position of the one of ``grants`` (sorted) that ``day`` lies in, or None."""
    for index in range(len(grants) - 1, -1, -1):
        if grants[index].start <= day:
            return index if day <= grants[index].stop else None
    return None


def make_statements(grants, entries, usage, today, ended=False):
    """``{grant key: Statement}`` of what ``allot`` gave.

    :param today: hours of periods that ended before it are lost, or were carried over
    :param ended: the contract is over, and so is what is left
    """
    grants = sorted(grants, key=lambda grant: grant.start)
    places = {grant.key: place for place, grant in enumerate(grants)}
    taken = [Counter() for _grant in grants]  # by work of each period: {place of grant: minutes}
    for entry in entries:
        period = find_period(grants, entry.day)
        for key, minutes in usage.get(entry.key, {}).items():
            if key in places:
                taken[places[key] if period is None else period][places[key]] += minutes
    statements = {}
    left = []  # of each grant so far
    carried = 0
    for place, grant in enumerate(grants):
        left.append(grant.minutes)
        for source, minutes in taken[place].items():
            left[source] -= minutes
        used = taken[place].total()
        last_chance = ended and place + 1 == len(grants)
        lost = sum(
            minutes
            for source, minutes in enumerate(left)
            if (ended or grant.stop < today)
            and (
                _get_expiry(source, grants[source]) == place
                or (last_chance and _get_expiry(source, grants[source]) > place)
            )
        )
        rest = carried + grant.minutes - used - lost
        statements[grant.key] = Statement(carried, used, lost, rest)
        carried = rest
    return statements


def make_balances(packs, usage, today):
    """``{pack key: Balance}`` of what ``allot_packs`` gave; packs that ended before ``today`` have
    lost what is left."""
    taken = Counter()
    for used in usage.values():
        taken.update(used)
    balances = {}
    for pack in packs:
        rest = pack.minutes - taken[pack.key]
        lost = rest if pack.stop < today else 0
        balances[pack.key] = Balance(taken[pack.key], lost, rest - lost)
    return balances
