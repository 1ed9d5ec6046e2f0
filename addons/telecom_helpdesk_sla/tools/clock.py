"""The clock of one promise, as a fold over what happened to the ticket.

A ``Clock`` is a value. Each kind of event takes it to the next one: the ticket's state changed,
other terms were agreed, an agent answered, time passed. ``fold`` takes a ticket's logs through
the same steps from the beginning, so that stored clocks are a cache of it.

All instants are naive UTC datetimes in whole seconds, all durations working seconds. Events of
one instant give the same clock in whatever order they come: time is brought up to the instant,
under what held before it, by the first of them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

# In which states of the ticket time runs. In the others it stands still.
RUNNING_STATES = frozenset({"new", "open"})
REACHED_STATES = frozenset({"resolved", "closed"})
# In which a ticket is over, and with it what the customer waited for an answer to.
DONE_STATES = REACHED_STATES | {"cancelled"}


def count_used(consumed, running_since, hours, at):
    """Working seconds used up at ``at``, whole ones: what was ``consumed`` before, and what lies
    within ``hours`` since ``running_since`` (None or False: time stands still)."""
    if not running_since:
        return consumed
    return consumed + round(hours.between(running_since, at))


class Terms(NamedTuple):
    """What is promised for one metric.

    :param target: working seconds; 0: nothing is promised
    :param hours: whose ``add(start, seconds)`` and ``between(start, stop)`` are those of
        ``WorkTimeline``
    :param warn_percent: share of the target after which somebody is warned
    :param imminent: working seconds before the deadline at which somebody is alerted
    :param key: whatever the caller knows the terms by
    """

    target: int
    hours: object
    pause_on_third_party: bool = False
    warn_percent: int = 75
    imminent: int = 0
    key: object = None

    @property
    def warning(self):
        """Working seconds after which somebody is warned."""
        return -(-self.target * self.warn_percent // 100)

    @property
    def imminence(self):
        """Working seconds after which the deadline is imminent; never before the warning."""
        return max(self.target - self.imminent, self.warning)


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of a promise is used up, and when it will be.

    ``consumed`` counts up to ``running_since``, or up to where time stopped. ``deadline`` is
    the first instant at which the target's time is used up: it can be the closing instant of a
    day. From then on the promise is broken, whether somebody notices or not. While time stands
    still there is no deadline, except one that has passed.

    A response that nobody waits for any more has ``ended_at``: the ticket was over, or the
    question went to another one. It counts for nothing unless it was broken by then, and an
    answer that comes later is none to it.
    """

    metric: str
    started_at: datetime
    terms: Terms
    ticket_state: str
    consumed: int = 0
    running_since: datetime | None = None
    deadline: datetime | None = None
    warning_at: datetime | None = None
    imminent_at: datetime | None = None
    reached_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None

    @classmethod
    def start(cls, metric, at, terms, ticket_state):
        clock = cls(metric, at, terms, ticket_state)
        return replace(clock, **clock._arrive(at, ticket_state))._settle(at)

    @property
    def is_void(self):
        """Whether it counts for nothing: neither met nor missed."""
        if self.ticket_state == "cancelled" or not self.terms.target:
            return True
        return bool(self.ended_at) and not self.breached_at

    @property
    def state(self):
        if self.is_void:
            return "void"
        if self.breached_at:
            return "missed"
        if self.reached_at:
            return "met"
        return "running" if self.running_since else "paused"

    @property
    def level(self):
        """Alert that the time used up at ``running_since`` gives reason for: 0 to 3."""
        if self.breached_at:
            return 3
        thresholds = (self.terms.warning, self.terms.imminence)
        return sum(self.consumed >= seconds for seconds in thresholds) if self.terms.target else 0

    @property
    def next_alert_at(self):
        """When somebody is told of it, where nobody has been yet; None while time stands still."""
        if not self.running_since:
            return None
        instants = (self.warning_at, self.imminent_at, self.deadline)
        return min(filter(None, instants), default=None)

    @property
    def _may_run(self):
        if self.is_void or self.reached_at or self.ended_at:
            return False
        return self.ticket_state in RUNNING_STATES or (
            self.ticket_state == "waiting_third_party" and not self.terms.pause_on_third_party
        )

    # Events

    def advance(self, to):
        """Time passed: what ran out until ``to`` is missed, since the instant it ran out."""
        if self.running_since and not self.breached_at and self.deadline and self.deadline <= to:
            return replace(self, breached_at=self.deadline)
        return self

    def on_state(self, at, ticket_state, terms):
        """The ticket went to ``ticket_state``; ``terms`` are those that hold now.

        What was reached goes on by these when the ticket is reopened.
        """
        clock = self.advance(at)
        changes = {"ticket_state": ticket_state, **clock._arrive(at, ticket_state)}
        if self.metric == "resolution" and ticket_state not in DONE_STATES:
            changes["reached_at"] = None
            if clock.reached_at and not clock.breached_at:
                changes["terms"] = terms
        return clock._turn(at, changes)

    def on_terms(self, at, terms):
        """Other terms hold from now on: what was consumed counts, ``terms`` decide the rest.

        What is reached, missed or over stands.
        """
        clock = self.advance(at)
        done_at = clock.reached_at or clock.ended_at
        if clock.breached_at or (done_at and done_at != at):
            return clock
        return clock._turn(at, {"terms": terms})

    def on_answer(self, at):
        """An agent answered."""
        if self.metric == "resolution" or self.reached_at or self.ended_at not in (None, at):
            return self
        return self.advance(at)._turn(at, {"reached_at": at, "ended_at": None})

    def on_withdrawn(self, at):
        """The question is no longer this ticket's."""
        if self.metric == "resolution" or self.reached_at or self.ended_at:
            return self
        return self.advance(at)._turn(at, {"ended_at": at})

    def _arrive(self, at, ticket_state):
        """What becomes of this where the ticket is in ``ticket_state`` from ``at`` on."""
        if self.metric == "resolution" and ticket_state in REACHED_STATES:
            return {"reached_at": self.reached_at or at}
        if self.metric != "resolution" and ticket_state in DONE_STATES and not self.reached_at:
            return {"ended_at": self.ended_at or at}
        return {}

    def _turn(self, at, changes):
        after = replace(self, **changes)
        if self.running_since:
            if after._may_run and "terms" not in changes:
                return after
            used = count_used(self.consumed, self.running_since, self.terms.hours, at)
            after = replace(after, consumed=used, running_since=None)
        return after._settle(at)

    def _settle(self, at):
        """Start, if time may run, and say when what will happen."""
        terms, left, breached_at = self.terms, self.terms.target - self.consumed, self.breached_at
        if terms.target and left <= 0 and not breached_at:
            breached_at = at  # terms that were used up as they were agreed
        runs = self._may_run
        deadline = None if self.is_void else breached_at
        warning_at = imminent_at = None
        if runs and not breached_at:
            deadline = self._when(at, left)
            warning_at = self._when(at, terms.warning - self.consumed)
            imminent_at = self._when(at, terms.imminence - self.consumed)
        return replace(
            self,
            running_since=at if runs else None,
            breached_at=breached_at,
            deadline=deadline,
            warning_at=warning_at,
            imminent_at=imminent_at,
        )

    def _when(self, at, seconds):
        """First whole second at which ``seconds`` have been worked since ``at``; may be None."""
        instant = self.terms.hours.add(at, seconds)
        if instant and instant.microsecond:
            instant = instant.replace(microsecond=0) + timedelta(seconds=1)
        return instant


def fold(created_at, terms, transitions, events, now=None):
    """Clocks of one ticket, from its logs.

    :param terms: pairs (instant, {metric: ``Terms``}), in their order; the first ones hold from
        ``created_at``, whenever they were agreed
    :param transitions: pairs (instant, state of the ticket), in their order
    :param events: pairs (instant, "asked", "answered" or "withdrawn"), in their order
    :param now: instant up to which time has passed; None: that of the last entry
    :return: list of ``Clock``: one for the first response and for the resolution, where they were
        ever promised, and one for each time that the customer asked: until somebody has answered
        at all, they wait for the first response
    """
    if not terms:
        return []
    log = [
        *((at, 0, held) for at, held in terms[1:]),
        *((at, 1, state) for at, state in transitions),
        *((at, 2, kind) for at, kind in events),
    ]
    log.sort(key=lambda entry: entry[:2])
    current, state = terms[0][1], next((state for _at, state in transitions), "new")
    clocks = [
        Clock.start(metric, created_at, current[metric], state)
        for metric in ("first_response", "resolution")
        if any(held[metric].target for _at, held in terms)
    ]
    awaits_first = any(clock.metric == "first_response" for clock in clocks)
    for at, kind, value in log:
        if kind == 0:
            current = value
            clocks = [clock.on_terms(at, current[clock.metric]) for clock in clocks]
        elif kind == 1:
            state = value
            clocks = [clock.on_state(at, state, current[clock.metric]) for clock in clocks]
        elif value == "answered":
            awaits_first = False
            clocks = [clock.on_answer(at) for clock in clocks]
        elif value == "withdrawn":
            clocks = [clock.on_withdrawn(at) for clock in clocks]
        else:
            metric = "first_response" if awaits_first else "next_response"
            clocks.append(Clock.start(metric, at, current[metric], state))
    last = now or max((entry[0] for entry in log), default=created_at)
    return [clock.advance(last) for clock in clocks]
