"""Time rules with several servers on one database: each step once, whatever happens."""

import live
import pytest
from due_workers import AGAIN, COMMIT, SNAPSHOT, START, operator_on

DUE_TICKETS = 120

# Three steps, all overdue: the desk was down. The second waits for what the first does.
PREPARE = f"""
env["telecom.ticket.rule"].search([]).active = False
team = env["telecom.ticket.team"].create({{"name": "Voice"}})
tickets = env["telecom.ticket"].create(
    [{{"name": f"Ticket {{n}}", "team_id": team.id}} for n in range({DUE_TICKETS})]
)
env["telecom.ticket.rule"].create([
    {{
        "name": f"To level {{level}}", "trigger": "on_time", "after_value": level,
        "after_unit": "hours", "in_working_time": False, "measure": "since_created",
        "domain": f"[('support_level', '=', '{{level - 1}}')]", "escalate": True,
    }}
    for level in (2, 3)
] + [{{
    "name": "Critical", "trigger": "on_time", "after_value": 4, "after_unit": "hours",
    "in_working_time": False, "measure": "since_customer_message", "set_minimum_priority": "3",
}}])
env.flush_all()
env.cr.execute(
    "UPDATE telecom_ticket SET create_date = create_date - interval '1 day' - id * interval "
    "'1 second', unanswered_since = unanswered_since - interval '1 day'"
)
env.invalidate_all()
tickets._plan_due()
env.flush_all()
{COMMIT}
"""


@pytest.fixture(scope="module")
def prepared():
    """Name of a database with tickets that three rules are due on."""
    with live.database(PREPARE) as name:
        yield name


@pytest.fixture
def operator(prepared):
    with operator_on(prepared) as operator:
        yield operator


def assert_each_step_once(operator):
    steps = DUE_TICKETS * 3
    assert operator.query(
        "SELECT count(*), count(DISTINCT (ticket_id, rule_id)) FROM telecom_ticket_rule_log"
    ) == [(steps, steps)]
    notes = "SELECT count(*) FROM mail_message WHERE model = 'telecom.ticket' AND body LIKE %s"
    assert operator.query(notes, "%Rule %") == [(steps,)]
    assert operator.query(
        "SELECT support_level, priority, count(*) FROM telecom_ticket GROUP BY 1, 2"
    ) == [("3", "3", DUE_TICKETS)]
    assert operator.query("SELECT count(*) FROM telecom_ticket_due") == [(0,)]


def test_two_servers_take_each_step_once(operator):
    with operator.gate(START):
        first, second = operator.start(), operator.start()
        operator.wait_for_workers_at(START, 2)
    operator.finish(first)
    operator.finish(second)
    assert_each_step_once(operator)
    assert len(operator.workers_that_handled()) == 2


def test_tickets_that_agents_write_meanwhile(operator):
    with operator.gate(SNAPSHOT):
        worker = operator.start(waits_after_snapshot=True)
        operator.wait_for_workers_at(SNAPSHOT, 1)
        operator.query(
            "UPDATE telecom_ticket SET name = 'Renamed' WHERE id IN "
            "(SELECT ticket_id FROM telecom_ticket_due ORDER BY next_due_at LIMIT 10)"
        )
    assert "CONFLICT" in operator.finish(worker)
    assert_each_step_once(operator)
    assert operator.query("SELECT count(*) FROM telecom_ticket WHERE name = 'Renamed'") == [(10,)]


def test_server_killed_midway_takes_no_step_twice(operator):
    with operator.gate(AGAIN):
        with operator.gate(START):
            victim = operator.start(dies_at=75)
            operator.wait_for_workers_at(START, 1)
        operator.read_until(victim, "HALFWAY")
        survivor = operator.start(runs=2)
        operator.read_until(survivor, "DONE")
        operator.kill(victim)
        operator.wait_until_locks_are_gone()
    operator.finish(survivor)
    assert_each_step_once(operator)
    assert len(operator.workers_that_handled()) == 2
