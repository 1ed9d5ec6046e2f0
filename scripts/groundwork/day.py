"""Another day than today: `make test DAY=2028-02-29`, or with a time (UTC), DAY="2028-02-29 23:30".

Python's clocks begin at that instant and go on from there, in every Odoo that is started but for
those that make templates. PostgreSQL goes by the real clock, which others use as well: databases of
such a run have a `now()` of their own (`databases.clone`). A browser has the real clock.

As a program, `python -m groundwork.day MODULE ...` runs a module on that day.
"""

import contextlib
import contextvars
import os
import runpy
import sys
from datetime import datetime, timedelta, timezone

from . import Trouble

SHIFT = "TELECOM_DAY_SHIFT"  # in seconds, for processes that this one starts
_is_today = contextvars.ContextVar("is_today", default=False)


def shift() -> timedelta | None:
    """What the wanted day is away from the real clock; None where today is fine."""
    if _is_today.get():
        return None
    if SHIFT not in os.environ:
        text = os.environ.get("DAY", "").strip()
        if not text:
            return None
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        try:
            wanted = datetime.fromisoformat(text)
        except ValueError:
            raise Trouble(f"DAY={text} is no day such as 2028-02-29") from None
        if len(text) == len("2028-02-29"):
            wanted = datetime.combine(wanted, now.time())
        os.environ[SHIFT] = str(round((wanted - now).total_seconds()))
    return timedelta(seconds=int(os.environ[SHIFT]))


@contextlib.contextmanager
def today():
    """What this thread does inside is done today: other days have no use for it."""
    token = _is_today.set(True)
    try:
        yield
    finally:
        _is_today.reset(token)


def python(module: str) -> list[str]:
    """The command line that runs a Python module on the wanted day."""
    return [sys.executable, "-m", *([] if shift() is None else ["groundwork.day"]), module]


def main() -> None:
    from freezegun import freeze_time

    seconds, get_mtime = shift().total_seconds(), os.path.getmtime
    freeze_time(datetime.now(timezone.utc) + shift(), tick=True).start()
    # Files are as old as they are: or else Odoo would sweep away sessions that have just begun.
    os.path.getmtime = lambda path: get_mtime(path) + seconds
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
