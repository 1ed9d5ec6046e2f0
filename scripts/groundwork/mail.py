"""The mail pair on the loopback: SMTP in, which feeds Odoo's mail gateway, and an SMTP sink.

Both are context managers on a port of their own choice, unless one is given::

    with Sink(folder) as sink, Gateway(server.port, database) as gateway:
        smtplib.SMTP("127.0.0.1", gateway.port).send_message(mail)
        answers = sink.wait_for(1)

Odoo sends to the sink when it is started with `smtp_arguments(sink.port)`.
"""

import asyncio
import email
import email.policy
import itertools
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP
from passlib.context import CryptContext

from . import databases
from .settings import ADDONS

SIZE_LIMIT = 50 * 2**20  # bytes
GATEWAY_TIMEOUT = 300  # seconds
KEY_NAME = "Mail gateway of the groundwork"
MAILGATE = ADDONS / "telecom_helpdesk_mail" / "static" / "scripts" / "telecom-mailgate.py"


def smtp_arguments(port: int) -> list[str]:
    """Odoo's command line options that make it send to a sink on `port`."""
    return ["--smtp", "127.0.0.1", "--smtp-port", str(port), "--email-from", "helpdesk@localhost"]


class Listener:
    """An SMTP server in a thread of its own; what it does with a mail is up to `deliver`."""

    host = "127.0.0.1"

    def __init__(self, port: int = 0):
        self.port = port

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def deliver(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Takes one mail and returns the SMTP answer, such as "250 OK". Runs in a worker thread."""
        raise NotImplementedError

    def start(self) -> None:
        """Listens from now on; `OSError` when the port is taken."""
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(
                self._loop.create_server(self._session, self.host, self.port)
            )
        except OSError:
            self._loop.close()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops listening; mails being delivered are waited for."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(GATEWAY_TIMEOUT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self):
        self._server.close()
        await self._loop.shutdown_default_executor()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    def _session(self) -> SMTP:
        session = SMTP(self, loop=self._loop, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True)
        session.line_length_limit = 2**16  # mail in the wild does not keep to 998
        return session

    async def handle_DATA(self, server, session, envelope):  # aiosmtpd's name for it
        return await self._loop.run_in_executor(
            None, self.deliver, envelope.mail_from, envelope.rcpt_tos, envelope.original_content
        )


@dataclass
class Mail:
    """A mail that arrived at a sink: the envelope, the message and, where one is kept, its file."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    path: Path | None = None


class Sink(Listener):
    """Takes every mail, keeps it in `mails` and, where a folder is given, as an .eml file."""

    def __init__(
        self,
        folder: Path | None = None,
        port: int = 0,
        on_mail: Callable[[Mail], None] = lambda mail: None,
    ):
        super().__init__(port)
        self.folder = folder
        self.on_mail = on_mail
        self.mails: list[Mail] = []
        self._arrived = threading.Condition()
        self._number = itertools.count(1)
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def deliver(self, sender: str, recipients: list[str], content: bytes) -> str:
        message = email.message_from_bytes(content, policy=email.policy.default)
        mail = Mail(sender, recipients, message)
        with self._arrived:
            if self.folder:
                stamp = time.strftime("%Y%m%d-%H%M%S")
                mail.path = self.folder / f"{stamp}-{next(self._number):04}.eml"
                aside = mail.path.with_suffix(".part")
                aside.write_bytes(content)
                aside.rename(mail.path)
            self.mails.append(mail)
            self._arrived.notify_all()
        self.on_mail(mail)
        return "250 OK"

    def wait_for(self, number: int, timeout: float = 90) -> list[Mail]:
        """Returns all mails once there are at least `number`; `TimeoutError` otherwise."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= number, timeout):
                raise TimeoutError(f"{len(self.mails)} mails arrived in {timeout} s, not {number}")
            return list(self.mails)


class Gateway(Listener):
    """SMTP in: hands each mail to our `telecom-mailgate.py`, as a mail server's pipe would.

    A mail is accepted once Odoo has committed it; otherwise it stays with the sender, who is
    refused for now (451) and tries again.

    `user` is the database id of an Odoo user who may hand over mail; the gateway makes itself a key
    for it.
    """

    def __init__(
        self,
        odoo_port: int,
        database: str,
        *,
        port: int = 0,
        user: int = 2,
        on_mail: Callable[[str, list[str], str], None] = lambda sender, recipients, answer: None,
    ):
        super().__init__(port)
        self.odoo_port = odoo_port
        self.database = database
        self.user = user
        self.on_mail = on_mail

    def start(self) -> None:
        self.settings = {
            "TELECOM_MAILGATE_URL": f"http://127.0.0.1:{self.odoo_port}",
            "TELECOM_MAILGATE_DATABASE": self.database,
            "TELECOM_MAILGATE_KEY": make_api_key(self.database, self.user),
        }
        super().start()

    def deliver(self, sender: str, recipients: list[str], content: bytes) -> str:
        answer = self._feed(trace_headers(sender, recipients) + content)
        self.on_mail(sender, recipients, answer)
        return answer

    def _feed(self, content: bytes) -> str:
        try:
            done = subprocess.run(
                [sys.executable, str(MAILGATE)], env=os.environ | self.settings,
                input=content, capture_output=True, timeout=GATEWAY_TIMEOUT, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"451 4.3.0 the mail gateway failed: {type(error).__name__}"
        if done.returncode == 0:
            return "250 OK"
        said = " ".join(done.stderr.decode(errors="replace").split())[:200]
        return f"451 4.3.0 the mail gateway answered {done.returncode} {said}".strip()


def make_api_key(database: str, user: int) -> str:
    """A key by which an Odoo user (a database id) calls Odoo's API, in place of one made before.

    Written the way Odoo does (`res.users.apikeys`), as starting an Odoo for it takes seconds.
    """
    key = secrets.token_hex(20)
    hashed = CryptContext(["pbkdf2_sha512"], pbkdf2_sha512__rounds=6000).hash(key)
    with databases.cursor(database) as cr:
        cr.execute(
            "DELETE FROM res_users_apikeys WHERE user_id = %s AND name = %s", [user, KEY_NAME]
        )
        cr.execute(
            "INSERT INTO res_users_apikeys (name, user_id, scope, key, index) "
            "VALUES (%s, %s, 'rpc', %s, %s)",
            [KEY_NAME, user, hashed, key[:8]],
        )
    return key


def trace_headers(sender: str, recipients: list[str]) -> bytes:
    """What the last mail server on the way adds: whom the envelope named, and from whom."""
    lines = [f"Return-Path: <{sender or ''}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in recipients]
    return "".join(f"{line}\r\n" for line in lines).encode()
