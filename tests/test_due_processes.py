"""The scheduler with several servers on one database."""

import live
import pytest
from due_workers import AGAIN, COMMIT, SNAPSHOT, START, operator_on

DUE_TICKETS = 300

PREPARE = f"""
team = env["telecom.ticket.team"].create({{"name": "Voice", "auto_close_days": 7}})
tickets = env["telecom.ticket"].create(
    [{{"name": f"Ticket {{n}}", "team_id": team.id}} for n in range({DUE_TICKETS})]
)
tickets.action_resolve()
env.flush_all()
env.cr.execute(
    "UPDATE telecom_ticket SET resolved_at = resolved_at - interval '8 days' - id * interval "
    "'1 second'"
)
env.invalidate_all()
tickets._plan_due()
{COMMIT}
"""


@pytest.fixture(scope="module")
def prepared():
    """Name of a database with tickets that are due."""
    with live.database(PREPARE) as name:
        yield name


@pytest.fixture
def operator(prepared):
    with operator_on(prepared) as operator:
        yield operator


def assert_each_handled_once(operator):
    assert operator.query("SELECT count(*), count(DISTINCT row_id) FROM handled") == [
        (DUE_TICKETS, DUE_TICKETS)
    ]
    assert operator.query("SELECT state, count(*) FROM telecom_ticket GROUP BY state") == [
        ("closed", DUE_TICKETS)
    ]
    assert operator.query(
        "SELECT count(*), count(DISTINCT ticket_id) FROM telecom_ticket_transition "
        "WHERE state_from = 'resolved' AND state_to = 'closed'"
    ) == [(DUE_TICKETS, DUE_TICKETS)]
    assert operator.query("SELECT count(*) FROM telecom_ticket_due") == [(0,)]


def test_two_servers_share_what_is_due_and_double_nothing(operator):
    with operator.gate(START):
        first, second = operator.start(), operator.start()
        operator.wait_for_workers_at(START, 2)
    operator.finish(first)
    operator.finish(second)
    assert_each_handled_once(operator)
    assert len(operator.workers_that_handled()) == 2


def test_rows_changed_by_others_after_the_snapshot(operator):
    """PostgreSQL refuses to lock them, instead of skipping them: the batch is read anew."""
    with operator.gate(SNAPSHOT):
        worker = operator.start(waits_after_snapshot=True)
        operator.wait_for_workers_at(SNAPSHOT, 1)
        operator.query(
            "UPDATE telecom_ticket SET name = 'Renamed' WHERE id IN "
            "(SELECT ticket_id FROM telecom_ticket_due ORDER BY next_due_at LIMIT 10)"
        )
    output = operator.finish(worker)
    assert "CONFLICT" in output
    assert "DONE" in output
    assert_each_handled_once(operator)
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
        operator.wait_until_locks_are_gone()
    operator.finish(survivor)
    assert_each_handled_once(operator)
    assert len(operator.workers_that_handled()) == 2
