"""Tests run beside a desk that is open, and beside one another: the Odoos they start take ports
that nobody uses, and a configuration that is whole."""

import configparser
import contextlib
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from groundwork import cluster, databases, odoo_server, settings, templates
from groundwork.settings import PROJECT
from groundwork.tests import pytest_command, scratch

# Odoo's own choice, and that of `make run`.
HTTP_PORT, GEVENT_PORT = 8069, 8072

TAKE = """
from groundwork import odoo_server
odoo_server.PORTS = range({start}, {start} + 100)
print(*(odoo_server.free_port() for _ in range(40)), flush=True)
input()
"""


@contextlib.contextmanager
def taken(*ports):
    """Somebody listens there, this test where nobody else does."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            listener = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                listener.listen()
        yield


def test_odoos_test_runner_starts_while_its_usual_ports_are_taken():
    cluster.connect_environment()
    name = scratch("ports")
    try:
        with taken(HTTP_PORT, GEVENT_PORT):
            templates.clone("test", name)
            # It opens its port before the first test, and ends without if it cannot.
            job = templates.install(
                name, "a test runner", "--test-tags", "/telecom_helpdesk:NoSuchTest"
            )
    finally:
        databases.drop(name)
    assert job.returncode == 0
    assert not [line for line in job.lines if "is in use" in line]


def test_command_lines_name_ports_of_their_own():
    chosen = []
    for line in (
        odoo_server.free_ports(),
        odoo_server.free_ports(),
        odoo_server.OdooServer("some_database").command_line(),
    ):
        chosen += [line[line.index(option) + 1] for option in ("--http-port", "--gevent-port")]
    [gevent] = [text for text in pytest_command("some_database") if "gevent-port" in text]
    chosen.append(gevent.rpartition("=")[2])
    assert len(set(chosen)) == len(chosen)
    assert not {str(HTTP_PORT), str(GEVENT_PORT)} & set(chosen)


def test_two_processes_never_get_the_same_port(monkeypatch):
    start = odoo_server.free_port()
    start = min(start, odoo_server.PORTS[-1] - 100)
    other = subprocess.Popen(
        [sys.executable, "-c", TAKE.format(start=start)], cwd=PROJECT / "scripts", text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with other:
        theirs = {int(port) for port in other.stdout.readline().split()}
        monkeypatch.setattr(odoo_server, "PORTS", range(start, start + 100))
        ours = {odoo_server.free_port() for _ in range(40)}
        other.stdin.close()
    assert (len(theirs), len(ours)) == (40, 40)
    assert not theirs & ours


def test_many_threads_of_one_process_write_the_configuration_at_once(tmp_path, monkeypatch):
    """`make test` starts an Odoo in each of its threads, and each start writes it."""
    monkeypatch.setattr(settings, "GROUND", tmp_path)
    ready = threading.Barrier(16)

    def write(_number):
        ready.wait()
        return [settings.write_odoo_conf().read_text() for _time in range(20)]

    with ThreadPoolExecutor(16) as pool:
        texts = [text for read in pool.map(write, range(16)) for text in read]
    [text] = set(texts)
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    assert dict(parser["options"]).items() >= settings.LOCAL.items()
    assert [path.name for path in tmp_path.iterdir()] == ["odoo.conf"]
