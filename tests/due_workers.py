"""Several servers on one database that run what is due: real processes, real commits.

The test holds PostgreSQL advisory locks as gates; a process waits at a gate until it opens.
"""

import contextlib
import subprocess
import time

import pytest
from groundwork import databases, odoo_server
from groundwork.tests import scratch

START, SNAPSHOT, AGAIN = 71901, 71902, 71903  # gates

# Seconds that workers may take on a busy machine.
PATIENCE = 300

# To be run once everything is set up: the worker notes there what it handled.
COMMIT = """
env.cr.execute("CREATE TABLE handled (row_id integer, pid integer, id serial)")
env.cr.execute("DELETE FROM ir_cron_trigger")
env.cr.commit()
"""

# What a server's worker does, with the test looking over its shoulder.
WORKER = """
import os, time
from psycopg2.extensions import TransactionRollbackError

def gate(number):
    env.cr.execute("SELECT pg_advisory_xact_lock_shared(%s)", [number])

model = env.registry["MODEL"]
on_due, run_batch = model._on_due, model._run_due_batch
seen = []

def noted_on_due(self, now):
    on_due(self, now)
    before = len(seen)
    for row_id in self.ids:
        self.env.cr.execute(
            "INSERT INTO handled (row_id, pid) VALUES (%s, %s)", [row_id, os.getpid()]
        )
        seen.append(row_id)
    time.sleep(0.005)
    if before < DIES_AT <= len(seen):
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
    env["MODEL"]._run_due()
    print("DONE", flush=True)
"""


class Operator:
    """A database with rows of ``model`` that are due, and worker processes on it."""

    def __init__(self, name, model):
        self.name = name
        self.model = model
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
            "MODEL": self.model,
            "START": START,
            "SNAPSHOT": SNAPSHOT,
            "AGAIN": AGAIN,
        }.items():
            script = script.replace(name, str(value))
        return self.start_script(script)

    def start_script(self, script):
        """A process of Odoo's that runs ``script`` in its shell."""
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

    def wait_until_locks_are_gone(self):
        """Until PostgreSQL has noticed that a killed worker is no more."""
        self.wait_until(
            lambda: (
                self.query(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND state = 'idle in transaction' AND query LIKE '%handled%'"
                )
                == [(0,)]
            )
        )

    def workers_that_handled(self):
        return {pid for (pid,) in self.query("SELECT DISTINCT pid FROM handled")}


@contextlib.contextmanager
def operator_on(prepared, model="telecom.ticket.due"):
    """``Operator`` on a clone of the database ``prepared``."""
    operator = Operator(databases.clone(prepared, scratch("due_run")), model)
    try:
        yield operator
    finally:
        for worker in operator.workers:
            operator.kill(worker)
        databases.drop(operator.name)
