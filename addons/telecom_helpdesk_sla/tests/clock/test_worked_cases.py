"""Deadlines worked out by hand: working hours and what happened in, instants out.

Times are wall-clock times of the calendar's place, in 2026, with the day of the week, so that each
row can be followed with a calendar and a pencil. Clocks change in Europe on Sun 29 March (2:00 is
3:00) and on Sun 25 October (3:00 is 2:00), in New York on Sun 8 March.
"""

from datetime import date, datetime, timedelta

from odoo.tests import BaseCase

from ...tools.clock import Terms, fold
from ..written_calendar import WrittenCalendar, read_duration

PLAIN = WrittenCalendar("UTC", {"Mon-Fri": "09:00-17:00"})
PARIS = WrittenCalendar(
    "Europe/Paris",
    {"Mon-Fri": "09:00-12:00 13:30-18:00", "Sat": "09:00-12:00"},
    days_off=["05-01", "2026-07-14", "2026-08-10..2026-08-21"],
    breaks={"2026-03-16": "11:00-14:00"},
)
CREW = WrittenCalendar(
    "UTC",
    {"Mon-Fri": "09:00-17:00"},
    days_off=["2026-03-10"],
    other_hours={
        "2026-03-03": "06:00-14:00",
        "2026-03-07": "10:00-12:00",
        "2026-03-10": "10:00-12:00",
    },
    breaks={
        "2026-03-02": "08:00-10:00",
        "2026-03-04": "16:00-18:00",
        "2026-03-05": "08:00-18:00",
        "2026-03-06": "11:00-11:30 14:00-15:00",
    },
)
ALWAYS = WrittenCalendar("Europe/Berlin", {"Mon-Sun": "00:00-24:00"})
NIGHTS = WrittenCalendar("Europe/Berlin", {"Mon-Sun": "00:00-06:00 22:00-24:00"})
NEW_YORK = WrittenCalendar("America/New_York", {"Mon-Fri": "08:00-18:00"})
KOLKATA = WrittenCalendar("Asia/Kolkata", {"Mon-Sat": "09:30-18:30"})

# Start, working time, when it is used up, and why.
ADDED = (
    (PLAIN, "Mon 2 Mar 10:00", "2:00", "Mon 2 Mar 12:00", "within the day"),
    (PLAIN, "Mon 2 Mar 07:15", "2:00", "Mon 2 Mar 11:00", "before opening: from 9:00"),
    (PLAIN, "Mon 2 Mar 19:40", "0:30", "Tue 3 Mar 09:30", "after closing: from 9:00 next day"),
    (PLAIN, "Mon 2 Mar 17:00", "0:30", "Tue 3 Mar 09:30", "the closing instant is no more worked"),
    (PLAIN, "Mon 2 Mar 15:00", "2:00", "Mon 2 Mar 17:00", "used up at closing, not next morning"),
    (PLAIN, "Mon 2 Mar 15:00", "2:00:01", "Tue 3 Mar 09:00:01", "a second more"),
    (PLAIN, "Fri 6 Mar 16:30", "1:00", "Mon 9 Mar 09:30", "0:30 before the weekend, 0:30 after"),
    (PLAIN, "Sun 8 Mar 12:00", "1:30", "Mon 9 Mar 10:30", "on a Sunday: from Monday 9:00"),
    (PLAIN, "Sat 7 Mar 15:00", "24:00", "Wed 11 Mar 17:00", "three days of 8 hours"),
    (PLAIN, "Mon 2 Mar 09:00", "80:00", "Fri 13 Mar 17:00", "two weeks of 40 hours"),
    (PLAIN, "Thu 5 Mar 10:07:23", "1:30", "Thu 5 Mar 11:37:23", "seconds are kept"),
    (PARIS, "Mon 2 Mar 11:30", "1:00", "Mon 2 Mar 14:00", "0:30 before lunch, 0:30 from 13:30"),
    (PARIS, "Mon 2 Mar 12:45", "0:15", "Mon 2 Mar 13:45", "at lunch: from 13:30"),
    (PARIS, "Mon 2 Mar 10:00", "2:00", "Mon 2 Mar 12:00", "used up as lunch begins"),
    (PARIS, "Mon 16 Mar 10:00", "2:00", "Mon 16 Mar 15:00", "1:00 to 11:00, a break over lunch"),
    (PARIS, "Fri 6 Mar 17:00", "3:00", "Sat 7 Mar 11:00", "1:00 on Friday, 2:00 on Saturday"),
    (PARIS, "Sat 7 Mar 11:00", "2:00", "Mon 9 Mar 10:00", "closed from Saturday noon"),
    (PARIS, "Thu 30 Apr 17:30", "1:00", "Sat 2 May 09:30", "over Labour Day, off every year"),
    (PARIS, "Mon 13 Jul 17:00", "2:00", "Wed 15 Jul 10:00", "over a holiday of this year"),
    (PARIS, "Tue 14 Jul 11:00", "0:45", "Wed 15 Jul 09:45", "on a holiday"),
    (PARIS, "Sat 8 Aug 11:30", "1:00", "Sat 22 Aug 09:30", "over a Sunday and two weeks off"),
    (PARIS, "Sat 28 Mar 11:00", "2:00", "Mon 30 Mar 10:00", "clocks go forward on Sunday"),
    (PARIS, "Sat 24 Oct 11:00", "2:00", "Mon 26 Oct 10:00", "clocks go back on Sunday"),
    (ALWAYS, "Mon 2 Mar 20:00", "8:00", "Tue 3 Mar 04:00", "nobody closes"),
    (ALWAYS, "Sun 29 Mar 01:30", "1:00", "Sun 29 Mar 03:30", "2:00 is 3:00"),
    (ALWAYS, "Sat 28 Mar 12:00", "24:00", "Sun 29 Mar 13:00", "a day of 23 hours"),
    (ALWAYS, "Sat 24 Oct 12:00", "24:00", "Sun 25 Oct 11:00", "a day of 25 hours"),
    (NIGHTS, "Mon 2 Mar 23:30", "1:00", "Tue 3 Mar 00:30", "midnight interrupts nothing"),
    (NIGHTS, "Mon 2 Mar 05:30", "1:00", "Mon 2 Mar 22:30", "by day nobody works"),
    (NIGHTS, "Sat 28 Mar 23:00", "6:00", "Sun 29 Mar 06:00", "a night of 7 hours, 1 of it over"),
    (NIGHTS, "Sat 24 Oct 23:00", "8:00", "Sun 25 Oct 06:00", "a night of 9 hours, 1 of it over"),
    (NEW_YORK, "Fri 6 Mar 17:00", "2:00", "Mon 9 Mar 09:00", "its clocks change before Europe's"),
    (KOLKATA, "Mon 2 Mar 18:00", "1:00", "Tue 3 Mar 10:00", "0:30 and 0:30"),
    (CREW, "Mon 2 Mar 09:00", "8:00", "Tue 3 Mar 07:00", "7:00 after the break, an early shift"),
    (CREW, "Wed 4 Mar 15:00", "2:00", "Fri 6 Mar 10:00", "1:00, and all of Thursday is a break"),
    (CREW, "Fri 6 Mar 10:30", "3:30", "Fri 6 Mar 15:30", "0:30, 2:30 and 0:30 between breaks"),
    (CREW, "Mon 9 Mar 16:00", "2:00", "Wed 11 Mar 10:00", "a day off wins over other hours"),
)  # fmt: skip

# From, to, and the working time between them.
BETWEEN = (
    (PLAIN, "Sun 8 Mar 00:00", "Sun 1 Mar 00:00", "0:00", "the wrong way round"),
    (PLAIN, "Tue 3 Mar 11:00", "Tue 3 Mar 11:00", "0:00", "no time at all"),
    (PLAIN, "Fri 6 Mar 17:00", "Mon 9 Mar 09:00", "0:00", "a weekend"),
    (PLAIN, "Sun 1 Mar 00:00", "Sun 8 Mar 00:00", "40:00", "a week: 5 x 8:00"),
    (PARIS, "Sun 1 Mar 00:00", "Sun 8 Mar 00:00", "40:30", "a week: 5 x 7:30 and 3:00"),
    (PARIS, "Mon 27 Apr 00:00", "Mon 4 May 00:00", "33:00", "a week less a Friday off"),
    (PARIS, "Mon 2 Mar 12:15", "Mon 2 Mar 13:15", "0:00", "lunch"),
    (PARIS, "Mon 2 Mar 11:00", "Mon 2 Mar 14:00", "1:30", "1:00 before lunch and 0:30 after"),
    (ALWAYS, "Mon 23 Mar 00:00", "Mon 30 Mar 00:00", "167:00", "7 x 24 less the hour skipped"),
    (ALWAYS, "Mon 19 Oct 00:00", "Mon 26 Oct 00:00", "169:00", "7 x 24 and the hour repeated"),
)

WORKED = (
    (PLAIN, "Mon 2 Mar 09:00 Mon 2 Mar 16:59:59"),
    (PARIS, "Mon 2 Mar 11:59:59 Mon 2 Mar 13:30 Sat 7 Mar 09:00 Mon 16 Mar 14:00 Sat 22 Aug 10:00"),
    (CREW, "Mon 2 Mar 10:00 Tue 3 Mar 06:30 Sat 7 Mar 11:00 Fri 6 Mar 11:30"),
    (NIGHTS, "Tue 3 Mar 00:00 Tue 3 Mar 22:00 Sun 29 Mar 03:15"),
)
NOT_WORKED = (
    (PLAIN, "Mon 2 Mar 08:59:59 Mon 2 Mar 17:00 Sat 7 Mar 12:00"),
    (PARIS, "Mon 2 Mar 12:00 Mon 2 Mar 13:29:59 Sun 8 Mar 10:00 Fri 1 May 10:00 Tue 14 Jul 10:00"),
    (PARIS, "Mon 10 Aug 09:00 Fri 21 Aug 17:59:59 Mon 16 Mar 11:00"),
    (CREW, "Mon 2 Mar 09:30 Tue 3 Mar 15:00 Wed 4 Mar 16:00 Thu 5 Mar 12:00 Tue 10 Mar 11:00"),
    (NIGHTS, "Tue 3 Mar 06:00 Tue 3 Mar 21:59:59"),
)

# From 1 March on: a break over the opening, an early shift, a break over the closing, one over all
# of Thursday, two within Friday, a Saturday, and a Tuesday off.
PERIODS_OF_CREW = (
    ("Mon 2 Mar 10:00", "Mon 2 Mar 17:00"),
    ("Tue 3 Mar 06:00", "Tue 3 Mar 14:00"),
    ("Wed 4 Mar 09:00", "Wed 4 Mar 16:00"),
    ("Fri 6 Mar 09:00", "Fri 6 Mar 11:00"),
    ("Fri 6 Mar 11:30", "Fri 6 Mar 14:00"),
    ("Fri 6 Mar 15:00", "Fri 6 Mar 17:00"),
    ("Sat 7 Mar 10:00", "Sat 7 Mar 12:00"),
    ("Mon 9 Mar 09:00", "Mon 9 Mar 17:00"),
    ("Wed 11 Mar 09:00", "Wed 11 Mar 17:00"),
)

# The life of a ticket. A line is an instant and what happened then, or what is expected of what
# stands above it:
#   due, warned, imminent   when that will be
#   met, missed             it was reached, or its time was over, at that instant
#   used 1:30, paused, void what holds once the lines above have happened
# of the resolution unless another metric is named. Behind "--" stands how one arrives there.
STORIES = (
    ("nobody does anything", PLAIN, "first_response 0:30, resolution 2:00", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 10:30     due first_response
        Mon 2 Mar 12:00     due
        Mon 2 Mar 10:30     missed first_response
        Mon 2 Mar 12:00     missed
    """),
    ("who looks after it is told", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 12:00     warned            -- 75 % of 4:00
        Mon 2 Mar 12:30     imminent          -- half an hour before
        Mon 2 Mar 13:00     due
    """),
    ("who looks after it is told after the weekend", PLAIN, "resolution 4:00", """
        Fri 6 Mar 15:00     new
        Mon 9 Mar 10:00     warned            -- 2:00 on Friday, 1:00 on Monday
        Mon 9 Mar 10:30     imminent
        Mon 9 Mar 11:00     due
    """),
    ("one pause moves the deadline", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 10:00     waiting_customer
        Mon 2 Mar 10:00     paused
        Mon 2 Mar 10:00     used 1:00
        Mon 2 Mar 12:00     open
        Mon 2 Mar 15:00     due               -- 3:00 left at noon
    """),
    ("three pauses in a day, to the second", PLAIN, "resolution 0:30", """
        Mon 2 Mar 09:00:12  new
        Mon 2 Mar 09:02:42  waiting_customer  -- 2:30 min
        Mon 2 Mar 10:00     open
        Mon 2 Mar 10:04:15  waiting_customer  -- 4:15 min
        Mon 2 Mar 11:30     open
        Mon 2 Mar 11:40:05  waiting_customer  -- 10:05 min, 16:50 min in all
        Mon 2 Mar 11:40:05  used 0:16:50
        Mon 2 Mar 13:00     open
        Mon 2 Mar 13:13:10  due               -- 13:10 min left
    """),
    ("pauses over days, and it began before opening", PLAIN, "resolution 4:00", """
        Mon 2 Mar 07:00     new
        Mon 2 Mar 11:00     waiting_customer  -- 2:00
        Wed 4 Mar 09:30     open
        Wed 4 Mar 10:00     waiting_customer  -- 0:30
        Thu 5 Mar 08:00     open
        Thu 5 Mar 10:30     due               -- 1:30 left at 9:00
    """),
    ("a pause over a holiday and a weekend", PARIS, "resolution 4:00", """
        Thu 30 Apr 17:00    new
        Thu 30 Apr 17:30    waiting_customer  -- 0:30
        Mon 4 May 10:00     open
        Mon 4 May 15:00     due               -- 2:00 before lunch, 1:30 from 13:30
    """),
    ("a pause that fills the day to its end", PLAIN, "resolution 2:00", """
        Thu 5 Mar 14:00     new
        Thu 5 Mar 14:30     waiting_customer
        Thu 5 Mar 15:30     open
        Thu 5 Mar 17:00     due               -- 1:30 left at 15:30
    """),
    ("a pause a second longer than that", PLAIN, "resolution 2:00", """
        Thu 5 Mar 14:00     new
        Thu 5 Mar 14:30     waiting_customer
        Thu 5 Mar 15:30:01  open
        Fri 6 Mar 09:00:01  due
    """),
    ("a pause while nobody works changes nothing", PLAIN, "resolution 4:00", """
        Mon 2 Mar 16:00     new
        Mon 2 Mar 18:00     waiting_customer
        Mon 2 Mar 18:00     used 1:00
        Tue 3 Mar 07:00     open
        Tue 3 Mar 12:00     due               -- 3:00 left at 9:00
    """),
    ("it began waiting", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     waiting_customer
        Mon 2 Mar 09:00     paused
        Mon 2 Mar 11:00     open
        Mon 2 Mar 15:00     due
    """),
    ("responses pause as well", PLAIN, "first_response 1:00", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 10:20     waiting_customer
        Mon 2 Mar 11:00     open
        Mon 2 Mar 11:40     due first_response
    """),
    ("answered, asked back, resolved", PLAIN, "first_response 1:00, resolution 4:00", """
        Mon 2 Mar 12:00     new
        Mon 2 Mar 12:40     answered
        Mon 2 Mar 12:40     waiting_customer
        Mon 2 Mar 12:40     met first_response
        Mon 2 Mar 13:10     open
        Mon 2 Mar 16:30     due               -- 3:20 left at 13:10
        Mon 2 Mar 13:40     resolved
        Mon 2 Mar 13:40     met
        Mon 2 Mar 13:40     used 1:10         -- 0:40 and 0:30
        Tue 3 Mar 13:40     closed
        Mon 2 Mar 13:40     met               -- closing adds nothing
        Tue 3 Mar 13:40     used 1:10
    """),
    ("answered 12 minutes late", PLAIN, "first_response 0:30", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 10:30     missed first_response
        Mon 2 Mar 10:42     answered
        Mon 2 Mar 10:42     used first_response 0:42
        Mon 2 Mar 10:30     missed first_response
    """),
    ("answered in the evening what is due next morning", PLAIN, "first_response 0:30", """
        Mon 2 Mar 16:50     new
        Tue 3 Mar 09:20     due first_response
        Mon 2 Mar 17:10     answered
        Mon 2 Mar 17:10     met first_response
        Mon 2 Mar 17:10     used first_response 0:10
    """),
    ("resolved a second before the time is over", PLAIN, "resolution 2:00", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 11:59:59  resolved
        Mon 2 Mar 11:59:59  met
    """),
    ("resolved as the time is over", PLAIN, "resolution 2:00", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 12:00     resolved
        Mon 2 Mar 12:00     missed
    """),
    ("resolved 20 minutes late, after a pause that came too late", PLAIN, "resolution 2:00", """
        Mon 2 Mar 10:00     new
        Mon 2 Mar 12:10     waiting_customer
        Mon 2 Mar 12:00     missed
        Mon 2 Mar 13:00     open
        Mon 2 Mar 13:10     resolved
        Mon 2 Mar 12:00     missed
        Mon 2 Mar 13:10     used 2:20
    """),
    ("reopened: it goes on with what remained", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 11:00     resolved
        Mon 2 Mar 11:00     met
        Tue 3 Mar 10:00     open
        Tue 3 Mar 12:00     due
        Tue 3 Mar 11:00     closed
        Wed 4 Mar 16:30     open
        Thu 5 Mar 09:30     due               -- 3:00 used, 0:30 on each day
    """),
    ("reopened after the time was over", PLAIN, "resolution 2:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 12:00     resolved
        Tue 3 Mar 10:00     open
        Mon 2 Mar 11:00     missed
    """),
    ("more time is promised, then less", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 11:00     promised resolution 8:00
        Mon 2 Mar 17:00     due               -- 2:00 used
        Mon 2 Mar 12:00     promised resolution 3:30
        Mon 2 Mar 12:30     due               -- 3:00 used
    """),
    ("less is promised than is used up", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 12:00     promised resolution 2:00
        Mon 2 Mar 12:00     missed
    """),
    ("another promise while it waits", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 10:00     waiting_customer
        Mon 2 Mar 11:00     promised resolution 2:00
        Mon 2 Mar 11:00     paused
        Mon 2 Mar 12:00     open
        Mon 2 Mar 13:00     due               -- 1:00 used
    """),
    ("a supplier does not stop the time", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 10:00     waiting_third_party
        Mon 2 Mar 13:00     due
    """),
    ("a supplier stops the time where agreed", PLAIN, "resolution 4:00 supplier pauses", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 10:00     waiting_third_party
        Mon 2 Mar 10:00     paused
        Mon 2 Mar 12:00     open
        Mon 2 Mar 15:00     due
    """),
    ("each question has its own deadline", PLAIN, "first_response 1:00, next_response 2:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 09:30     answered
        Mon 2 Mar 16:00     asked
        Tue 3 Mar 10:00     due next_response
        Tue 3 Mar 09:30     answered
        Tue 3 Mar 09:30     met next_response
        Tue 3 Mar 09:30     used next_response 1:30
        Tue 3 Mar 12:00     asked
        Tue 3 Mar 14:00     due next_response
        Tue 3 Mar 14:00     missed next_response
    """),
    ("a question that moved elsewhere", PLAIN, "first_response 1:00, next_response 2:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 09:30     answered
        Mon 2 Mar 10:00     asked
        Mon 2 Mar 10:30     withdrawn
        Mon 2 Mar 10:30     void next_response
    """),
    ("cancelled, and opened again", PLAIN, "resolution 4:00", """
        Mon 2 Mar 09:00     new
        Mon 2 Mar 10:00     cancelled
        Mon 2 Mar 10:00     void
        Tue 3 Mar 09:00     open
        Tue 3 Mar 12:00     due               -- 3:00 left
    """),
    ("around the clock, in the night when clocks go forward", ALWAYS, "resolution 8:00", """
        Sat 28 Mar 20:00    new
        Sun 29 Mar 05:00    due               -- 4:00 to midnight, 4:00 of a short night
        Sat 28 Mar 23:00    waiting_customer
        Sun 29 Mar 04:00    open
        Sun 29 Mar 09:00    due               -- 3:00 used
    """),
    ("at night, in the night when clocks go back", NIGHTS, "resolution 8:00", """
        Sat 24 Oct 23:00    new
        Sun 25 Oct 06:00    due               -- 1:00 to midnight, 7:00 of a long night
        Sun 25 Oct 01:00    waiting_customer  -- 2:00
        Sun 25 Oct 04:00    open
        Mon 26 Oct 02:00    due               -- 2:00 to 6:00, 2:00 to midnight, 2:00
    """),
)  # fmt: skip

STATES = (
    "new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed", "cancelled"
)  # fmt: skip
EVENTS = ("answered", "asked", "withdrawn")


def read_local(text):
    """ "Mon 2 Mar 09:00" of 2026, as it says: naive, by no particular zone."""
    day, clock = text.rsplit(" ", 1)
    parsed = datetime.strptime(f"{day} 2026", "%a %d %b %Y")
    assert f"{parsed:%a}" == text[:3], f"{text} is a {parsed:%a}"
    return parsed + timedelta(seconds=read_duration(clock))


class CaseOfYear(BaseCase):
    """What the tables have in common: one line of working time for each calendar."""

    lines = {}

    def line(self, calendar):
        if calendar not in self.lines:
            self.lines[calendar] = calendar.get_line(date(2026, 1, 1), date(2026, 12, 31))
        return self.lines[calendar]

    def at(self, calendar, text):
        """The instant (naive UTC) at which it is ``text`` there."""
        return calendar.to_utc(read_local(text))


class TestWorkingHours(CaseOfYear):
    """When working time is used up, and how much lies between two instants."""

    def test_time_is_used_up_then(self):
        for calendar, start, duration, end, why in ADDED:
            with self.subTest(why, start=start):
                start, end = self.at(calendar, start), self.at(calendar, end)
                seconds = read_duration(duration)
                self.assertEqual(self.line(calendar).add(start, seconds), end)
                self.assertEqual(self.line(calendar).between(start, end), seconds)

    def test_time_between(self):
        for calendar, start, end, duration, why in BETWEEN:
            with self.subTest(why, start=start):
                start, end = self.at(calendar, start), self.at(calendar, end)
                self.assertEqual(self.line(calendar).between(start, end), read_duration(duration))

    def test_what_is_worked_and_what_is_not(self):
        """The opening instant is worked, the closing one is not."""
        for rows, seconds in ((WORKED, 1), (NOT_WORKED, 0)):
            for calendar, texts in rows:
                words = texts.split()
                for text in (" ".join(words[n : n + 4]) for n in range(0, len(words), 4)):
                    with self.subTest(at=text):
                        at = self.at(calendar, text)
                        worked = self.line(calendar).between(at, at + timedelta(seconds=1))
                        self.assertEqual(worked, seconds)

    def test_periods_one_after_another(self):
        periods = [tuple(self.at(CREW, text) for text in pair) for pair in PERIODS_OF_CREW]
        line = self.line(CREW)
        self.assertEqual(line.ahead(self.at(CREW, "Sun 1 Mar 00:00"), len(periods)), periods)
        # From within a period what is left of it comes first.
        noon = self.at(CREW, "Mon 2 Mar 12:00")
        self.assertEqual(line.ahead(noon, 2), [(noon, periods[0][1]), periods[1]])

    def test_wall_clocks_are_those_instants(self):
        for calendar, local, utc in (
            (PARIS, "Sat 28 Mar 11:00", "Sat 28 Mar 10:00"),
            (PARIS, "Mon 30 Mar 10:00", "Mon 30 Mar 08:00"),
            (NEW_YORK, "Fri 6 Mar 17:00", "Fri 6 Mar 22:00"),
            (NEW_YORK, "Mon 9 Mar 09:00", "Mon 9 Mar 13:00"),
            (KOLKATA, "Tue 3 Mar 10:00", "Tue 3 Mar 04:30"),
            (ALWAYS, "Sun 29 Mar 03:30", "Sun 29 Mar 01:30"),
        ):
            with self.subTest(at=local):
                self.assertEqual(self.at(calendar, local), read_local(utc))


class TestStories(CaseOfYear):
    """What becomes of a ticket's promises."""

    def test_stories(self):
        for name, calendar, promised, lines in STORIES:
            with self.subTest(name):
                Story(self, calendar, promised).read(lines)


class Story:
    """Reads the lines of one of ``STORIES``, and checks what they expect."""

    def __init__(self, case, calendar, promised):
        self.case, self.calendar = case, calendar
        self.pauses = promised.endswith("supplier pauses")
        self.terms = {
            metric: self.make_terms("0:00")
            for metric in ("first_response", "next_response", "resolution")
        }
        for promise in promised.split(", "):
            metric, duration = promise.split()[:2]
            self.terms[metric] = self.make_terms(duration)
        self.agreed, self.transitions, self.events = [], [], []

    def make_terms(self, duration):
        return Terms(
            target=read_duration(duration),
            hours=self.case.line(self.calendar),
            pause_on_third_party=self.pauses,
            imminent=1800,
        )

    def read(self, lines):
        for line in lines.strip().splitlines():
            self.line = line.partition("--")[0].strip()
            *day, what = self.line.split(maxsplit=4)
            at = self.case.at(self.calendar, " ".join(day))
            what, *about = what.split()
            if not self.agreed:
                self.begun_at, self.agreed = at, [(at, dict(self.terms))]
            if what in STATES:
                self.transitions.append((at, what))
                self.last_at = at
            elif what in EVENTS:
                self.events.append((at, what))
                self.last_at = at
            else:
                getattr(self, f"read_{what}")(at, *about)

    def read_promised(self, at, metric, duration):
        self.last_at = at
        self.terms[metric] = self.make_terms(duration)
        self.agreed.append((at, dict(self.terms)))

    # What is expected

    def clock(self, metric, now=None):
        """The last clock of ``metric``, as it is as the last thing has happened, or ``now``."""
        now = now or self.last_at
        clocks = fold(self.begun_at, self.agreed, self.transitions, self.events, now)
        return [clock for clock in clocks if clock.metric == metric][-1]

    def expect(self, found, expected):
        self.case.assertEqual(found, expected, self.line)

    def read_due(self, at, metric="resolution"):
        clock = self.clock(metric)
        self.expect((clock.state, clock.deadline), ("running", at))

    def read_warned(self, at):
        self.expect(self.clock("resolution").warning_at, at)

    def read_imminent(self, at):
        self.expect(self.clock("resolution").imminent_at, at)

    def read_met(self, at, metric="resolution"):
        clock = self.clock(metric)
        self.expect((clock.state, clock.reached_at), ("met", at))

    def read_missed(self, at, metric="resolution"):
        clock = self.clock(metric, max(at, self.last_at))
        self.expect((clock.state, clock.breached_at), ("missed", at))
        if self.last_at < at:
            self.expect(self.clock(metric, at - timedelta(seconds=1)).state, "running")

    def read_paused(self, at, metric="resolution"):
        clock = self.clock(metric)
        self.expect((clock.state, clock.deadline), ("paused", None))

    def read_void(self, at, metric="resolution"):
        self.expect(self.clock(metric).state, "void")

    def read_used(self, at, *about):
        *metric, duration = about
        self.expect(self.clock(*metric or ["resolution"]).consumed, read_duration(duration))
