"""SLA by itself: a pass of alerts among ever more open tickets, and the arithmetic of deadlines.

No peer has such a pass: OCA's notices a breach when somebody saves the ticket. So the pass is
measured against itself, and a deadline against Odoo's own `resource.calendar.plan_hours`.
"""

import random
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID

from . import fill
from .contenders import Contender
from .works import Work

OPEN = [10_000, 100_000, 1_000_000]
ALERTS = 500


class AlertPass(Work):
    """The scheduled action, with `ALERTS` resolutions that have just run out."""

    title = f"SLA pass with {ALERTS} breaches due"
    repeats = 5
    most = 1.2  # times the smallest

    def __init__(self, people, quick=False):
        super().__init__(people, quick)
        self.uid, self.context = SUPERUSER_ID, {}
        self.alerts = 20 if quick else ALERTS

    def can(self, contender):
        return contender.key == "ours"

    def prepare(self, env, contender, number):
        """Have so many clocks run out a minute ago, all over the table, that did not yet."""
        env.cr.execute(
            """
            UPDATE telecom_sla_clock AS clock
               SET deadline = now.at, next_due_at = now.at,
                   warning_at = now.at - interval '2 hours',
                   imminent_at = now.at - interval '30 minutes',
                   running_since = now.at - make_interval(
                       secs => clock.target_seconds - clock.consumed_seconds),
                   alert_level = '2'
              FROM (SELECT date_trunc('second', now() AT TIME ZONE 'UTC')
                           - interval '1 minute' AS at) AS now
             WHERE clock.id IN (
                   SELECT id FROM telecom_sla_clock
                    WHERE metric = 'resolution' AND state = 'running'
                    ORDER BY hashint4extended(id, %s) LIMIT %s)
            RETURNING clock.id
            """,
            [number, self.alerts],
        )
        return [id_ for (id_,) in env.cr.fetchall()]

    def act(self, env, contender, subject):
        env["telecom.sla.clock"]._run_due()
        env.cr.execute(
            "SELECT count(*) FROM telecom_sla_alert WHERE kind = 'breach' AND clock_id = ANY(%s)",
            [subject],
        )
        if env.cr.fetchone()[0] != self.alerts:
            raise ValueError(f"{self.alerts} clocks ran out, but that many alerts there are not")


class Deadline(Work):
    """Eight working hours from any second of a year on, in a calendar with holidays."""

    title = "A deadline, 8 working hours ahead"
    unit = "deadline"
    units = 200
    repeats = 5
    most = 0.01  # times Odoo's

    def __init__(self, people, quick=False):
        super().__init__(people, quick)
        self.uid, self.context = SUPERUSER_ID, {}
        self.calendar_id = None

    def can(self, contender):
        return contender.key in ("ours", "odoo")

    def prepare(self, env, contender, number):
        if not self.calendar_id:
            self.calendar_id = make_calendar(env).id
        chance = random.Random(number)
        year = 365 * 86400
        return [
            datetime(2026, 1, 1) + timedelta(seconds=chance.randrange(year))
            for _ in range(self.units)
        ]

    def act(self, env, contender, subject):
        calendar = env["resource.calendar"].browse(self.calendar_id)
        if contender.key == "ours":
            company = env.company
            found = [calendar._work_until(company, start, 8 * 3600) for start in subject]
        else:
            found = [calendar.plan_hours(8, start, compute_leaves=True) for start in subject]
        if not all(found):
            raise ValueError(f"{contender.key}: no deadline")


class Odoo(Contender):
    key = "odoo"


def make_calendar(env):
    """Monday to Friday in Paris with a break at noon, and eleven holidays."""
    calendar = env["resource.calendar"].create(
        {
            "name": "Support",
            "tz": "Europe/Paris",
            "attendance_ids": [
                (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": start, "hour_to": stop})
                for day in range(5)
                for start, stop in ((8, 12), (13, 18))
            ],
        }
    )
    env["resource.calendar.leaves"].create(
        [
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "date_from": datetime(2026, month, 13, 22),
                "date_to": datetime(2026, month, 14, 22),
                "time_type": "leave",
            }
            for month in range(1, 12)
        ]
    )
    return calendar


def row(work, size, results, rows) -> dict:
    """One line of the table; a pass is compared with the first one in `rows`."""
    ours = results["ours"].median
    others = [line["results"]["ours"]["median"] for line in rows if line["work"] == work.title]
    base = results["odoo"].median if "odoo" in results else [*others, ours][0]
    return {
        "work": work.title,
        "unit": work.unit,
        "tickets": size,
        "results": {key: vars(result) for key, result in results.items()},
        "ratio": ours / base,
        "target": work.most,
        "passed": ours / base <= work.most,
    }


def fill_open(env, ours, people, size):
    """Make `size` open tickets that came in just now: none of their clocks is due."""
    env.cr.execute("TRUNCATE mail_mail, mail_activity RESTART IDENTITY CASCADE")
    ticket = env[ours.model].create(
        ours.values(0, people.partners[0], ours.teams[0], ours.stages["open"], people.agent)
    )
    env.flush_all()
    env.cr.precommit.run()
    fill.copy(env, ours, people, dict.fromkeys(ours.stages, ticket.id), size, years=0)
