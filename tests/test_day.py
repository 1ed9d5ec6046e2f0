"""`make test DAY=...`: Odoo and its database live on that day, and nothing else does."""

from datetime import datetime, timedelta

import pytest
from groundwork import Trouble, cluster, databases, day, odoo_server, templates
from groundwork.tests import scratch

ASK = """
from odoo import fields
print("CLOCKS", env.cr.now(), fields.Datetime.now(), fields.Date.today(), sep="|")
"""


@pytest.fixture
def on(monkeypatch):
    """Function that makes it another day until the test ends."""
    if day.shift() is not None:
        pytest.skip("it is another day already")
    monkeypatch.setenv(day.SHIFT, "")

    def set_day(text):
        monkeypatch.delenv(day.SHIFT)
        monkeypatch.setenv("DAY", text)

    return set_day


def ask_the_clocks(database):
    job = odoo_server.run("shell", "-d", database, "--no-http", script=ASK)
    assert job.returncode == 0, "\n".join(job.lines)
    [line] = [line for line in job.lines if "CLOCKS|" in line]
    *instants, today = line.split("|")[1:]
    return [datetime.fromisoformat(text) for text in instants], today


def test_odoo_and_its_database_live_on_the_wanted_day(on):
    cluster.connect_environment()
    name = scratch("day")
    on("2028-02-29 12:00")
    wanted = datetime(2028, 2, 29, 12)
    try:
        templates.clone("test", name)
        instants, today = ask_the_clocks(name)
        assert today == "2028-02-29"
        for instant in instants:
            assert wanted <= instant < wanted + timedelta(minutes=10)
        databases.reset_clock(name)
        with day.today():
            instants, _today = ask_the_clocks(name)
        for instant in instants:
            assert abs(instant - datetime.now()) < timedelta(minutes=10)
    finally:
        databases.drop(name)


def test_a_day_alone_has_the_present_time(on):
    on("2028-02-29")
    assert day.shift().total_seconds() % 86400 == 0


def test_what_is_no_day_is_refused(on):
    on("tomorrow")
    with pytest.raises(Trouble, match="DAY=tomorrow is no day"):
        day.shift()
