"""How much of the work on a ticket is billed: minimum and rounding step, once for what is counted
together.

First the share of the work that is billable and the rate's factor, then the step, then the minimum.

Everything is in whole minutes. Plain Python, a fold over what there is: the same work gives the
same result, in whichever order it was approved; what was billed stays as it is.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from .hours import UP, round_minutes

# What minimum and step count for.
ENTRY, DAY, CALL_OUT = "entry", "day", "callout"


class Terms(NamedTuple):
    """What a rate says of how long is billed."""

    key: object
    counting: str = ENTRY
    minimum: int = 0
    step: int = 0
    gap: int = 0  # CALL_OUT: work that begins within so many minutes goes on
    factor: int = 100  # percent: what a minute counts as
    rounding: str = UP
    may_be_nothing: bool = False  # whether the step may bring short work to nothing

    def count(self, minutes):
        """Minutes (int) that ``minutes`` (Fraction) of billable work count as."""
        return round_minutes(
            minutes * self.factor / 100, self.step, self.rounding, self.may_be_nothing
        )


class Work(NamedTuple):
    """An approved entry of a ticket."""

    key: object
    terms: Terms
    minutes: int  # approved
    day: date
    # Entries that were logged as one and cut at midnight, or where working hours end, share it.
    piece: object
    start: datetime | None = None
    stop: datetime | None = None
    billed: int | None = None  # what was billed of it already; None: not billed yet
    share: int = 100  # percent that is billable

    @property
    def billable(self):
        """Minutes (Fraction) of it that are billable."""
        return Fraction(self.minutes * self.share, 100)


def group(works):
    """Lists of those of ``works`` (of one ticket) that minimum and step count for together."""
    works = sorted(works, key=_age)
    first_days = {}
    for work in works:
        first_days.setdefault(work.piece, work.day)
    groups = defaultdict(list)
    for work in works:
        if work.terms.counting == ENTRY:
            groups[ENTRY, work.piece].append(work)
        elif work.terms.counting == DAY:
            groups[DAY, first_days[work.piece]].append(work)
    called = [work for work in works if work.terms.counting == CALL_OUT]
    return [*groups.values(), *_find_call_outs(called, first_days)]


def _age(work):
    return work.day, not work.start, work.start or work.day, work.key


def _find_call_outs(works, first_days):
    """``works`` (sorted) by call-out: what begins soon after the last ended goes on.

    Nobody knows when work without a time began: it belongs to the first call-out of its day.
    """
    call_outs = []
    ends = []  # of each call-out
    of_piece = {}
    for work in works:
        if not work.start:
            continue
        place = of_piece.get(work.piece)
        if place is None and call_outs:
            gap = max(work.terms.gap, call_outs[-1][-1].terms.gap)
            if work.start - ends[-1] <= timedelta(minutes=gap):
                place = len(call_outs) - 1
        if place is None:
            place = len(call_outs)
            call_outs.append([])
            ends.append(work.stop)
        call_outs[place].append(work)
        ends[place] = max(ends[place], work.stop)
        of_piece[work.piece] = place
    by_day = {}
    for call_out in reversed(call_outs):
        for work in call_out:
            by_day[first_days[work.piece]] = call_out
    for work in works:
        if not work.start:
            day = first_days[work.piece]
            if day not in by_day:
                call_outs.append([])
                by_day[day] = call_outs[-1]
            by_day[day].append(work)
    return call_outs


def count_together(works):
    """Minutes to bill of each of ``works``, a group: ``{key: int}``.

    Each rate's billable minutes are counted in sum, by its factor and step; the highest minimum
    counts once, for all of them, unless they count as nothing. What is missing to it goes to the
    first entry under a rate that asks for it.
    """
    if not works:
        return {}
    works = sorted(works, key=_age)
    result = {work.key: work.billed for work in works if work.billed is not None}
    spent = defaultdict(Fraction)
    for work in works:
        spent[work.terms] += work.billable
    minimum = max(work.terms.minimum for work in works)
    total = sum(terms.count(minutes) for terms, minutes in spent.items())
    left = max(total, minimum if total else 0) - sum(result.values())
    so_far = defaultdict(Fraction)  # billable minutes of each rate
    open_works = [work for work in works if work.billed is None]
    for work in (*(work for work in works if work.billed is not None), *open_works):
        before = so_far[work.terms]
        so_far[work.terms] += work.billable
        if work.billed is None:
            own = work.terms.count(so_far[work.terms]) - work.terms.count(before)
            result[work.key] = max(0, min(own, left))
            left -= result[work.key]
    if left > 0:
        asking = [work for work in open_works if work.terms.minimum == minimum] or open_works
        if asking:
            result[asking[0].key] += left
    return result
