"""Mails that come in at once, by several doors of several servers: each is one, and none is lost.

Two servers, which know nothing of one another, are handed the same mails and the same ticket's
answers, as a mail server with several deliveries does it.
"""

import base64
import contextlib
import itertools
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import live
import pytest
import requests
from groundwork import databases, odoo_server
from groundwork.mail import make_api_key

MAILS = 8
DELIVERIES = 4
ADDRESSES = ("support@telco.example", "internet@telco.example", "mobile@telco.example")

PREPARE = live.PREPARE.replace(
    "env.cr.commit()",
    """
for name in ("Internet", "Mobile"):
    env["telecom.ticket.team"].create({"name": name, "alias_name": name.lower()})
env["telecom.sla.policy"].search([]).active = False
env["telecom.sla.policy"].create({
    "name": "Everybody",
    "target_ids": [
        (0, 0, {"priority": priority, "first_response_hours": 1, "next_response_hours": 2})
        for priority in "0123"
    ],
})
env.cr.commit()
""",
)


@pytest.fixture(scope="module")
def prepared():
    with live.database(PREPARE) as name:
        yield name


class Operator:
    """Two servers of one database, whose scheduled actions wait: what is planned can be counted."""

    def __init__(self, name, servers):
        self.name = name
        self.servers = servers
        [(user,)] = live.query(name, "SELECT id FROM res_users WHERE login = 'mta'")
        self.key = make_api_key(name, user)

    def pipe(self, raw, server):
        """Hand in ``raw`` (bytes) by the pipe of a server; again, as long as that takes."""
        live.wait_until(lambda: self._pipe(raw, self.servers[server]), "the mail is taken")

    def _pipe(self, raw, server):
        answer = requests.post(
            f"{server.url}/json/2/mail.thread/telecom_receive_mail",
            json={"mail": base64.b64encode(raw).decode()},
            headers={"Authorization": f"Bearer {self.key}", "X-Odoo-Database": self.name},
            timeout=live.PATIENCE,
        )
        return answer.status_code == 200 and answer.json() is True

    def count(self, statement, *params):
        [(count,)] = live.query(self.name, f"SELECT count(*) FROM {statement}", *params)
        return count

    def receipts(self):
        """How many rows there are of each kind, as a dict."""
        return dict(
            live.query(self.name, "SELECT state, count(*) FROM telecom_mail_receipt GROUP BY state")
        )

    def assert_each_mail_is_one_ticket(self, mails):
        ids = [mail["Message-ID"] for mail in mails]
        rows = live.query(
            self.name,
            "SELECT message_id, res_id FROM mail_message "
            "WHERE message_type = 'email' AND model = 'telecom.ticket'",
        )
        assert sorted(message_id for message_id, _ticket in rows) == sorted(ids)
        assert len({ticket for _message_id, ticket in rows}) == len(ids)
        assert self.count("telecom_ticket") == len(ids)
        assert self.count("telecom_ticket WHERE acknowledge_at IS NOT NULL") == len(ids)
        assert self.count("telecom_mail_quarantine") == 0


@pytest.fixture
def operator(prepared):
    name = databases.clone(prepared, f"{prepared}_run")
    try:
        with contextlib.ExitStack() as stack:
            servers = [
                stack.enter_context(
                    odoo_server.OdooServer(name, arguments=["--max-cron-threads", "0"])
                )
                for _ in range(2)
            ]
            yield Operator(name, servers)
    finally:
        databases.drop(name)


def mail(number, **headers):
    """A first mail of a customer, to all three addresses."""
    message = live.mail(
        f"Line {number} is dead",
        "No dial tone.\n",
        f"Customer {number} <customer{number}@globex.example>",
        **headers,
    )
    message.replace_header("To", ", ".join(ADDRESSES))
    return message


def delivered(message, address):
    return f"Delivered-To: {address}\n".encode() + message.as_bytes()


def test_eight_mails_to_three_addresses_by_four_deliveries_at_once(operator):
    mails = [mail(number) for number in range(MAILS)]
    for message in mails[::2]:
        # Blind copies: only the envelope tells who it is for.
        message.replace_header("To", "everybody:;")
    todo = queue.SimpleQueue()
    for message, address in itertools.product(mails, ADDRESSES):
        todo.put(delivered(message, address))

    def deliver(number):
        with contextlib.suppress(queue.Empty):
            while True:
                operator.pipe(todo.get_nowait(), number % 2)

    with ThreadPoolExecutor(DELIVERIES) as pool:
        list(pool.map(deliver, range(DELIVERIES)))
    operator.assert_each_mail_is_one_ticket(mails)
    assert operator.receipts() == {"taken": MAILS, "copy": MAILS * (len(ADDRESSES) - 1)}


def test_mails_by_pipe_and_mailbox_at_once(operator):
    mails = [mail(number) for number in range(MAILS)]
    with live.mailbox() as mailbox:
        mailbox.deliver(*mails)
        administrator = live.Administrator(operator.servers[1].url, operator.name)
        box = administrator.connect(mailbox)
        fetching = threading.Thread(target=administrator.fetch, args=(box, mailbox))
        fetching.start()
        for message in mails:
            operator.pipe(delivered(message, ADDRESSES[0]), 0)
        fetching.join(live.PATIENCE)
        assert mailbox.unread() == 0
    operator.assert_each_mail_is_one_ticket(mails)
    assert operator.receipts() == {"taken": MAILS, "copy": MAILS}


def test_two_answers_at_once_begin_one_promise_and_both_are_kept(operator):
    first = mail(1)
    operator.pipe(first.as_bytes(), 0)
    julie = live.Agent(operator.servers[0].url, operator.name, "julie")
    [ticket] = julie.tickets()
    julie.send_message(ticket, "We are on it.")
    # Promises begin at full seconds: a second one in that of the ticket's creation is not begun.
    time.sleep(1.1)
    answers = [
        live.mail(
            f"Re: {first['Subject']}", f"Still dead, says {name}.\n",
            f"{name} <{name}@globex.example>", References=first["Message-ID"],
        )
        for name in ("customer1", "colleague")
    ]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        with databases.cursor(operator.name) as cr:
            # Both come as far as the clock that they begin, and see none.
            cr.execute("BEGIN")
            cr.execute("LOCK TABLE telecom_sla_clock IN SHARE MODE")
            pending = [
                pool.submit(operator.pipe, answer.as_bytes(), number)
                for number, answer in enumerate(answers)
            ]
            live.wait_until(
                lambda: (
                    operator.count(
                        "pg_locks WHERE NOT granted AND relation = 'telecom_sla_clock'::regclass"
                    )
                    == len(answers)
                    or all(job.done() for job in pending)
                ),
                "both wait",
            )
            cr.execute("COMMIT")
        for job in pending:
            job.result(live.PATIENCE)
    assert operator.count("telecom_mail_quarantine") == 0
    on_ticket = "message_type = 'email' AND model = 'telecom.ticket' AND res_id = %s"
    assert operator.count(f"mail_message WHERE {on_ticket}", ticket["id"]) == 1 + len(answers)
    assert operator.count("telecom_sla_clock WHERE metric = 'next_response'") == 1
    assert operator.receipts() == {"taken": 3}
