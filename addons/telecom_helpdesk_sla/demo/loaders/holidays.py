"""Public holidays of Strasbourg, from today on: on earlier ones the stories were lived."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.easter import easter

from odoo import fields

ZONE = ZoneInfo("Europe/Paris")
FIXED = [
    (1, 1, "Jour de l'an"),
    (5, 1, "Fête du Travail"),
    (5, 8, "Victoire 1945"),
    (7, 14, "Fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "Armistice 1918"),
    (12, 25, "Noël"),
    (12, 26, "Saint-Étienne"),
]
FROM_EASTER = [
    (-2, "Vendredi saint"),
    (1, "Lundi de Pâques"),
    (39, "Ascension"),
    (50, "Lundi de Pentecôte"),
]


def load(env):
    """Close the desk on the holidays of this year and the next."""
    calendar = env.ref("telecom_helpdesk.calendar_desk")
    leaves = env["resource.calendar.leaves"]
    if leaves.search_count([("calendar_id", "=", calendar.id)], limit=1):
        return
    today = fields.Date.today()
    days = sorted(day for year in (today.year, today.year + 1) for day in list_days(year))
    leaves.create(
        [
            {
                "name": name,
                "calendar_id": calendar.id,
                "date_from": to_utc(day),
                "date_to": to_utc(day + timedelta(days=1)) - timedelta(seconds=1),
            }
            for day, name in days
            if day > today
        ]
    )


def list_days(year):
    """Pairs (date, name)."""
    return [(date(year, month, day), name) for month, day, name in FIXED] + [
        (easter(year) + timedelta(days=days), name) for days, name in FROM_EASTER
    ]


def to_utc(day):
    """Midnight of ``day`` in Strasbourg, as naive UTC."""
    local = datetime.combine(day, time.min, ZONE)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
