import json
import unittest
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from odoo.tests import BaseCase

from ...tools.clock import Terms, fold
from ..written_calendar import WrittenCalendar

CASES = Path(__file__).parents[5] / "shared" / "data" / "sla_cases.json"
# How far around a case's dates its calendar is written out.
MARGIN = timedelta(days=60)
STATES = {"open": "open", "pending": "waiting_customer", "resolved": "resolved", "closed": "closed"}
METRICS = ("first_response", "next_response", "resolution")

# Where we decide otherwise than the source, or promise nothing that the case is about.
BACKWARDS = "promises run forward only: nothing subtracts working time"
ZERO = "no duration: the instant itself, working or not; nobody promises 0 seconds (0: no promise)"
DAYS = "promises are in working hours, not in business days"
NO_PAUSE = "every metric pauses while the customer is waited for"
DIFFERENT = {
    **dict.fromkeys(("biz-for-01", "biz-for-05", "biz-for-07"), BACKWARDS),
    **dict.fromkeys(("biz-for-02", "biz-for-04"), ZERO),
    **dict.fromkeys((f"biz-day-{n:02}" for n in range(9, 17)), DAYS),
    **dict.fromkeys((f"glpi-enddate-{n}" for n in range(1, 9)), DAYS),
    **dict.fromkeys((f"glpi-la-{n}" for n in range(11, 19)), DAYS),
    **dict.fromkeys(("glpi-la-03", "glpi-la-07", "glpi-la-09"), NO_PAUSE),
}


def read_instant(text):
    return datetime.fromisoformat(text.replace("Z", "")) if text else None


def read_windows(windows):
    return " ".join("-".join(window) for window in windows)


def read_calendar(case, instants):
    """A case's working hours, and the line of them around ``instants``."""
    given = case["calendar"]
    dated = {
        key: {day: read_windows(windows) for day, windows in given.get(key, {}).items()}
        for key in ("shifts", "breaks")
    }
    calendar = WrittenCalendar(
        given["tz"],
        {day.capitalize(): read_windows(windows) for day, windows in given["week"].items()},
        [
            *given.get("holidays", ()),
            *given.get("yearly_holidays", ()),
            *("..".join(pair) for pair in given.get("holiday_ranges", ())),
        ],
        dated["shifts"],
        dated["breaks"],
    )
    days = [instant.date() for instant in instants]
    return calendar, calendar.get_line(min(days) - MARGIN, max(days) + MARGIN)


@unittest.skipUnless(CASES.is_file(), "only beside the shared data")
class TestSlaCases(BaseCase):
    """Worked cases of other helpdesks and calendar libraries: times in, deadlines out.

    They are not ours to hand on: ``test_worked_cases`` has cases of the same kinds for everybody.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = {case["id"]: case for case in json.loads(CASES.read_text())["cases"]}

    def test_every_case_is_checked_or_decided_otherwise(self):
        self.assertEqual(len(self.cases), 101)
        self.assertFalse(set(DIFFERENT) - set(self.cases))
        checked = set(self.cases) - set(DIFFERENT)
        for id_ in sorted(checked):
            case = self.cases[id_]
            with self.subTest(case=id_, name=case["name"]):
                getattr(self, f"check_{case['kind']}")(case)
        self.assertGreaterEqual(len(checked), 69)

    def check_add_working_time(self, case):
        start = read_instant(case["start"])
        line = read_calendar(case, [start])[1]
        self.assertEqual(line.add(start, case["add_seconds"]), read_instant(case["expect"]["end"]))

    def check_working_time_between(self, case):
        start, end = read_instant(case["start"]), read_instant(case["end"])
        line = read_calendar(case, [start, end])[1]
        self.assertEqual(line.between(start, end), case["expect"]["seconds"])

    def check_is_working_time(self, case):
        at = read_instant(case["at"])
        line = read_calendar(case, [at])[1]
        self.assertEqual(
            bool(line.between(at, at + timedelta(seconds=1))), case["expect"]["working"]
        )

    def check_is_holiday(self, case):
        day = date.fromisoformat(case["date"])
        calendar, _line = read_calendar(case, [datetime(day.year, day.month, day.day)])
        self.assertEqual(not calendar.get_intervals(day), case["expect"]["holiday"])

    def check_working_periods_after(self, case):
        start = read_instant(case["start"])
        line = read_calendar(case, [start])[1]
        for begin, end in case["expect"]["periods"]:
            begin, end = read_instant(begin), read_instant(end)
            # The first second that is worked from here on, and the last before a rest.
            self.assertEqual(line.add(start, 1), begin + timedelta(seconds=1))
            self.assertEqual(line.between(begin, end), (end - begin).total_seconds())
            self.assertEqual(line.between(end, end + timedelta(seconds=1)), 0)
            start = end

    def check_ticket_sla(self, case):
        if case["id"].startswith("glpi"):
            self.check_glpi(case)
        else:
            self.check_frappe(case)

    def tell(self, case, targets):
        """``{metric: [Clock as it was after each event]}`` of a case's ticket."""
        instants = [read_instant(event["at"]) for event in case["events"]]
        _calendar, self.line = read_calendar(case, instants)
        terms = {
            metric: Terms(target=targets.get(metric, 0), hours=self.line) for metric in METRICS
        }
        story = {metric: [] for metric in targets}
        transitions, answers = [], []
        for at, event in zip(instants, case["events"], strict=True):
            if event["type"] == "agent_reply":
                answers.append((at, "answered"))
            transitions.append((at, STATES[event["state"]]))
            for clock in fold(instants[0], [(instants[0], terms)], transitions, answers, at):
                story[clock.metric].append(clock)
        return story

    def check_glpi(self, case):
        sla, expect = case["sla"], case["expect"]
        seconds = sla.get("minutes", 0) * 60 + sla.get("hours", 0) * 3600
        metric = "first_response" if sla["target"] == "time_to_own" else "resolution"
        clock = self.tell(case, {metric: seconds})[metric][-1]
        self.assertEqual(clock.deadline, read_instant(expect["due"]))
        passed = self.line.between(clock.started_at, clock.running_since)
        self.assertEqual(passed - clock.consumed, expect["paused_seconds"])
        level = sla["escalation_level"]
        if level["unit"] == "minutes":
            before = clock.terms._replace(warn_percent=0, imminent=-60 * level["offset"])
            warned = clock.on_terms(clock.running_since, before)
            self.assertEqual(warned.imminent_at, read_instant(expect["escalation_at"]))
        elif level["unit"] == "hours":
            later = self.line.add(clock.deadline, level["offset"] * 3600)
            self.assertEqual(later, read_instant(expect["escalation_at"]))

    def check_frappe(self, case):
        sla, expect = case["sla"], case["expect"]
        story = self.tell(
            case,
            {
                "first_response": sla["first_response_min"] * 60,
                "resolution": sla["solution_min"] * 60,
            },
        )
        first, resolution = story["first_response"], story["resolution"]
        self.assertEqual(first[0].deadline, read_instant(expect["first_response_due"]))
        deadlines = [clock.deadline for clock in resolution if clock.state == "running"]
        if "before_hold_solution_due" in expect:
            self.check_hold(resolution[0], expect)
        elif due := read_instant(expect["solution_due"]):
            self.assertEqual(deadlines[-1], due)
        last = resolution[-1]
        if "hold_seconds" in expect and len(case["events"]) > 1:
            self.assertEqual(self.count_hold(resolution), expect["hold_seconds"])
        if "first_responded" in expect:
            self.assertEqual(first[-1].reached_at, read_instant(expect["first_responded"]))
        if "resolution_seconds" in expect:
            self.assertEqual(last.consumed, expect["resolution_seconds"])
        for name, clock in (("first_response", first[-1]), ("resolution", last)):
            if (late := expect.get(f"{name}_late_seconds")) is not None:
                self.assertEqual(max(0, clock.consumed - clock.terms.target), late)
                self.assertEqual(clock.state, "missed" if late else "met")
        if "status_after" in expect:
            names = [self.name(*pair) for pair in zip(first, resolution, strict=True)]
            expected = expect["status_after"]
            self.assertEqual(names[-len(expected) :], expected)
        for at, status in expect.get("status_at", ()):
            at = read_instant(at)
            clocks = [
                [clock for clock in clocks if clock.started_at <= at][-1].advance(at)
                for clocks in (first, resolution)
            ]
            self.assertEqual(self.name(*clocks), status)

    def check_hold(self, clock, expect):
        """The working time on hold is what the deadline moves by."""
        self.assertEqual(clock.deadline, read_instant(expect["before_hold_solution_due"]))
        at = clock.started_at + timedelta(minutes=1)
        until = self.line.add(at, expect["hold_seconds"])
        held = clock.on_state(at, "waiting_customer", clock.terms)
        self.assertIsNone(held.deadline)
        resumed = held.on_state(until, "open", clock.terms)
        self.assertEqual(resumed.deadline, read_instant(expect["solution_due"]))

    def count_hold(self, clocks):
        """Working seconds that the ticket waited, before it was resolved."""
        held, since = 0, None
        for clock, following in pairwise(clocks):
            if clock.state == "paused":
                since = since or self.since(clocks, clock)
                if following.state != "paused":
                    held += self.line.between(since, following.running_since)
                    since = None
        return held

    def since(self, clocks, clock):
        before = clocks[clocks.index(clock) - 1]
        return self.line.add(before.running_since, clock.consumed - before.consumed)

    def name(self, first, resolution):
        """What Frappe calls the state of a ticket with these two clocks."""
        if "missed" in (first.state, resolution.state):
            return "failed"
        if resolution.state == "met":
            return "fulfilled"
        if resolution.state == "paused":
            return "paused"
        return "resolution_due" if first.reached_at else "first_response_due"
