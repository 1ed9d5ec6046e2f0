import os
import random
from datetime import date, datetime, time, timedelta

import pytz

from odoo.tests import BaseCase

from ...tools.clock import Clock, Terms, fold
from ...tools.worktime import ROUND_THE_CLOCK, WorkTimeline

# Each day begins around a clock change, where the zone has one.
ZONES = {
    "Europe/Paris": (date(2026, 3, 26), date(2026, 10, 22), date(2026, 7, 10)),
    "Europe/Berlin": (date(2026, 3, 27), date(2026, 10, 23)),
    "America/New_York": (date(2026, 3, 5), date(2026, 10, 29)),
    "Australia/Lord_Howe": (date(2026, 4, 2), date(2026, 10, 1)),  # half an hour
    "Asia/Kathmandu": (date(2026, 3, 26),),
}
STATES = ("new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed")
DONE = ("resolved", "closed", "cancelled")
METRICS = ("first_response", "next_response", "resolution")
SPAN = timedelta(days=12)
# Where no clock has run out by then, it is not looked at.
FUTURE = timedelta(days=15)


class Hours:
    """Random working hours, said twice: as a ``WorkTimeline``, and as "is it work now?"."""

    def __init__(self, rng, first, zone):
        self.zone = pytz.timezone(zone)
        self.is_always = rng.random() < 0.1
        self.week = {}
        for weekday in range(7):
            windows = []
            if rng.random() < (0.9 if weekday < 5 else 0.3):
                # Nobody opens or closes within an hour that a clock change repeats or skips.
                quarters = sorted(rng.sample([*range(4), *range(16, 97)], 2 * rng.randint(1, 3)))
                windows = [
                    (begin * 15, end * 15)
                    for begin, end in zip(quarters[::2], quarters[1::2], strict=True)
                ]
            self.week[weekday] = windows
        days = range((SPAN + FUTURE).days + 3)
        self.holidays = {first + timedelta(days=day) for day in days if rng.random() < 0.08}
        self.line = ROUND_THE_CLOCK if self.is_always else WorkTimeline(self._get_intervals(first))
        self._known = {}

    def _get_intervals(self, first):
        intervals = []
        for number in range(-2, (SPAN + FUTURE).days + 3):
            day = first + timedelta(days=number)
            for begin, end in () if day in self.holidays else self.week[day.weekday()]:
                midnight = datetime.combine(day, time())
                begin, end = (
                    self.zone.localize(midnight + timedelta(minutes=minutes))
                    .astimezone(pytz.utc)
                    .replace(tzinfo=None)
                    for minutes in (begin, end)
                )
                intervals.append((begin, end))
        return intervals

    def is_work(self, instant):
        """Whether people work in the second after ``instant`` (naive UTC)."""
        if self.is_always:
            return True
        quarter = instant.replace(minute=instant.minute // 15 * 15, second=0)
        if quarter not in self._known:
            local = pytz.utc.localize(quarter).astimezone(self.zone)
            minute = local.hour * 60 + local.minute
            self._known[quarter] = local.date() not in self.holidays and any(
                begin <= minute < end for begin, end in self.week[local.weekday()]
            )
        return self._known[quarter]


class Naive:
    """A promise counted tick by tick, by whoever looks at the wall clock."""

    def __init__(self, metric, terms, state):
        self.metric, self.terms, self.state = metric, terms, state
        self.consumed, self.reached, self.breached, self.over = 0, None, None, None

    def look(self, at):
        if self.terms.target and not (self.reached or self.breached or self.over):
            if self.consumed >= self.terms.target:
                self.breached = at

    def on_state(self, at, state, current):
        self.state = state
        if self.metric != "resolution":
            if state in DONE:
                self.end(at)
            return
        if state in ("resolved", "closed"):
            self.reached = self.reached or at
        elif state != "cancelled":
            if self.reached and not self.breached:
                self.terms = current
            self.reached = None

    def on_terms(self, at, terms):
        if not (self.breached or self.reached or self.over):
            self.terms = terms

    def on_answer(self, at):
        if self.metric != "resolution" and not self.reached and not self.over:
            self.reached = at

    def end(self, at):
        if self.metric != "resolution" and not self.reached and not self.over:
            self.over = at

    def hear(self, at, kind, state, current):
        if kind == "terms":
            self.on_terms(at, current[self.metric])
        elif kind == "state":
            self.on_state(at, state, current[self.metric])
        elif kind == "answered":
            self.on_answer(at)
        elif kind == "withdrawn":
            self.end(at)
        self.look(at)

    def tick(self, at, seconds, hours):
        stops = {"waiting_customer", "resolved", "closed", "cancelled"}
        if self.terms.pause_on_third_party:
            stops.add("waiting_third_party")
        if not self.terms.target or self.reached or self.over or self.state in stops:
            return
        if hours[self.terms.hours].is_work(at):
            self.consumed += seconds

    @property
    def verdict(self):
        if self.state == "cancelled" or not self.terms.target:
            return "void"
        if self.breached or self.reached:
            return "missed" if self.breached else "met"
        return "void" if self.over else "open"


class Story:
    """A random ticket: its logs, in ticks of ``tick`` seconds. No two entries are of one instant.

    ``hours`` maps timelines to what they were made of.
    """

    def __init__(self, rng, tick, ticks):
        zone = rng.choice(list(ZONES))
        first = rng.choice(ZONES[zone])
        self.tick = tick
        calendars = [Hours(rng, first, zone) for _ in range(2)]
        self.hours = {calendar.line: calendar for calendar in calendars}
        self.created_at = datetime.combine(first, time()) + timedelta(
            days=rng.randint(0, 3), hours=rng.randint(0, 23), seconds=tick * rng.randint(0, 3)
        )
        self.ticks = ticks
        at = sorted(rng.sample(range(1, ticks), min(ticks - 1, rng.randint(0, 14))))
        instants = [self.created_at + timedelta(seconds=tick * number) for number in at]
        self.terms = [(self.created_at, self._agree(rng, ticks))]
        self.transitions = [(self.created_at, "new")]
        self.events, state, waiting = [], "new", True
        for instant in instants:
            kind = rng.choices(
                ("state", "terms", "answered", "asked", "withdrawn"), (5, 2, 2, 3, 0.5)
            )[0]
            if kind == "state":
                state = rng.choice(STATES if rng.random() < 0.9 else ("cancelled",))
                self.transitions.append((instant, state))
                waiting = waiting and state not in DONE
            elif kind == "terms":
                self.terms.append((instant, self._agree(rng, ticks)))
            elif kind == "answered" or (kind == "withdrawn" and waiting):
                self.events.append((instant, kind))
                waiting = False
            elif kind == "asked" and not waiting:
                self.events.append((instant, "asked"))
                waiting = state not in DONE
        self.end = self.created_at + timedelta(seconds=tick * ticks)

    def _agree(self, rng, ticks):
        def promise():
            target = rng.choice((0, 1, 2, 4, 8, 16, 64, ticks)) * rng.randint(1, 4) * self.tick
            return Terms(
                target=target,
                hours=hours,
                pause_on_third_party=pauses,
                warn_percent=rng.choice((0, 50, 75, 100)),
                imminent=rng.choice((0, 1, 3)) * self.tick,
            )

        hours, pauses = rng.choice(list(self.hours)), rng.random() < 0.5
        return {metric: promise() for metric in METRICS}

    def get_log(self):
        """All entries, in their order: (instant, kind, value)."""
        return sorted(
            [(at, "terms", held) for at, held in self.terms[1:]]
            + [(at, "state", state) for at, state in self.transitions[1:]]
            + [(at, kind, kind) for at, kind in self.events],
            key=lambda entry: entry[0],
        )

    def count_naively(self):
        """List of ``Naive``, in the order in which ``fold`` gives its clocks."""
        log = self.get_log()
        current, state, is_answered = self.terms[0][1], "new", False
        promises = [
            Naive(metric, current[metric], state)
            for metric in ("first_response", "resolution")
            if any(held[metric].target for _at, held in self.terms)
        ]
        at = self.created_at
        while True:
            for promise in promises:
                promise.look(at)
            while log and log[0][0] == at:
                _at, kind, value = log.pop(0)
                if kind == "terms":
                    current = value
                if kind == "state":
                    state = value
                is_answered = is_answered or kind == "answered"
                if kind == "asked":
                    is_promised = any(p.metric == "first_response" for p in promises)
                    is_first = is_promised and not is_answered
                    metric = "first_response" if is_first else "next_response"
                    promises.append(Naive(metric, current[metric], state))
                    if state in DONE:
                        promises[-1].end(at)
                for promise in promises:
                    promise.hear(at, kind, state, current)
            if at >= self.end:
                return promises
            for promise in promises:
                promise.tick(at, self.tick, self.hours)
            at += timedelta(seconds=self.tick)

    def find_deadlines(self, promises):
        """When each of ``promises`` runs out if nobody does anything; None: not in ``FUTURE``."""
        found = {}
        at = self.end
        while at < self.end + FUTURE and len(found) < len(promises):
            for promise in promises:
                if promise not in found:
                    promise.look(at)
                    if promise.breached:
                        found[promise] = promise.breached
                        continue
                    promise.tick(at, self.tick, self.hours)
            at += timedelta(seconds=self.tick)
        return found


class TestClockProperty(BaseCase):
    """Whatever happens to a ticket, its clocks are what counting tick by tick gives.

    TELECOM_SLA_SEED repeats a run, TELECOM_SLA_CASES makes it longer.
    """

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("TELECOM_SLA_SEED", "20261"))
        self.factor = int(os.environ.get("TELECOM_SLA_CASES", "1"))

    def check(self, cases, tick, ticks):
        seen = set()
        for number in range(cases * self.factor):
            rng = random.Random(self.seed * 1_000_003 + number)
            story = Story(rng, tick, rng.randint(2, ticks))
            label = f"TELECOM_SLA_SEED={self.seed}, case {number}, ticks of {tick} s"
            promises = story.count_naively()
            clocks = fold(story.created_at, story.terms, story.transitions, story.events, story.end)
            self.assertEqual(len(clocks), len(promises), label)
            is_foreseen = number % 10 == 0
            open_pairs = []
            for clock, promise in zip(clocks, promises, strict=True):
                state = clock.state if clock.state not in ("running", "paused") else "open"
                consumed = clock.consumed
                if clock.running_since:
                    consumed += clock.terms.hours.between(clock.running_since, story.end)
                self.assertEqual(
                    (state, consumed, clock.reached_at, clock.breached_at, clock.ended_at),
                    (
                        promise.verdict,
                        promise.consumed,
                        promise.reached,
                        promise.breached,
                        promise.over,
                    ),
                    f"{label}, {clock.metric}",
                )
                seen.add((clock.metric, clock.state))
                if clock.ended_at:
                    seen.add((clock.metric, clock.state, "over"))
                if clock.metric == "first_response" and clock.started_at != story.created_at:
                    seen.add((clock.metric, clock.state, "again"))
                if clock.state == "running":
                    instants = [clock.warning_at, clock.imminent_at, clock.deadline]
                    known = [instant for instant in instants if instant]
                    self.assertEqual(known, sorted(known), label)
                    open_pairs.append((clock, promise))
            if is_foreseen and open_pairs:
                found = story.find_deadlines([promise for _clock, promise in open_pairs])
                for clock, promise in open_pairs:
                    if promise in found:
                        self.assertEqual(clock.deadline, found[promise], label)
        return seen

    def test_against_counting_quarters_of_an_hour_over_days(self):
        seen = self.check(1200, 900, 450)
        for metric in METRICS:
            for state in ("running", "paused", "met", "missed", "void"):
                self.assertIn((metric, state), seen)
        for metric in METRICS[:2]:
            for state in ("missed", "void"):
                self.assertIn((metric, state, "over"), seen)
        for state in ("running", "met", "missed"):
            self.assertIn(("first_response", state, "again"), seen)

    def test_against_counting_seconds(self):
        self.check(120, 1, 5000)

    def test_events_of_one_instant_may_come_in_any_order(self):
        """Two servers, one second: the clock does not depend on who was first."""
        for number in range(1000 * self.factor):
            rng = random.Random(self.seed * 7 + number)
            story = Story(rng, 900, 200)
            at = story.created_at + timedelta(seconds=900 * rng.randint(1, 100))
            terms = story._agree(rng, 200)
            state, other = rng.choice(STATES), story._agree(rng, 200)
            for metric in METRICS:
                start = Clock.start(metric, story.created_at, other[metric], rng.choice(STATES))
                held = terms[metric]
                outcomes = {
                    start.on_answer(at).on_state(at, state, held).on_terms(at, held),
                    start.on_answer(at).on_terms(at, held).on_state(at, state, held),
                    start.on_state(at, state, held).on_answer(at).on_terms(at, held),
                    start.on_state(at, state, held).on_terms(at, held).on_answer(at),
                    start.on_terms(at, held).on_answer(at).on_state(at, state, held),
                    start.on_terms(at, held).on_state(at, state, held).on_answer(at),
                }
                self.assertEqual(len(outcomes), 1, f"TELECOM_SLA_SEED={self.seed}, case {number}")
