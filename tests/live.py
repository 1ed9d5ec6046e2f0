"""A live helpdesk for tests: a database of its own, Odoo that serves it, people and their mails.

Customers write from globex.example and others, the operator is telco.example.
"""

import contextlib
import smtplib
import time
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
import requests
from groundwork import cluster, databases, imap, odoo_server, templates
from groundwork.tests import scratch

# Seconds for what usually takes one, on a busy machine.
PATIENCE = 300

PREPARE = """
domain = env["mail.alias.domain"].create({"name": "telco.example"})
env.company.write({"name": "Acme Telecom", "alias_domain_id": domain.id})
agent = env["res.users"].create({
    "name": "Julie Martin", "login": "julie", "password": "julie", "email": "julie@telco.example",
    "group_ids": [(6, 0, env.ref("telecom_helpdesk.group_agent").ids)],
})
env["telecom.ticket.team"].create({
    "name": "Voice", "alias_name": "support", "member_ids": [(6, 0, agent.ids)],
    "wait_after_reply": True,
})
customer = env["res.partner"].create({"name": "Globex", "is_company": True})
env["res.partner"].create({
    "name": "Jane Doe", "email": "Jane.Doe@globex.example", "parent_id": customer.id,
})
# The smallest user that a mail server's pipe needs.
env["res.users"].create({
    "name": "Mail server", "login": "mta", "group_ids": [(6, 0, [
        env.ref("base.group_portal").id, env.ref("telecom_helpdesk_mail.group_mail_gateway").id,
    ])],
})
# Odoo's own digest would be mailed to the agent one of these days.
env["digest.digest"].search([]).action_deactivate()
env.cr.commit()
"""


@contextlib.contextmanager
def database(prepare=PREPARE, purpose="mail"):
    """Name of a database, for ``purpose`` alone, in which Odoo's shell ran ``prepare``.

    That is, unless it says another: a team "Voice" (support@telco.example), its agent ``julie``,
    and its customer, Jane Doe of Globex.
    """
    cluster.connect_environment()
    name = templates.clone("test", scratch(purpose))
    try:
        job = odoo_server.run("shell", "-d", name, "--no-http", script=prepare)
        assert job.returncode == 0, "\n".join(job.lines[-20:])
        yield name
    finally:
        databases.drop(name)


@contextlib.contextmanager
def copy(prepared, purpose="copy"):
    """Name of a copy of database ``prepared``, made in a second where preparing takes many."""
    name = databases.clone(prepared, scratch(purpose))
    try:
        yield name
    finally:
        databases.drop(name)


def query(name, statement, *params):
    """All rows that ``statement`` finds in database ``name``."""
    with databases.cursor(name) as cr:
        cr.execute(statement, params or None)
        return cr.fetchall()


def wait_until(condition, what):
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"not after {PATIENCE} s: {what}"
        time.sleep(0.1)


class User:
    """Somebody at work in the web client; the password is the login."""

    def __init__(self, url, database, login):
        self.url = url
        self.session = requests.Session()
        self.ask("/web/session/authenticate", {"db": database, "login": login, "password": login})

    def ask(self, route, params):
        answer = self.session.post(self.url + route, json={"params": params}, timeout=PATIENCE)
        answer = answer.json()
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer.get("result")  # a method that returns None leaves it out

    def call(self, model, method, *args, **kwargs):
        return self.ask(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )


class Agent(User):
    """An agent at work."""

    def tickets(self):
        """All tickets, oldest first."""
        fields = ["number", "name", "state", "channel", "partner_id", "commercial_partner_id"]
        return self.call("telecom.ticket", "search_read", [], fields, order="id")

    def send_message(self, ticket, text):
        """Button "Send" of the ticket's chatter."""
        self.post(ticket, text, "mail.mt_comment")

    def log_note(self, ticket, text):
        self.post(ticket, text, "mail.mt_note")

    def post(self, ticket, text, subtype):
        self.ask(
            "/mail/message/post",
            {
                "thread_model": "telecom.ticket",
                "thread_id": ticket["id"],
                "post_data": {
                    "body": f"<p>{text}</p>",
                    "message_type": "comment",
                    "subtype_xmlid": subtype,
                },
            },
        )

    def messages(self, ticket):
        """What the chatter of a ticket shows, oldest first, as HTML."""
        result = self.ask(
            "/mail/thread/messages",
            {"thread_model": "telecom.ticket", "thread_id": ticket["id"], "fetch_params": {}},
        )
        messages = sorted(result["data"]["mail.message"], key=lambda message: message["id"])
        return [str(message["body"]) for message in messages]


class Administrator(User):
    """The administrator, who connects a mailbox."""

    def __init__(self, url, database):
        super().__init__(url, database, "admin")

    def connect(self, mailbox, **values):
        """Enters a mailbox as an incoming mail server, tests it, and returns its id."""
        [server] = self.call(
            "fetchmail.server",
            "create",
            [
                {
                    "name": "Mailbox",
                    "server_type": "imap",
                    "server": mailbox.host,
                    "port": mailbox.port,
                    "user": mailbox.user,
                    "password": mailbox.password,
                    **values,
                }
            ],
        )
        self.call("fetchmail.server", "button_confirm_login", [server])
        return server

    def fetch(self, server, mailbox):
        """Button "Fetch Now", until nothing in the mailbox is unread.

        The scheduled action may be at it at the same time; then the button does nothing.
        """
        wait_until(
            lambda: self.call("fetchmail.server", "fetch_mail", [server]) or mailbox.unread() == 0,
            "all mails are marked as seen",
        )


def mailbox():
    """A real IMAP server, as a context manager; skips the test where there is none."""
    pytest.importorskip("pymap", reason="the IMAP server needs Python 3.11")
    return imap.Mailbox()


def mail(subject, text, sender="Jane Doe <jane.doe@globex.example>", **headers):
    """A mail, of Jane's unless ``sender`` says another, to the support address."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "support@telco.example"
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="globex.example")
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    return message


def send(message, port):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
        server.send_message(message)
