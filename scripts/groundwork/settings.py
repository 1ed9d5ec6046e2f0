"""Where things are, and the configuration that Odoo runs with here."""

import configparser
import functools
import hashlib
import os
import tempfile
from pathlib import Path

from . import Trouble

PROJECT = Path(__file__).resolve().parents[2]
GROUND = PROJECT / ".ground"
ADDONS = PROJECT / "addons"
PROJECT_KEY = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:6]

# What odoo.conf says for a production server and what does not hold on the machine of a developer.
LOCAL = {
    "addons_path": str(ADDONS),
    "logfile": "",
    "proxy_mode": "False",
    "http_interface": "127.0.0.1",
    "workers": "0",
    "max_cron_threads": "1",
    "limit_time_cpu": "0",
    "limit_time_real": "0",
    "dbfilter": "",
    "db_maxconn": "32",
}
CONNECTION = {
    "db_host": "PGHOST",
    "db_port": "PGPORT",
    "db_user": "PGUSER",
    "db_password": "PGPASSWORD",
    "db_sslmode": "PGSSLMODE",
}


SERVER_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE")


@functools.cache
def production() -> dict[str, str]:
    """Options of the project's odoo.conf, as written there."""
    parser = configparser.RawConfigParser()
    try:
        parser.read(PROJECT / "odoo.conf")
    except configparser.Error as error:
        raise Trouble(f"odoo.conf cannot be read: {error}") from error
    return dict(parser["options"]) if parser.has_section("options") else {}


def users_server() -> dict[str, str] | None:
    """PG* variables of the server that the user has named by environment or odoo.conf, if any."""
    named = [name for name in SERVER_VARIABLES if os.environ.get(name)]
    if os.environ.get("PGHOST") in map(str, private_folders()):
        return None  # set by this project for its own processes
    configured = {
        variable: value
        for option, variable in CONNECTION.items()
        if (value := production().get(option, "")).strip() not in ("", "False")
    }
    if not named and not {"PGHOST", "PGPORT"} & configured.keys():
        return None
    return configured | {name: value for name, value in os.environ.items() if name.startswith("PG")}


def private_folders() -> list[Path]:
    """Where the private cluster may be, best first.

    Inside the project, unless PostgreSQL's user cannot get there (it refuses to run as root, and
    a project under /root is closed to everybody else) or the socket's path would be too long.
    """
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    outside = Path("/var/lib") if os.geteuid() == 0 else home
    return [GROUND / "pg", outside / "telecom-helpdesk" / PROJECT_KEY]


def data_dir() -> Path:
    """Odoo's data folder: one for each database server, as names of databases may meet again."""
    server = users_server()
    if server is None:
        return GROUND / "data"
    name = " ".join(server.get(variable, "") for variable in SERVER_VARIABLES)
    return GROUND / f"data-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def write_odoo_conf() -> Path:
    """Writes `.ground/odoo.conf`: the project's odoo.conf with what differs here.

    The connection is not in it: PG* variables carry it to Odoo, psycopg2 and psql alike.
    """
    parser = configparser.RawConfigParser()
    kept = {key: value for key, value in production().items() if key not in CONNECTION}
    parser["options"] = kept | LOCAL | {"data_dir": str(data_dir())}
    target = GROUND / "odoo.conf"
    # A file of its own for each call: threads of one process start Odoos at the same moment.
    with tempfile.NamedTemporaryFile("w", dir=GROUND, prefix="odoo.conf.", delete=False) as file:
        file.write("# Made from ../odoo.conf at every start: change that one.\n")
        parser.write(file)
    Path(file.name).replace(target)
    return target


@functools.cache
def odoo_root() -> Path:
    """The folder from which Python imports `odoo`."""
    import odoo.release

    return Path(odoo.release.__file__).resolve().parents[1]


@functools.cache
def odoo_version() -> str:
    """Tells one Odoo from another: package version, git revision, or the age of its files."""
    root = odoo_root()
    for folder in (root, *root.parents[:4]):
        if (folder / "version").is_file():
            return (folder / "version").read_text()
        if (folder / ".git" / "HEAD").is_file():
            head = (folder / ".git" / "HEAD").read_text().strip()
            branch = folder / ".git" / head.removeprefix("ref: ")
            return branch.read_text() if branch.is_file() else head
    return f"{root} {(root / 'odoo' / 'release.py').stat().st_mtime_ns}"
