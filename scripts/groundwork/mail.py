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
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP

from . import Trouble
from .settings import odoo_root

SIZE_LIMIT = 50 * 2**20  # bytes
GATEWAY_TIMEOUT = 300  # seconds
EX_NOUSER = 67  # of sysexits.h: there is nobody at this address


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

    def wait_for(self, number: int, timeout: float = 30) -> list[Mail]:
        """Returns all mails once there are at least `number`; `TimeoutError` otherwise."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= number, timeout):
                raise TimeoutError(f"{len(self.mails)} mails arrived in {timeout} s, not {number}")
            return list(self.mails)


class Gateway(Listener):
    """SMTP in: hands each mail to Odoo's own `odoo-mailgate.py`, as a mail server's pipe would.

    A mail is accepted once Odoo has committed it. Otherwise the sender keeps it: with a temporary
    refusal (451), or a final one (550) where Odoo says that nobody has that address.

    `user` and `password` are those of an Odoo user who may receive mail; `user` is a database id.
    """

    def __init__(
        self,
        odoo_port: int,
        database: str,
        *,
        port: int = 0,
        user: int = 2,
        password: str = "admin",
        on_mail: Callable[[str, list[str], str], None] = lambda sender, recipients, answer: None,
    ):
        super().__init__(port)
        self.odoo_port = odoo_port
        self.database = database
        self.user = user
        self.password = password
        self.on_mail = on_mail
        self.script = mailgate_script()

    def deliver(self, sender: str, recipients: list[str], content: bytes) -> str:
        answer = self._feed(trace_headers(sender, recipients) + seven_bit(content))
        self.on_mail(sender, recipients, answer)
        return answer

    def _feed(self, content: bytes) -> str:
        try:
            done = subprocess.run(
                [sys.executable, "-X", "utf8", str(self.script), "--host", "127.0.0.1",
                 "--port", str(self.odoo_port), "--database", self.database,
                 "--userid", str(self.user), "--password", self.password, "--retry-status"],
                input=content, capture_output=True, timeout=GATEWAY_TIMEOUT, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"451 4.3.0 the mail gateway failed: {type(error).__name__}"
        if done.returncode == 0:
            return "250 OK"
        said = " ".join(done.stderr.decode(errors="replace").split())[:200]
        if done.returncode == EX_NOUSER:
            return "550 5.1.1 nobody has this address here"
        return f"451 4.3.0 the mail gateway answered {done.returncode} {said}".strip()


def mailgate_script() -> Path:
    """Odoo's own script for mail servers."""
    for folder in ("odoo/addons", "addons"):
        script = odoo_root() / folder / "mail" / "static" / "scripts" / "odoo-mailgate.py"
        if script.is_file():
            return script
    raise Trouble("this Odoo has no mail/static/scripts/odoo-mailgate.py")


def trace_headers(sender: str, recipients: list[str]) -> bytes:
    """What the last mail server on the way adds: whom the envelope named, and from whom."""
    lines = [f"Return-Path: <{sender or ''}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in recipients]
    return "".join(f"{line}\r\n" for line in lines).encode()


def seven_bit(content: bytes) -> bytes:
    """The same mail in bytes that Odoo's script, which reads UTF-8 text, can take.

    A mail with raw 8-bit text in another charset is encoded as a relay without 8BITMIME would do.
    """
    try:
        content.decode()
    except UnicodeDecodeError:
        policy = email.policy.compat32.clone(linesep="\r\n", cte_type="7bit")
        return email.message_from_bytes(content, policy=policy).as_bytes()
    return content
