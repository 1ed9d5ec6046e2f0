"""Odoo processes: one that does a job and ends, and one that serves."""

import collections
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

from . import Trouble, day
from .settings import GROUND, write_odoo_conf

# Below the ports that the system gives to connections.
PORTS = range(20000, 30000)
_claims = {}  # port -> socket that keeps it for this process

LOG_LEVEL = re.compile(r"^\S+ \S+ \d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")


def command(*arguments: str) -> list[str]:
    """The command line that starts Odoo with these arguments."""
    return [*day.python("odoo"), *arguments]


def child_command(*arguments: str) -> list[str]:
    """The same, for an Odoo that the kernel ends when its parent was killed outright."""
    return dies_with_parent(command(*arguments))


def dies_with_parent(line: list[str]) -> list[str]:
    """Command `line`, which the kernel ends when the process that runs it was killed outright."""
    return ["setpriv", "--pdeathsig", "TERM", "--", *line] if shutil.which("setpriv") else line


def environment() -> dict[str, str]:
    """This process's environment, with the configuration that Odoo is to read."""
    return os.environ | {"ODOO_RC": str(write_odoo_conf()), "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A TCP port of the loopback that nobody uses.

    Until this process ends no other call gets the same one, in no process of any project, so that
    some time may go by before it is used.
    """
    for port in random.sample(PORTS, len(PORTS)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            # A name without a file: the kernel drops it with the process, however that ends.
            claim.bind(f"\0telecom-helpdesk-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims[port] = claim
        return port
    raise Trouble(f"no port from {PORTS[0]} to {PORTS[-1]} is free")


def free_ports() -> list[str]:
    """Options for an Odoo that runs beside others, which hold the ports that it would take."""
    return ["--http-port", str(free_port()), "--gevent-port", str(free_port())]


class Job:
    """Output of an Odoo that has ended: `returncode`, `lines`, and `errors` among them."""

    def __init__(self, returncode: int, lines: list[str]):
        self.returncode = returncode
        self.lines = lines

    def logged(self, *levels: str) -> list[str]:
        """Log lines of these levels ("WARNING", "ERROR", ...)."""
        return [
            line for line in self.lines
            if (found := LOG_LEVEL.match(line)) and found.group(1) in levels
        ]  # fmt: skip


def run(
    *arguments: str, script: str = "", on_line: Callable[[str], None] = lambda line: None
) -> Job:
    """Runs Odoo to its end, `script` on its standard input, every line of output to `on_line`."""
    process = subprocess.Popen(
        child_command(*arguments), env=environment(), text=True, errors="replace", cwd=GROUND,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = []
    try:
        process.stdin.write(script)
        process.stdin.close()
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            on_line(lines[-1])
        return Job(process.wait(), lines)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


class OdooServer:
    """An Odoo that serves one database over HTTP on the loopback; use as a context manager.

    ::

        with OdooServer("some_database") as server:
            urllib.request.urlopen(server.url + "/web/health")

    `arguments` go to Odoo's command line as they are; `on_line` gets each line of its output.
    Leaving the block stops it and waits for its end.
    """

    def __init__(
        self,
        database: str,
        *,
        port: int | None = None,
        interface: str = "127.0.0.1",
        arguments: Iterable[str] = (),
        on_line: Callable[[str], None] = lambda line: None,
    ):
        self.database = database
        self.port = port or free_port()
        self.gevent_port = free_port()
        self.interface = interface
        self.url = f"http://127.0.0.1:{self.port}"
        self.arguments = list(arguments)
        self.on_line = on_line
        self.tail = collections.deque(maxlen=40)
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def command_line(self) -> list[str]:
        return child_command(
            "server", "--database", self.database, f"--db-filter=^{self.database}$",
            "--http-port", str(self.port), "--gevent-port", str(self.gevent_port),
            "--http-interface", self.interface, *self.arguments,
        )  # fmt: skip

    def start(self, timeout: float = 120, interrupt: threading.Event | None = None) -> None:
        """Starts the process and waits until it answers; `Trouble` when it does not.

        Setting `interrupt`, from a signal handler say, ends the waiting with KeyboardInterrupt.
        """
        self.process = subprocess.Popen(
            self.command_line(), env=environment(), text=True, errors="replace", cwd=GROUND,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal is for the one who started this, who then stops it.
            start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_until_healthy(timeout, interrupt)
        except BaseException:
            self.stop()
            raise

    def wait_until_healthy(
        self, timeout: float = 120, interrupt: threading.Event | None = None
    ) -> None:
        """Returns once the database is loaded and pages are served."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if interrupt and interrupt.is_set():
                raise KeyboardInterrupt
            if self.process.poll() is not None:
                self._reader.join(5)
                last = "\n".join(self.tail)
                raise Trouble(f"Odoo ended with exit code {self.process.returncode}:\n{last}")
            # Odoo opens its port before the database is loaded; this page needs both.
            with (
                contextlib.suppress(OSError, urllib.error.URLError),
                urllib.request.urlopen(f"{self.url}/web/login", timeout=30) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise Trouble(f"Odoo does not answer on {self.url} after {timeout:.0f} s")

    def stop(self, timeout: float = 20) -> int | None:
        """Stops the process, kindly first. Returns its exit code, None if it never ran."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._reader.join(5)
        return self.process.returncode

    def kill(self) -> None:
        """Ends the process without any farewell, as a crash would."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        for line in self.process.stdout:
            line = line.rstrip("\n")
            self.tail.append(line)
            self.on_line(line)
