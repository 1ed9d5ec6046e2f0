"""Mails come in by the hundred while Odoo is killed and restarted: none is lost, none doubled.

A hundred, or as many as the environment variable MAIL_STORM says::

    MAIL_STORM=1000 make test ARGS=tests/test_mail_storm.py
"""

import os
import queue
import smtplib
import threading
import time

import live
from groundwork import odoo_server
from groundwork.mail import Gateway, Sink, smtp_arguments

SENDERS = 4
# Each customer writes a first mail and answers in the same thread.
MAILS_OF_A_CUSTOMER = 4
CUSTOMERS = int(os.environ.get("MAIL_STORM") or 100) // MAILS_OF_A_CUSTOMER
MAILS = CUSTOMERS * MAILS_OF_A_CUSTOMER
KILLS = 2


def conversation(number):
    """The mails of one customer, in order."""
    sender = f"Customer {number} <customer{number}@globex.example>"
    first = live.mail(f"Line {number} is dead", "No dial tone.\n", sender)
    thread = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    return [first] + [
        live.mail(f"Re: {first['Subject']}", f"Still dead, day {day}.\n", sender, **thread)
        for day in range(1, MAILS_OF_A_CUSTOMER)
    ]


class Senders:
    """Mail servers of customers: each keeps a mail until it is accepted, and goes on in order."""

    def __init__(self, conversations, port):
        self.port = port
        self.todo = queue.SimpleQueue()
        for mails in conversations:
            self.todo.put(mails)
        self.accepted = 0
        self.refused = 0
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work) for _ in range(SENDERS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def is_done(self):
        return not any(thread.is_alive() for thread in self.threads)

    def _work(self):
        while True:
            try:
                mails = self.todo.get_nowait()
            except queue.Empty:
                return
            for mail in mails:
                while not self._send(mail):
                    time.sleep(0.2)

    def _send(self, mail):
        try:
            live.send(mail, self.port)
        except (smtplib.SMTPException, OSError):
            accepted = False
        else:
            accepted = True
        with self._lock:
            self.accepted += accepted
            self.refused += not accepted
        return accepted


def assert_each_mail_is_kept_once(database, conversations):
    rows = live.query(
        database,
        "SELECT message_id, res_id FROM mail_message "
        "WHERE model = 'telecom.ticket' AND message_type = 'email'",
    )
    tickets = dict(rows)
    sent = {mail["Message-ID"] for mails in conversations for mail in mails}
    assert tickets.keys() == sent, "lost"
    assert len(rows) == len(sent), "doubled"
    for mails in conversations:
        assert len({tickets[mail["Message-ID"]] for mail in mails}) == 1, "torn apart"
    [(count,)] = live.query(database, "SELECT count(*) FROM telecom_ticket")
    assert count == len(conversations)
    assert live.query(database, "SELECT count(*) FROM telecom_mail_quarantine") == [(0,)]


def kill_and_restart(server):
    server.kill()
    time.sleep(0.5)
    server.start()


def test_storm_by_smtp_while_odoo_is_killed(database):
    conversations = [conversation(number) for number in range(CUSTOMERS)]
    [(user,)] = live.query(database, "SELECT id FROM res_users WHERE login = 'mta'")
    with (
        Sink() as sink,
        odoo_server.OdooServer(database, arguments=smtp_arguments(sink.port)) as server,
        Gateway(server.port, database, user=user) as gateway,
    ):
        senders = Senders(conversations, gateway.port)
        senders.start()
        for kill in range(1, KILLS + 1):
            share = MAILS * kill // (KILLS + 1)
            live.wait_until(lambda share=share: senders.accepted >= share, f"{share} mails")
            assert not senders.is_done()
            kill_and_restart(server)
        live.wait_until(senders.is_done, "all mails are accepted")
    assert senders.accepted == MAILS
    assert senders.refused, "nobody noticed that Odoo was killed"
    assert_each_mail_is_kept_once(database, conversations)


def test_storm_in_a_mailbox_while_the_fetch_is_killed(database):
    conversations = [conversation(number) for number in range(CUSTOMERS)]
    with (
        live.mailbox() as mailbox,
        Sink() as sink,
        odoo_server.OdooServer(database, arguments=smtp_arguments(sink.port)) as server,
    ):
        # First all first mails, then all second ones, and so on.
        mailbox.deliver(*(mail for mails in zip(*conversations, strict=True) for mail in mails))
        box = live.Administrator(server.url, database).connect(mailbox)
        for kill in range(1, KILLS + 1):
            left = MAILS - MAILS * kill // (KILLS + 1)
            fetching = threading.Thread(
                target=fetch_until_killed, args=(server.url, database, box), daemon=True
            )
            fetching.start()
            live.wait_until(lambda left=left: mailbox.unread() <= left, f"{left} mails are left")
            assert mailbox.unread()
            kill_and_restart(server)
            fetching.join(live.PATIENCE)
        live.Administrator(server.url, database).fetch(box, mailbox)
    assert_each_mail_is_kept_once(database, conversations)


def fetch_until_killed(url, database, box):
    try:
        administrator = live.Administrator(url, database)
        while True:
            administrator.call("fetchmail.server", "fetch_mail", [box])
    except OSError:  # requests' connection errors are among them
        return
