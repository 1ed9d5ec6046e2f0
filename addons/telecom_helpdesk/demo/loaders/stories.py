"""The stories: who did what, when and with which service, read from ``../stories``."""

import csv
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from odoo.tools.misc import file_open

from .working_time import WorkingTime, seconds

MODULE = "telecom_helpdesk"
FOLDER = f"{MODULE}/demo/stories"
TIME_ZONE = ZoneInfo("Europe/Paris")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MARGIN = timedelta(days=120)  # around now, for the stories to lie in


@dataclass
class Story:
    """One of the stories, with the people and the service that it is played with."""

    root: Any  # its XML element
    start: datetime  # naive UTC
    contact: Any
    service: Any
    agent: str | None = None
    pace: float = 1  # longer or shorter than the story says
    ticket: Any = None

    def login(self, step):
        return step.get("by") or self.agent

    def fill(self, text):
        """``text`` with its placeholders filled in."""
        account = self.contact.commercial_partner_id
        return text.strip().format(
            service=self.service.identifier,
            reference=self.service.supplier_reference,
            site=(self.service.site_partner_id or account).city,
            customer=account.name,
            contact=self.contact.name,
            agent=(self.agent or "").title(),
        )


@dataclass(order=True)
class Step:
    at: datetime
    order: int
    story: Story = field(compare=False)
    element: Any = field(compare=False)


class Stories:
    """The stories as lived by the people of ``env``'s database up to ``now`` (naive UTC)."""

    def __init__(self, env, now):
        self.env = env
        self.now = now
        self.working_time = WorkingTime(self.ref("calendar_desk"), now - MARGIN, now + MARGIN)

    def ref(self, name):
        return self.env.ref(f"{MODULE}.{name}")

    def steps(self):
        """Every step of every story that lies in the past."""
        order = 0
        for story in [*self.history(), *self.recent()]:
            at = story.start
            for element in story.root:
                delay = seconds(element.get("after", "")) * story.pace
                at = self.working_time.add(at, delay) if delay else at
                # The wall clock's, for what happens outside working hours.
                at += timedelta(seconds=seconds(element.get("elapsed", "")))
                if at > self.now:
                    break
                order += 1
                yield Step(at, order, story, element)

    def history(self):
        """Stories of past weeks: a file per language, and a table of who lived them when."""
        stories = {}
        for language in ("fr", "de", "en"):
            stories.update((root.get("id"), root) for root in self.parse(f"{language}.xml"))
        monday = self.now.replace(tzinfo=timezone.utc).astimezone(TIME_ZONE).date()
        monday -= timedelta(days=monday.weekday())
        with file_open(f"{FOLDER}/history.csv") as source:
            for row in csv.DictReader(source):
                day = monday + timedelta(days=DAYS.index(row["day"]) - 7 * int(row["weeks_ago"]))
                start = datetime.fromisoformat(f"{day} {row['time']}").replace(tzinfo=TIME_ZONE)
                yield Story(
                    root=stories[row["story"]],
                    start=start.astimezone(timezone.utc).replace(tzinfo=None),
                    contact=self.ref(row["contact"]),
                    service=self.service(row["service"]),
                    agent=row["agent"],
                    pace=float(row["pace"]),
                )

    def recent(self):
        """Stories of the last days, each lived once, told from the instant of installation."""
        for root in self.parse("recent.xml"):
            contact = root.get("contact")
            yield Story(
                root=root,
                start=self.working_time.add(self.now, -seconds(root.get("ago"))),
                contact=self.ref(contact) if contact else self.env["res.partner"],
                service=self.service(root.get("service")),
                agent=root.get("agent"),
            )

    def parse(self, name):
        with file_open(f"{FOLDER}/{name}", "rb") as source:
            parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
            return list(etree.parse(source, parser).getroot())

    def service(self, name):
        return self.ref(f"service_{name}") if name else self.env["telecom.service"]
