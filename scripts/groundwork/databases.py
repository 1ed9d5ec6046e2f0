"""Databases and their files: exist, clone, rename, drop.

Names are plain: letters, digits, underscore, dash. All need `cluster.connect_environment()` first.
"""

import contextlib
import os
import re
import shutil
from pathlib import Path

import psycopg2
import psycopg2.errors

from . import Trouble, day
from .settings import data_dir

MARK = "telecom-helpdesk"  # opens the comment of every database made here


@contextlib.contextmanager
def cursor(name: str = "postgres"):
    """A cursor on database `name`, every statement in a transaction of its own."""
    connection = psycopg2.connect(dbname=name)
    try:
        connection.autocommit = True
        with connection.cursor() as cr:
            yield cr
    finally:
        connection.close()


def check_name(name: str) -> str:
    """Returns `name`, or raises `Trouble` where PostgreSQL or Odoo would not like it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", name):
        raise Trouble(f"{name!r} is no name for a database: letters, digits, _ and - only")
    return name


def filestore(name: str) -> Path:
    """Folder of the attachments of database `name`."""
    return data_dir() / "filestore" / name


def names() -> list[str]:
    """All databases of the server."""
    with cursor() as cr:
        cr.execute("SELECT datname FROM pg_database ORDER BY datname")
        return [name for (name,) in cr.fetchall()]


def exists(name: str) -> bool:
    return name in names()


def drop(name: str) -> None:
    """Drops a database with its connections and files; one that is not there is fine."""
    check_name(name)
    with cursor() as cr:
        cr.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [name])
        if row := cr.fetchone():
            if row[0]:
                cr.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            cr.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(source: str, name: str, note: str = "") -> str:
    """Makes `name` a copy of `source`, database and files, in about a second. Returns `name`.

    An existing `name` is replaced when it was made here, else `Trouble`. `note` is kept with the
    database, see `note_of`.
    """
    check_name(name)
    check_ours(name)
    drop(name)
    copy_files(source, name)
    try:
        with cursor() as cr:
            fast = "STRATEGY file_copy" if cr.connection.server_version >= 150000 else ""
            cr.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" {fast}')
    except psycopg2.Error as error:
        shutil.rmtree(filestore(name), ignore_errors=True)
        raise Trouble(f"database {name} cannot be made from {source}: {error}") from error
    set_note(name, note)
    if day.shift() is not None:
        _set_clock(name, day.shift().total_seconds())
    return name


def _set_clock(name: str, seconds: float) -> None:
    """Has `now()` in database `name` go on by another clock, so far from the real one."""
    with cursor(name) as cr:
        cr.execute(
            "CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE "
            f"AS 'SELECT pg_catalog.now() + make_interval(secs => {seconds:.0f})'"
        )
        cr.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')


def reset_clock(name: str) -> None:
    """Gives a database that is kept the real clock again."""
    with cursor(name) as cr:
        cr.execute(f'ALTER DATABASE "{name}" RESET search_path')
        cr.execute("DROP FUNCTION IF EXISTS public.now()")


def copy_files(source: str, name: str) -> None:
    """The attachments of `source` for `name`: hard links, as Odoo never writes to a stored file."""
    target = filestore(name)
    shutil.rmtree(target, ignore_errors=True)
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), target, copy_function=os.link)
    else:
        target.mkdir(parents=True)


def rename(name: str, target: str) -> None:
    """Gives a finished database its final name: files first, the database speaks for both."""
    shutil.rmtree(filestore(target), ignore_errors=True)
    if filestore(name).is_dir():
        filestore(name).rename(filestore(target))
    with cursor() as cr:
        cr.execute(f'ALTER DATABASE "{name}" RENAME TO "{target}"')


def seal(name: str) -> None:
    """Nobody connects to a template by mistake: it would go stale, and copying it would wait."""
    with cursor() as cr:
        cr.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false IS_TEMPLATE true')


def set_note(name: str, note: str) -> None:
    with cursor() as cr:
        cr.execute(f'COMMENT ON DATABASE "{name}" IS %s', [f"{MARK} {note}".strip()])


def note_of(name: str) -> str | None:
    """The note of a database made here, None for any other."""
    with cursor() as cr:
        cr.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        )
        row = cr.fetchone()
    if not row or not (row[0] or "").startswith(MARK):
        return None
    return row[0].removeprefix(MARK).strip()


def check_ours(name: str) -> None:
    """Raises `Trouble` when database `name` exists and was not made here."""
    if exists(name) and note_of(name) is None:
        raise Trouble(
            f"there is a database {name} that was not made by this project: it stays as it is; "
            "take another name, or drop it yourself"
        )
