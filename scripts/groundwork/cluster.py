"""The database server: the user's own where one is named, else a private PostgreSQL cluster.

The private one listens on a Unix socket alone and trades safety against power cuts for speed. It
stays up between commands; `make stop` stops it, `make clean` removes it.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2

from . import Trouble
from .settings import GROUND, PROJECT, private_folders, users_server

USER = "odoo"  # Odoo refuses to work as "postgres"
PORT = "5432"  # only a part of the socket's name
SOCKET_PATH_LIMIT = 107 - len(f"/.s.PGSQL.{PORT}")
SETTINGS = f"""
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 30min
random_page_cost = 1.1
jit = off
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


def connect_environment() -> dict[str, str]:
    """Sets PG* in this process for the server to use, starting the private one where needed.

    Returns those variables. They reach psycopg2, psql and Odoo the same way.
    """
    variables = users_server()
    if variables is None:
        folder = _start()
        variables = {"PGHOST": str(folder), "PGPORT": PORT, "PGUSER": USER}
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
    # Odoo takes it for the database to serve, libpq for the one to connect to.
    variables.pop("PGDATABASE", None)
    os.environ.pop("PGDATABASE", None)
    os.environ.update(variables)
    try:
        with contextlib.closing(psycopg2.connect(dbname="postgres")) as connection:
            cr = connection.cursor()
            cr.execute("""
                SELECT rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user
            """)
            may_create, role = cr.fetchone()
    except psycopg2.OperationalError as error:
        raise Trouble(
            f"no connection to the database server at {variables.get('PGHOST', 'localhost')}: "
            f"{error}The server is named by PG* variables or by odoo.conf; "
            "with neither, the project uses a private one."
        ) from error
    if not may_create:
        raise Trouble(f"the role {role} may not create databases: ALTER ROLE {role} CREATEDB")
    return variables


def stop() -> bool:
    """Stops the private cluster. Returns whether it was running."""
    for folder in private_folders():
        if (folder / "data" / "postmaster.pid").exists():
            done = _run(["pg_ctl", "stop", "-w", "-m", "fast", "-D", str(folder / "data")])
            return done.returncode == 0
    return False


def remove() -> None:
    """Stops the private cluster and removes it with all its databases."""
    stop()
    for folder in private_folders():
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    inside, outside = private_folders()
    for folder in (inside, outside):
        if (folder / "data" / "PG_VERSION").exists():
            return folder
    fits = len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT
    reachable = os.geteuid() != 0 or (
        _run(["test", "-x", str(GROUND)], programs=False).returncode == 0
    )
    if fits and reachable:
        return inside
    why = "PostgreSQL's user cannot enter it" if fits else "a socket's path would be too long in it"
    print(
        f"ground: the database cluster goes to {outside}, not to {GROUND}: {why}", file=sys.stderr
    )
    return outside


def _programs() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
    )
    initdb = found[-1] if found else shutil.which("initdb")
    if not initdb:
        raise Trouble("PostgreSQL's server programs are missing: apt-get install postgresql")
    return Path(initdb).parent


def _run(command: list[str], programs: bool = True, **options) -> subprocess.CompletedProcess:
    """Runs one of PostgreSQL's programs, as the user `postgres` where we are root."""
    if programs:
        command = [str(_programs() / command[0]), *command[1:]]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    return subprocess.run(
        command, cwd="/", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, close_fds=True, check=False, **options,
    )  # fmt: skip


def _start() -> Path:
    """Makes the private cluster where there is none, starts it where it is down."""
    with (GROUND / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = _folder()
        if not (folder / "data" / "PG_VERSION").exists():
            _make(folder)
        if _is_up(folder):
            return folder
        made_by = (folder / "data" / "PG_VERSION").read_text().strip()
        here = _programs()
        if re.match(r"\d+", here.parent.name) and here.parent.name != made_by:
            raise Trouble(
                f"the private cluster in {folder} was made by PostgreSQL {made_by}, here is "
                f"{here.parent.name}: install postgresql-{made_by}, or start anew with `make clean`"
            )
        log = folder / "postgresql.log"
        done = _run(
            ["pg_ctl", "start", "-w", "-t", "60", "-D", str(folder / "data"), "-l", str(log)]
        )
        if done.returncode:
            with contextlib.suppress(OSError):
                done.stdout += "\n".join(log.read_text().splitlines()[-15:])
            raise Trouble(
                f"the private PostgreSQL cluster does not start:\n{done.stdout}\n"
                f"Its log is {log}. A full disk is the usual cause; where the cluster itself is "
                "damaged, `make clean` removes it with its databases."
            )
        return folder


def _is_up(folder: Path) -> bool:
    try:
        psycopg2.connect(host=str(folder), port=PORT, user=USER, dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _make(folder: Path) -> None:
    """Makes the cluster aside and renames it into place."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    folder.chmod(0o700)
    aside = folder / "data.part"
    shutil.rmtree(aside, ignore_errors=True)
    done = _run(
        ["initdb", "--pgdata", str(aside), "--username", USER, "--auth", "trust",
         "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"],
    )  # fmt: skip
    if done.returncode:
        raise Trouble(f"initdb failed in {folder}:\n{done.stdout}")
    with (aside / "postgresql.conf").open("a") as file:
        file.write(f"{SETTINGS}unix_socket_directories = '{folder}'\n")
    aside.rename(folder / "data")
    (folder / "project").write_text(f"{PROJECT}\n")
