"""The clockwork with several servers on one database: real processes, real commits.

The test holds PostgreSQL advisory locks as gates; a process waits at a gate until it opens.
"""

import contextlib
import subprocess
import time

import live
import pytest
from groundwork import databases, odoo_server
from groundwork.tests import scratch

DUE_TICKETS = 300
START, SNAPSHOT, AGAIN = 71901, 71902, 71903  # gates

# Seconds that workers may take on a busy machine.
PATIENCE = 300

PREPARE = f"""
team = env["telecom.ticket.team"].create({{"name": "Voice", "auto_close_days": 7}})
tickets = env["telecom.ticket"].create(
    [{{"name": f"Ticket {{n}}", "team_id": team.id}} for n in range({DUE_TICKETS})]
)
tickets.action_resolve()
env.flush_all()
env.cr.execute(
    "UPDATE telecom_ticket SET resolved_at = resolved_at - interval '8 days' - id * interval "
    "'1 second', next_due_at = next_due_at - interval '8 days' - id * interval '1 second'"
)
env.cr.execute("CREATE TABLE handled (ticket_id integer, pid integer, id serial)")
env.cr.execute("DELETE FROM ir_cron_trigger")
env.cr.commit()
"""

# What a server's worker does, with the test looking over its shoulder.
WORKER = """
import os, time
from psycopg2.extensions import TransactionRollbackError

def gate(number):
    env.cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [number])

model = env.registry["telecom.ticket"]
on_due, run_batch = model._on_due, model._run_due_batch
seen = []

def noted_on_due(self, now):
    on_due(self, now)
    self.env.cr.execute(
        "INSERT INTO handled (ticket_id, pid) VALUES (%s, %s)", [self.id, os.getpid()]
    )
    time.sleep(0.005)
    seen.append(self.id)
    if len(seen) == DIES_AT:
        print("HALFWAY", flush=True)
        time.sleep(600)

def noted_run_batch(self):
    if WAITS_AFTER_SNAPSHOT and not seen:
        self._due_now()  # the transaction's view of the database is fixed here
        gate(SNAPSHOT)
    try:
        return run_batch(self)
    except TransactionRollbackError:
        print("CONFLICT", flush=True)
        raise

model._on_due, model._run_due_batch = noted_on_due, noted_run_batch
gate(START)
env.cr.rollback()
for run in range(RUNS):
    if run:
        gate(AGAIN)
        env.cr.rollback()
    env["telecom.ticket"]._run_due()
    print("DONE", flush=True)
"""


class Operator:
    """A database with tickets that are due, and worker processes on it."""

    def __init__(self, name):
        self.name = name
        self.workers = []

    def query(self, query, *params):
        with databases.cursor(self.name) as cr:
            cr.execute(query, params or None)
            return cr.fetchall() if cr.description else []

    def start(self, *, dies_at=0, waits_after_snapshot=False, runs=1):
        script = WORKER
        for name, value in {
            "DIES_AT": dies_at,
            "WAITS_AFTER_SNAPSHOT": waits_after_snapshot,
            "RUNS": runs,
            "START": START,
            "SNAPSHOT": SNAPSHOT,
            "AGAIN": AGAIN,
        }.items():
            script = script.replace(name, str(value))
        worker = subprocess.Popen(
            odoo_server.child_command("shell", "-d", self.name, "--no-http", "--log-level=warn"),
            env=odoo_server.environment(), text=True, cwd=odoo_server.GROUND,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        worker.stdin.write(script)
        worker.stdin.close()
        self.workers.append(worker)
        return worker

    @contextlib.contextmanager
    def gate(self, number):
        """Closed inside the block; it opens for all who wait there when the block is left."""
        with databases.cursor(self.name) as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", [number])
            yield
            cr.execute("SELECT pg_advisory_unlock(%s)", [number])

    def wait_for_workers_at(self, number, count):
        self.wait_until(
            lambda: (
                self.query(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                    "AND objid = %s AND database = (SELECT oid FROM pg_database "
                    "WHERE datname = current_database())",
                    number,
                )
                == [(count,)]
            )
        )

    def wait_until(self, condition):
        until = time.monotonic() + PATIENCE
        while not condition():
            for worker in self.workers:
                if worker.poll():
                    pytest.fail(f"a worker ended with {worker.returncode}:\n{worker.stdout.read()}")
            assert time.monotonic() < until, "the workers did not come that far"
            time.sleep(0.05)

    def read_until(self, worker, word):
        lines = []
        for line in worker.stdout:
            lines.append(line)
            if line.strip() == word:
                return lines
        pytest.fail(f"a worker ended before it said {word}:\n{''.join(lines)}")

    def finish(self, worker):
        """What ``worker`` said until its end."""
        output = worker.stdout.read()
        assert worker.wait(PATIENCE) == 0, output
        return output

    def kill(self, worker):
        """End ``worker`` as a power cut would; its transaction is soon undone."""
        worker.kill()
        worker.wait()
        worker.stdout.close()
        self.workers = [other for other in self.workers if other is not worker]

    def assert_each_handled_once(self):
        assert self.query("SELECT count(*), count(DISTINCT ticket_id) FROM handled") == [
            (DUE_TICKETS, DUE_TICKETS)
        ]
        assert self.query(
            "SELECT state, count(*) FROM telecom_ticket WHERE next_due_at IS NULL GROUP BY state"
        ) == [("closed", DUE_TICKETS)]
        assert self.query(
            "SELECT count(*), count(DISTINCT ticket_id) FROM telecom_ticket_transition "
            "WHERE state_from = 'resolved' AND state_to = 'closed'"
        ) == [(DUE_TICKETS, DUE_TICKETS)]
        assert self.query("SELECT count(*) FROM telecom_ticket WHERE due_error IS NOT NULL") == [
            (0,)
        ]

    def workers_that_handled(self):
        return {pid for (pid,) in self.query("SELECT DISTINCT pid FROM handled")}


@pytest.fixture(scope="module")
def prepared():
    """Name of a database with tickets that are due."""
    with live.database(PREPARE) as name:
        yield name


@pytest.fixture
def operator(prepared):
    operator = Operator(databases.clone(prepared, scratch("due_run")))
    try:
        yield operator
    finally:
        for worker in operator.workers:
            operator.kill(worker)
        databases.drop(operator.name)


def test_two_servers_share_what_is_due_and_double_nothing(operator):
    with operator.gate(START):
        first, second = operator.start(), operator.start()
        operator.wait_for_workers_at(START, 2)
    operator.finish(first)
    operator.finish(second)
    operator.assert_each_handled_once()
    assert len(operator.workers_that_handled()) == 2


def test_rows_changed_by_others_after_the_snapshot(operator):
    """PostgreSQL refuses to lock them, instead of skipping them: the batch is read anew."""
    with operator.gate(SNAPSHOT):
        worker = operator.start(waits_after_snapshot=True)
        operator.wait_for_workers_at(SNAPSHOT, 1)
        operator.query(
            "UPDATE telecom_ticket SET name = 'Renamed' WHERE id IN "
            "(SELECT id FROM telecom_ticket ORDER BY next_due_at LIMIT 10)"
        )
    output = operator.finish(worker)
    assert "CONFLICT" in output
    assert "DONE" in output
    operator.assert_each_handled_once()
    assert operator.query("SELECT count(*) FROM telecom_ticket WHERE name = 'Renamed'") == [(10,)]


def test_server_killed_midway_leaves_nothing_undone_and_nothing_doubled(operator):
    with operator.gate(AGAIN):
        with operator.gate(START):
            victim = operator.start(dies_at=75)
            operator.wait_for_workers_at(START, 1)
        operator.read_until(victim, "HALFWAY")
        survivor = operator.start(runs=2)
        operator.read_until(survivor, "DONE")
        # The rest of the victim's batch is still locked by it.
        [(left,)] = operator.query("SELECT count(*) FROM telecom_ticket WHERE state = 'resolved'")
        assert 0 < left <= 50
        [(soon,)] = operator.query(
            "SELECT count(*) FROM ir_cron_trigger WHERE call_at > now() AT TIME ZONE 'UTC' "
            "AND call_at < now() AT TIME ZONE 'UTC' + interval '70 seconds'"
        )
        assert soon, "the survivor comes back for them"
        operator.kill(victim)
        operator.wait_until(
            lambda: (
                operator.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND state = 'idle in transaction' AND query LIKE '%handled%'"
                )
                == [(0,)]
            )
        )
    operator.finish(survivor)
    operator.assert_each_handled_once()
    assert len(operator.workers_that_handled()) == 2
