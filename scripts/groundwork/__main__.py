"""Command line behind the Makefile: `python -m groundwork COMMAND ...`."""

import argparse
import errno
import os
import sys

import psycopg2.errors

from . import Trouble, cluster, databases, i18n, lint, lock, run, send_mail, templates, tests
from .odoo_server import command, environment
from .progress import say


def odoo(arguments: list[str]) -> int:
    """Becomes Odoo, with these arguments."""
    cluster.connect_environment()
    line = command(*arguments)
    os.execve(line[0], line, environment())


def db(arguments: list[str]) -> int:
    """Makes a fresh database with all addons."""
    parser = argparse.ArgumentParser(prog="groundwork db", description=db.__doc__)
    parser.add_argument("name")
    parser.add_argument("--demo", action="store_true", help="with demo data")
    options = parser.parse_args(arguments)
    cluster.connect_environment()
    databases.check_ours(databases.check_name(options.name))
    templates.clone("demo" if options.demo else "test", options.name)
    databases.reset_clock(options.name)
    say(f"database {options.name} is ready (login admin, password admin)")
    return 0


def stop(arguments: list[str]) -> int:
    """Stops the private PostgreSQL cluster."""
    say("PostgreSQL stopped" if cluster.stop() else "PostgreSQL was not running")
    return 0


def clean(arguments: list[str]) -> int:
    """Stops and removes the private PostgreSQL cluster."""
    cluster.remove()
    return 0


COMMANDS = {
    "odoo": odoo,
    "run": run.main,
    "send-mail": send_mail.main,
    "test": tests.main,
    "lint": lint.main,
    "i18n": i18n.main,
    "lock": lock.main,
    "db": db,
    "stop": stop,
    "clean": clean,
}


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"usage: python -m groundwork {{{','.join(COMMANDS)}}} ...", file=sys.stderr)
        return 2
    if sys.argv[1] not in ("test", "db"):
        os.environ.pop("DAY", None)
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except Trouble as trouble:
        print(f"\nground: {trouble}", file=sys.stderr)
        return 1
    except (OSError, psycopg2.errors.DiskFull) as error:
        if isinstance(error, OSError) and error.errno != errno.ENOSPC:
            raise
        print(
            f"\nground: the disk is full ({error}): free some space and start again",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nground: interrupted", file=sys.stderr)
        return 130


sys.exit(main())
