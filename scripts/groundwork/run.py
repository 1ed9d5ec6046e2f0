"""`make run`: a database with demo data, Odoo on it, mail in and mail out, in one terminal."""

import os
import re
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from . import Trouble, cluster, databases, templates
from .mail import Gateway, Sink, smtp_arguments
from .odoo_server import OdooServer
from .progress import Progress, say
from .settings import GROUND

OUTBOX = GROUND / "run" / "outbox"
LOG = GROUND / "run" / "odoo.log"
MAIL_IN_PORT = 2525
MAIL_OUT_PORT = 1025
# Who does what, by the groups that say so, and the page that they begin at.
ROLES = (
    ("managers", {"telecom_helpdesk.group_manager"}, "/odoo/helpdesk"),
    (
        "agents",
        {"telecom_helpdesk.group_agent", "telecom_helpdesk.group_incident_communicator"},
        "/odoo/helpdesk",
    ),
    (
        "accountants",
        {"account.group_account_invoice", "account.group_account_manager"},
        "/odoo/support-time-waiting",
    ),
    ("customers", {"base.group_portal"}, "/my"),
)
# What of Odoo's log goes to the terminal.
SHOWN = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) |^Traceback|^\S*(Error|Exception)\b")


def number(variable: str, default: int) -> int:
    """A port from the environment."""
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(f"{variable}={text} is no port: a number from 1 to 65535 is")
    return int(text)


def check_free(port: int, variable: str, host: str = "127.0.0.1") -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Trouble(
                f"port {port} cannot be used ({error.strerror}): another one is chosen by "
                f"`make run {variable}=...`"
            ) from error


def prepare(name: str) -> None:
    """Brings database `name` up: made from the demo template, or upgraded where addons changed."""
    databases.check_ours(databases.check_name(name))
    key = templates.addons_key()
    if not databases.exists(name) or databases.note_of(name) == "":
        templates.clone("demo", name)
    elif databases.note_of(name) != key:
        with databases.cursor(name) as cr:
            cr.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
            here = {module for (module,) in cr.fetchall()}
        update = [addon for addon in templates.our_addons() if addon in here]
        add = [addon for addon in templates.addons_to_install() if addon not in here]
        arguments = [*(["-u", ",".join(update)] if update else [])]
        arguments += ["-i", ",".join(add)] if add else []
        try:
            with templates.demo_alone(name):
                templates.install(
                    name, f"upgrading database {name} to the addons as they are", *arguments
                )
        except Trouble as trouble:
            raise Trouble(
                f"{trouble}\nThe database is as it was after the last step that worked. "
                f"A fresh one in its place: make db DB={name} DEMO=1"
            ) from trouble
        databases.set_note(name, key)


def support_addresses(name: str) -> list[str]:
    """Mail addresses that make tickets."""
    with databases.cursor(name) as cr:
        cr.execute("""
            SELECT alias.alias_name || '@' || COALESCE(domain.name, 'localhost')
              FROM mail_alias alias
              JOIN ir_model model ON model.id = alias.alias_model_id
         LEFT JOIN mail_alias_domain domain ON domain.id = alias.alias_domain_id
             WHERE model.model = 'telecom.ticket' AND alias.alias_name IS NOT NULL
          ORDER BY alias.id
        """)
        return [address for (address,) in cr.fetchall()]


def logins(name: str) -> list[tuple[str, list[str], str]]:
    """Who can log in: role, logins, and the page that they begin at; the administrator first."""
    with databases.cursor(name) as cr:
        cr.execute("""
            SELECT person.login, array_agg(data.module || '.' || data.name)
              FROM res_users person
              JOIN res_groups_users_rel member ON member.uid = person.id
              JOIN ir_model_data data ON data.res_id = member.gid AND data.model = 'res.groups'
             WHERE person.active AND person.id > 1
          GROUP BY person.id
          ORDER BY person.id
        """)
        people = dict(cr.fetchall())
    found = [("administrator", ["admin"], "/odoo")]
    people.pop("admin", None)
    for role, groups, page in ROLES:
        if theirs := [login for login, has in people.items() if groups & set(has)]:
            found.append((role, theirs, page))
            people = {login: has for login, has in people.items() if login not in theirs}
    return found


def a_customer(name: str) -> str | None:
    """Mail address of some customer with an active service."""
    with databases.cursor(name) as cr:
        cr.execute("""
            SELECT partner.email
              FROM telecom_service service
              JOIN res_partner partner ON partner.id = service.partner_id
             WHERE service.state = 'active' AND partner.active
               AND partner.email ~ '^[^ ,<]+@[^ ,>]+$'
          ORDER BY service.id
             LIMIT 1
        """)
        row = cr.fetchone()
    return row and row[0]


def banner(name: str, port: int, mail_in: int) -> str:
    addresses = support_addresses(name)
    lines = [
        "",
        f"  Odoo         http://127.0.0.1:{port}/odoo",
        "  Logins       the password is the login; where to begin:",
        *(
            f"    {role:<14} http://127.0.0.1:{port}{page:<28} {', '.join(people)}"
            for role, people, page in logins(name)
        ),
        f"  Mail in      127.0.0.1:{mail_in}  " + " ".join(addresses),
        f"  Mail out     every mail that Odoo sends lands in {OUTBOX.relative_to(Path.cwd())}/"
        if OUTBOX.is_relative_to(Path.cwd())
        else f"  Mail out     every mail that Odoo sends lands in {OUTBOX}/",
        f"  Log          {LOG}",
    ]
    if addresses:
        to = next((known for known in addresses if known.startswith("support@")), addresses[0])
        options = f" --port {mail_in}" if mail_in != MAIL_IN_PORT else ""
        if sender := a_customer(name):
            options += f" --from {sender}"
        lines.append(f"  A test mail  scripts/send-mail{options} {to} 'No dial tone in Lyon'")
    return "\n".join([*lines, "", "  Ctrl-C stops it all.", ""])


class Supervisor:
    """Runs Odoo and the mail pair until one of them ends or somebody says stop."""

    def __init__(self, name: str):
        self.name = name
        self.host = os.environ.get("HOST_INTERFACE") or "127.0.0.1"
        self.port = number("PORT", 8069)
        self.mail_in = number("MAIL_IN_PORT", MAIL_IN_PORT)
        self.mail_out = number("MAIL_OUT_PORT", MAIL_OUT_PORT)
        self.stopping = threading.Event()
        self.log = None

    def check_ports(self) -> None:
        check_free(self.port, "PORT", self.host)
        check_free(self.mail_in, "MAIL_IN_PORT")
        check_free(self.mail_out, "MAIL_OUT_PORT")

    def run(self) -> int:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, lambda *_: self.stopping.set())
        server = OdooServer(
            self.name, port=self.port, interface=self.host, on_line=self.odoo_line,
            arguments=smtp_arguments(self.mail_out),
        )  # fmt: skip
        sink = Sink(OUTBOX, self.mail_out, on_mail=self.mail_sent)
        gateway = Gateway(self.port, self.name, port=self.mail_in, on_mail=self.mail_received)
        with LOG.open("w") as self.log, sink:
            with Progress("starting Odoo"):
                server.start(interrupt=self.stopping)
            try:
                with gateway:
                    print(banner(self.name, self.port, self.mail_in), flush=True)
                    while not self.stopping.wait(0.5):
                        if server.process.poll() is not None:
                            say(f"Odoo ended by itself with exit code {server.process.returncode}:")
                            print("\n".join(server.tail), file=sys.stderr)
                            return 1
                    say("stopping")
            finally:
                server.stop()
        return 0

    def odoo_line(self, line: str) -> None:
        """The whole log goes to a file, what needs attention to the terminal."""
        self.log.write(f"{line}\n")
        self.log.flush()
        if SHOWN.match(line):
            print(f"odoo     | {line}", flush=True)

    def mail_sent(self, mail) -> None:
        to = ", ".join(mail.recipients)
        print(f"mail out | to {to}: {mail.message['subject']}  ({mail.path.name})", flush=True)

    def mail_received(self, sender: str, recipients: list[str], answer: str) -> None:
        print(f"mail in  | from {sender} to {', '.join(recipients)}: {answer}", flush=True)


def main(arguments: list[str]) -> int:
    """Serves the demo database until Ctrl-C."""
    began = time.monotonic()
    name = os.environ.get("DB") or "telecom"
    supervisor = Supervisor(name)
    supervisor.check_ports()
    cluster.connect_environment()
    prepare(name)
    say(f"database {name} is ready after {time.monotonic() - began:.0f} s")
    return supervisor.run()
