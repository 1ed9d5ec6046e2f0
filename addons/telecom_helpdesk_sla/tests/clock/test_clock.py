from datetime import datetime, timedelta

from odoo.tests import BaseCase

from ...tools.clock import Clock, Terms, count_used, fold
from ...tools.worktime import ROUND_THE_CLOCK, WorkTimeline

METRICS = ("first_response", "next_response", "resolution")


def at(text):
    """ "4 09:30" is a time of March 2026, which begins on a Sunday."""
    day, time = text.split()
    return datetime.fromisoformat(f"2026-03-{int(day):02} {time}")


# Monday to Friday, 9:00 to 17:00.
OFFICE = WorkTimeline(
    [
        (at(f"{day} 09:00"), at(f"{day} 17:00"))
        for day in range(1, 31)
        if at(f"{day} 00:00").weekday() < 5
    ]
)


def terms(hours, line=OFFICE, **values):
    return Terms(target=round(hours * 3600), hours=line, **values)


class TestClock(BaseCase):
    """What each event makes of a clock; days are working days of March 2026, 9:00 to 17:00."""

    def start(self, hours=4, metric="resolution", state="new", **values):
        return Clock.start(metric, at("2 09:00"), terms(hours, **values), state)

    def test_a_screen_shows_what_is_stored_when_time_stops(self):
        # Odoo ends a day at 23:59:59.999999; others may have more of a second.
        for spent, used in ((59.4, 59), (59.6, 60)):
            line = WorkTimeline([(at("2 09:00"), at("2 09:00") + timedelta(seconds=spent))])
            clock = Clock.start("resolution", at("2 09:00"), terms(4, line), "open")
            shown = count_used(clock.consumed, clock.running_since, line, at("2 09:05"))
            stopped = clock.on_state(at("2 09:05"), "waiting_customer", clock.terms)
            self.assertEqual((shown, stopped.consumed), (used, used))

    def test_when_somebody_is_told(self):
        for hours, percent, imminent, expected in (
            (4, 75, 1800, ("2 12:00", "2 12:30", "2 13:00")),
            (8, 50, 3600, ("2 13:00", "2 16:00", "2 17:00")),  # the closing instant
            (9, 100, 0, ("3 10:00", "3 10:00", "3 10:00")),
            # Imminent is never before the warning.
            (0.5, 75, 1800, ("2 09:22:30", "2 09:22:30", "2 09:30")),
        ):
            with self.subTest(hours=hours):
                clock = self.start(hours, warn_percent=percent, imminent=imminent)
                self.assertEqual(
                    (clock.warning_at, clock.imminent_at, clock.deadline), tuple(map(at, expected))
                )

    def test_instants_are_whole_seconds_and_never_early(self):
        clock = Clock.start("resolution", at("2 09:00"), Terms(7, OFFICE, False, 33, 0), "new")
        self.assertEqual(clock.warning_at, at("2 09:00:03"))  # 2.31 s

    def test_the_time_is_over_at_the_deadline_not_after_it(self):
        clock = self.start(4, "first_response")
        self.assertEqual(clock.on_answer(at("2 12:59:59")).state, "met")
        self.assertEqual(clock.on_answer(at("2 13:00")).state, "missed")
        self.assertEqual(clock.advance(at("2 12:59:59")).state, "running")
        self.assertEqual(clock.advance(at("2 13:00")).state, "missed")

    def test_overrun_goes_on_until_it_is_reached(self):
        clock = self.start(4).advance(at("3 09:00"))
        self.assertEqual(clock.breached_at, at("2 13:00"))
        clock = clock.on_state(at("3 10:00"), "waiting_customer", clock.terms)
        self.assertEqual((clock.state, clock.consumed), ("missed", 9 * 3600))
        clock = clock.on_state(at("4 10:00"), "open", clock.terms)
        clock = clock.on_state(at("4 11:00"), "resolved", clock.terms)
        self.assertEqual((clock.state, clock.consumed), ("missed", 10 * 3600))

    def test_terms_that_change(self):
        clock = self.start(4).on_terms(at("2 11:00"), terms(8))
        self.assertEqual((clock.consumed, clock.deadline), (7200, at("2 17:00")))
        # A gap consumes nothing, and other hours count for the rest alone.
        clock = clock.on_terms(at("2 12:00"), terms(0))
        self.assertEqual((clock.state, clock.consumed, clock.deadline), ("void", 10800, None))
        clock = clock.on_terms(at("3 12:00"), terms(8, ROUND_THE_CLOCK))
        self.assertEqual((clock.state, clock.deadline), ("running", at("3 17:00")))
        clock = clock.on_terms(at("3 13:00"), terms(2))
        self.assertEqual((clock.state, clock.breached_at), ("missed", at("3 13:00")))
        self.assertEqual(clock.on_terms(at("3 14:00"), terms(40)).state, "missed")

    def test_what_was_told_is_justified_by_what_is_used_up(self):
        clock = self.start(4).on_terms(at("2 12:15"), terms(4, imminent=1800))
        self.assertEqual(clock.level, 1)
        self.assertEqual(clock.on_terms(at("2 12:45"), terms(4, imminent=1800)).level, 2)
        self.assertEqual(clock.on_terms(at("2 12:15"), terms(40)).level, 0)
        self.assertEqual(clock.on_terms(at("2 12:15"), terms(1)).level, 3)

    def test_reopened_goes_on_by_the_terms_of_then(self):
        clock = self.start(4).on_state(at("2 11:00"), "resolved", terms(4))
        self.assertEqual((clock.state, clock.on_terms(at("2 12:00"), terms(1))), ("met", clock))
        clock = clock.on_state(at("3 09:00"), "open", terms(6))
        self.assertEqual((clock.state, clock.deadline), ("running", at("3 13:00")))

    def test_the_end_of_the_ticket_ends_its_questions(self):
        clock = self.start(4, "first_response")
        for state in ("resolved", "closed", "cancelled"):
            with self.subTest(state=state):
                over = clock.on_state(at("2 10:00"), state, clock.terms)
                self.assertEqual((over.state, over.ended_at), ("void", at("2 10:00")))
                reopened = over.on_state(at("3 10:00"), "open", clock.terms)
                self.assertEqual((reopened.state, reopened.deadline), ("void", None))
                self.assertEqual(reopened.on_answer(at("3 11:00")), reopened, "to another question")
                self.assertEqual(reopened.on_terms(at("3 11:00"), terms(1)), reopened)
                late = clock.on_state(at("2 16:00"), state, clock.terms)
                self.assertEqual(late.breached_at, at("2 13:00"), "it was broken before")
                late = late.on_state(at("3 10:00"), "open", clock.terms)
                self.assertEqual((late.state, late.running_since), ("missed", None))

    def test_an_answer_that_ends_the_ticket_is_one(self):
        clock = self.start(4, "first_response")
        answered = clock.on_answer(at("2 10:00")).on_state(at("2 10:00"), "closed", clock.terms)
        closed = clock.on_state(at("2 10:00"), "closed", clock.terms).on_answer(at("2 10:00"))
        self.assertEqual((answered.state, answered), ("met", closed))

    def test_each_question_after_an_end_is_a_promise_of_its_own(self):
        held = {metric: terms(4) for metric in METRICS}
        story = [(at("2 09:00"), "new"), (at("2 10:00"), "resolved"), (at("3 10:00"), "open")]
        asked = [(at("3 10:00"), "asked")]
        agreed = [(at("2 09:00"), held)]
        first, _resolution, again = fold(at("2 09:00"), agreed, story, asked)
        self.assertEqual((first.state, again.metric), ("void", "first_response"))
        self.assertEqual(again.deadline, at("3 14:00"))
        answered = [*asked, (at("3 11:00"), "answered")]
        story = [*story, (at("3 12:00"), "closed"), (at("4 12:00"), "open")]
        clocks = fold(at("2 09:00"), agreed, story, [*answered, (at("4 12:00"), "asked")])
        self.assertEqual(
            [(clock.metric, clock.state) for clock in clocks],
            [
                ("first_response", "void"),
                ("resolution", "running"),
                ("first_response", "met"),
                ("next_response", "running"),
            ],
        )

    def test_a_question_that_went_to_another_ticket(self):
        clock = self.start(4, "next_response")
        moved = clock.on_withdrawn(at("2 09:00"))
        self.assertEqual((moved.state, moved.consumed, moved.deadline), ("void", 0, None))
        self.assertEqual(clock.on_withdrawn(at("2 14:00")).state, "missed")
        self.assertEqual(self.start(4).on_withdrawn(at("2 10:00")), self.start(4))

    def test_first_terms_hold_from_the_beginning(self):
        held = {metric: terms(4) for metric in METRICS}
        clocks = fold(at("2 09:00"), [(at("2 12:00"), held)], [(at("2 09:00"), "new")], [])
        self.assertEqual([clock.deadline for clock in clocks], [at("2 13:00")] * 2)
        nothing = {metric: terms(0) for metric in METRICS}
        agreed = [(at("2 09:00"), nothing), (at("2 12:00"), held)]
        [first, _resolution] = fold(at("2 09:00"), agreed, [(at("2 09:00"), "new")], [])
        self.assertEqual((first.consumed, first.deadline), (0, at("2 16:00")))
        self.assertEqual(fold(at("2 09:00"), [], [(at("2 09:00"), "new")], []), [])

    def test_a_target_beyond_all_working_hours_never_ends(self):
        clock = self.start(10_000)
        self.assertEqual((clock.state, clock.deadline), ("running", None))
        clock = clock.on_state(at("9 09:00"), "waiting_customer", clock.terms)
        self.assertEqual(timedelta(seconds=clock.consumed), timedelta(hours=40))
