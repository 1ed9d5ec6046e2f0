"""A real IMAP server on the loopback with one mailbox, which Odoo fetches from::

    with Mailbox() as mailbox:
        mailbox.deliver(mail)
        ...  # Odoo fetches from mailbox.host, mailbox.port with mailbox.user, mailbox.password
        assert not mailbox.unread()

It is pymap, from the test packages, in a process of its own; its mails are gone when it ends.
"""

import contextlib
import imaplib
import re
import socket
import subprocess
import sys
import time
from email.message import Message
from pathlib import Path

from . import Trouble
from .odoo_server import dies_with_parent, free_port

FLAGS = re.compile(rb"^\d+ \(FLAGS \(([^)]*)\)")


class Mailbox:
    """An IMAP server with one user and an inbox; use as a context manager."""

    host = "127.0.0.1"
    user = "helpdesk"
    password = "helpdesk"

    def __enter__(self):
        program = Path(sys.executable).with_name("pymap")
        if not program.is_file():
            raise Trouble("there is no pymap here, which needs Python 3.11 or newer")
        self.port = free_port()
        self._process = subprocess.Popen(
            dies_with_parent([
                str(program), "--no-service", "managesieve", "--host", self.host,
                "--port", str(self.port), "--no-tls",
                "dict", "--demo-user", self.user, "--demo-password", self.password,
            ]),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            self._wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _wait_until_up(self, timeout: float = 60) -> None:
        until = time.monotonic() + timeout
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection((self.host, self.port), timeout=5).close()
                return
            time.sleep(0.05)
        raise Trouble(f"the IMAP server does not answer on port {self.port}")

    @contextlib.contextmanager
    def connection(self):
        """An `imaplib.IMAP4` that is logged in and has the inbox open."""
        with imaplib.IMAP4(self.host, self.port, timeout=60) as connection:
            connection.login(self.user, self.password)
            connection.select()
            yield connection

    def deliver(self, *mails: Message | bytes) -> None:
        """Puts mails into the inbox, unread, as their last mail server would."""
        with self.connection() as connection:
            for mail in mails:
                content = mail.as_bytes() if isinstance(mail, Message) else mail
                status, said = connection.append("INBOX", None, None, content)
                if status != "OK":
                    raise Trouble(f"the IMAP server did not take a mail: {said}")

    def flags(self) -> list[set[str]]:
        """The flags of each mail in the inbox, such as {"\\Seen"}, in order of arrival."""
        with self.connection() as connection:
            _status, answer = connection.fetch("1:*", "(FLAGS)")
        found = [FLAGS.match(line) for line in answer if line]
        return [set(match.group(1).decode().split()) - {"\\Recent"} for match in found if match]

    def unread(self) -> int:
        """How many mails in the inbox are not marked as seen."""
        return sum("\\Seen" not in flags for flags in self.flags())
