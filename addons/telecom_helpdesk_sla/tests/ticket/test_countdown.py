import json
from datetime import timedelta

from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged

from ..common import SlaCase, SlaCommon, frozen

HOUR = 3600


def to_epoch(text):
    return int((Datetime.to_datetime(text) - Datetime.to_datetime("1970-01-01")).total_seconds())


class CountdownCommon(SlaCommon):
    def ticket_at(self, at, **promise):
        with frozen(at):
            ticket = self.make_ticket()
            self.promise(ticket, **promise)
        return ticket

    def countdown_at(self, at, ticket):
        """What the agent's page gets at ``at``."""
        with frozen(at):
            self.env.invalidate_all()
            [values] = ticket.with_user(self.agent_voice).web_read({"sla_countdown": {}})
        return values["sla_countdown"]

    def clock_at(self, at, ticket):
        [clock] = self.countdown_at(at, ticket)["clocks"]
        return clock


class TestCountdown(CountdownCommon, SlaCase):
    """What the browser counts from, around days off, clock changes and pauses."""

    def assert_counts(self, clock, used, deadline, ahead):
        """``ahead`` are the next working intervals, as texts (UTC)."""
        self.assertEqual(clock["used"], used)
        self.assertEqual(clock["deadline"], to_epoch(deadline))
        self.assertEqual(
            clock["work"][: len(ahead)], [[to_epoch(at) for at in pair] for pair in ahead]
        )

    def test_paris_over_a_weekend_when_the_clocks_go_forward(self):
        # Friday 17:00 in Paris; an hour that day, three on Saturday, four on Monday.
        ticket = self.ticket_at("2026-03-27 16:00:00", resolution=8, calendar=self.paris)
        at_night = self.clock_at("2026-03-29 01:30:00", ticket)
        monday = [
            ("2026-03-30 07:00:00", "2026-03-30 10:00:00"),
            ("2026-03-30 11:30:00", "2026-03-30 16:00:00"),
        ]
        self.assert_counts(at_night, 4 * HOUR, "2026-03-30 12:30:00", monday)
        self.assertTrue(at_night["runs"])
        at_noon = self.clock_at("2026-03-30 11:45:30", ticket)
        left = [("2026-03-30 11:45:30", "2026-03-30 16:00:00")]
        self.assert_counts(at_noon, 7 * HOUR + 930, "2026-03-30 12:30:00", left)

    def test_berlin_when_the_clocks_go_back(self):
        # Friday 16:00 in Berlin: an hour that day, three on Monday from 8:00, now UTC+1.
        ticket = self.ticket_at("2026-10-23 14:00:00", resolution=4, calendar=self.berlin)
        clock = self.clock_at("2026-10-25 01:00:00", ticket)
        ahead = [
            ("2026-10-26 07:00:00", "2026-10-26 16:00:00"),
            ("2026-10-27 07:00:00", "2026-10-27 16:00:00"),
        ]
        self.assert_counts(clock, HOUR, "2026-10-26 10:00:00", ahead)

    def test_a_holiday_lies_ahead(self):
        ticket = self.ticket_at("2026-07-13 15:00:00", resolution=2, calendar=self.paris)
        clock = self.clock_at("2026-07-13 15:30:00", ticket)
        ahead = [
            ("2026-07-13 15:30:00", "2026-07-13 16:00:00"),
            ("2026-07-15 07:00:00", "2026-07-15 10:00:00"),
        ]
        self.assert_counts(clock, HOUR // 2, "2026-07-15 08:00:00", ahead)

    def test_a_pause_stands_still(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", resolution=8, calendar=self.paris)
        with frozen("2026-03-02 09:00:00"):
            self.set_state(ticket, "waiting_customer")
        clock = self.clock_at("2026-03-05 09:00:00", ticket)
        self.assertEqual((clock["runs"], clock["used"], clock["deadline"]), (False, HOUR, None))
        self.assertEqual(ticket.sla_percent, 12)

    def test_around_the_clock(self):
        ticket = self.ticket_at("2026-03-28 23:30:00", resolution=4)
        clock = self.clock_at("2026-03-29 02:30:00", ticket)  # over the clock change
        self.assertEqual((clock["used"], clock["work"]), (3 * HOUR, None))
        self.assertEqual(ticket.sla_percent, 75)

    def test_most_pressing_first_and_nothing_that_is_over(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", first=1, resolution=8, calendar=self.paris)

        def labels(at):
            return [clock["label"] for clock in self.countdown_at(at, ticket)["clocks"]]

        self.assertEqual(labels("2026-03-02 08:30:00"), ["First Response", "Resolution"])
        with frozen("2026-03-02 08:40:00"):
            self.agent_replies(ticket)
        self.assertEqual(labels("2026-03-02 08:50:00"), ["Resolution"])
        with frozen("2026-03-02 09:00:00"):
            self.set_state(ticket, "resolved")
        countdown = self.countdown_at("2026-03-02 09:00:00", ticket)
        self.assertEqual((countdown["state"], countdown["clocks"]), ("met", []))

    def test_a_worse_clock_comes_before_a_nearer_deadline(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", following=2, resolution=8)
        with frozen("2026-03-02 08:10:00"):
            self.agent_replies(ticket)
        with frozen("2026-03-02 14:30:00"):
            self.customer_writes(ticket)
        countdown = self.countdown_at("2026-03-02 14:40:00", ticket)
        self.assertEqual(
            [clock["label"] for clock in countdown["clocks"]], ["Resolution", "Next Response"]
        )

    def test_overrun_goes_on_while_nobody_answers(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", resolution=1, calendar=self.paris)
        with frozen("2026-03-02 10:00:00"):
            ticket._advance_sla(ticket._due_now())
        clock = self.clock_at("2026-03-02 13:00:00", ticket)  # an hour and a half of lunch
        self.assertTrue(clock["breached"])
        self.assertEqual((clock["target"], clock["used"]), (HOUR, 3 * HOUR + HOUR // 2))
        row = self.clock(ticket)
        with frozen("2026-03-02 13:00:00"):
            self.env.invalidate_all()
            self.assertEqual((row.used_hours, row.overrun_hours, row.used_percent), (3.5, 2.5, 350))

    def test_nothing_promised(self):
        self.assertFalse(self.countdown_at("2026-03-02 08:00:00", self.make_ticket()))
        draft = (
            self.env["telecom.ticket"].with_user(self.agent_voice).new({"name": "No ticket yet"})
        )
        self.assertFalse(draft.sla_countdown)

    def test_done_tickets_wait_for_nothing(self):
        """Resolved without an answer in time: missed, and off everybody's list."""
        ticket = self.ticket_at("2026-03-02 08:00:00", first=1, resolution=8)
        with frozen("2026-03-02 10:00:00"):
            self.set_state(ticket, "resolved")
        self.assertEqual((ticket.sla_state, ticket.sla_deadline), ("missed", False))
        with frozen("2026-03-02 11:00:00"):
            self.set_state(ticket, "open")
        self.assertEqual(ticket.sla_state, "missed", "that question was over with the ticket")
        self.assertFalse(ticket.sla_countdown["clocks"])

    def test_what_lies_ahead_is_short(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", resolution=400, calendar=self.paris)
        clock = self.clock_at("2026-03-02 08:00:00", ticket)
        self.assertEqual(len(clock["work"]), 11)
        self.assertLess(len(json.dumps(clock)), 700)


@tagged("post_install", "-at_install")
class TestCountdownInBrowser(CountdownCommon, HttpCase):
    """The browser counts by itself, and comes to what the server says later."""

    def run_js(self, code):
        self.browser_js(
            "/odoo",
            f"""(async () => {{
                const load = (name) =>
                    odoo.loader.modules.get(`@telecom_helpdesk_sla/sla_countdown/${{name}}`);
                const equal = (found, expected, about) => {{
                    if (JSON.stringify(found) !== JSON.stringify(expected)) {{
                        const texts = [about, found, expected].map((it) => JSON.stringify(it));
                        throw new Error(`${{texts[0]}}: ${{texts[1]}} is not ${{texts[2]}}`);
                    }}
                }};
                {code}
                console.log("test successful");
            }})().catch((error) => console.error(error.message))""",
            "odoo.isReady",
            login="agent_voice",
        )

    def test_browser_and_server_agree_as_time_passes(self):
        cases = []
        for at, promise in (
            ("2026-03-27 15:10:07", {"resolution": 8, "calendar": self.paris}),
            ("2026-10-23 13:59:59", {"resolution": 12, "calendar": self.berlin}),
            ("2026-07-13 14:20:00", {"resolution": 4, "calendar": self.paris}),
            ("2026-03-28 22:00:00", {"resolution": 30}),
        ):
            ticket = self.ticket_at(at, **promise)
            seen = self.clock_at(at, ticket)
            # Every 67 minutes, and around each instant at which it changes.
            start = Datetime.to_datetime(at)
            instants = [start + timedelta(minutes=67 * step) for step in range(110)]
            row = self.clock(ticket)
            for instant in (row.warning_at, row.imminent_at, row.deadline):
                instants += [instant - timedelta(seconds=1), instant]
            for instant in sorted(instants):
                with frozen(Datetime.to_string(instant)):
                    ticket._advance_sla(ticket._due_now())
                later = self.clock_at(Datetime.to_string(instant), ticket)
                look = row._get_urgency(instant)
                cases.append([seen, to_epoch(at), to_epoch(instant), later["used"], look])
            self.assertEqual(
                {case[-1] for case in cases}, {"on_track", "warning", "imminent", "breached"}
            )
        self.run_js(
            f"""
            const {{ readClock }} = load("countdown");
            for (const [clock, asOf, now, used, look] of {json.dumps(cases)}) {{
                const reading = readClock(clock, asOf, now);
                equal([clock.target - reading.left, reading.look], [used, look], [clock, now]);
            }}
            """
        )

    def test_durations_in_words(self):
        self.run_js(
            """
            const { formatDuration } = load("sla_countdown");
            const { roundForSpeech } = load("countdown");
            for (const [seconds, text] of [
                [0, "0 s"], [59, "59 s"], [60, "1 min"], [3599, "59 min"], [3600, "1 h"],
                [5100, "1 h 25 min"], [35999, "9 h 59 min"], [36000, "10 h"], [66600, "18 h"],
                [360000, "100 h"],
            ]) {
                equal(`${formatDuration(seconds)}`, text, seconds);
            }
            for (const [seconds, told] of [
                [0, 0], [1, 60], [61, 60], [659, 600], [3600, 3600], [5100, 4500], [36100, 36000],
            ]) {
                equal(roundForSpeech(seconds), told, seconds);
            }
            """
        )

    def test_clock_of_the_browser_is_wrong(self):
        self.run_js(
            """
            const { getServerTime, hearServerTime } = odoo.loader.modules.get(
                "@telecom_helpdesk/server_time"
            );
            const now = Date.now;
            const server = getServerTime(); // which may be another than that of the browser
            // The page knows the time already: only a clock that is slow is no cache to it.
            Date.now = () => now() - 3 * 3600 * 1000;
            const isNear = (seconds) => [0, 1, 2].includes(getServerTime() - seconds);
            try {
                hearServerTime(server);
                equal(isNear(server), true, "three hours slow");
                hearServerTime(server - 600);
                equal(isNear(server), true, "what comes from a cache is no news");
                const slow = Date.now;
                Date.now = () => slow() + 7200 * 1000;
                equal(isNear(server + 7200), true, "after two hours of sleep");
            } finally {
                Date.now = now;
            }
            """
        )

    def test_one_timer_for_all_and_none_without_them(self):
        ticket = self.ticket_at("2026-03-02 08:00:00", resolution=8)
        countdown = self.countdown_at("2026-03-02 08:00:00", ticket)
        self.run_js(
            f"""
            const {{ SlaCountdown }} = load("sla_countdown");
            const {{ mountComponent }} = odoo.loader.modules.get("@web/env");
            const {{ browser }} = odoo.loader.modules.get("@web/core/browser/browser");
            const {{ setTimeout, clearTimeout }} = browser;
            const pending = new Set();
            browser.setTimeout = (callback, ...args) => {{
                const timer = setTimeout(() => pending.delete(timer) | callback(), ...args);
                if (`${{callback}}`.includes("tick()")) {{
                    pending.add(timer);
                }}
                return timer;
            }};
            browser.clearTimeout = (timer) => pending.delete(timer) | clearTimeout(timer);
            const mount = () =>
                mountComponent(SlaCountdown, document.body, {{
                    env: odoo.__WOWL_DEBUG__.root.env,
                    props: {{ countdown: {json.dumps(countdown)} }},
                }});
            const first = await mount();
            const second = await mount();
            equal(pending.size, 1, "two countdowns");
            await new Promise((resolve) => setTimeout(resolve, 1100));
            equal(pending.size, 1, "a second later");
            first.destroy();
            equal(pending.size, 1, "one is left");
            second.destroy();
            equal(pending.size, 0, "none is left");
            """
        )
