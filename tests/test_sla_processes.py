"""Alerts with several servers on one database: each row, mail and activity once.

``SLA_ALERTS=10000`` has as many alerts due as on the worst morning of a large desk.
"""

import os

import live
import pytest
from due_workers import AGAIN, COMMIT, SNAPSHOT, START, operator_on

ALERTS = int(os.environ.get("SLA_ALERTS", "300"))
# Two promises each, both broken while the desk was down.
TICKETS = ALERTS // 2

PREPARE = f"""
# Nobody is told that a ticket was given to them.
env = env(context={{**env.context, "mail_auto_subscribe_no_notify": True}})
env["telecom.ticket.rule"].search([]).active = False
env["telecom.sla.policy"].search([]).active = False
def user(name, group):
    return env["res.users"].create({{
        "name": name, "login": name, "email": name + "@telco.example",
        "group_ids": [(6, 0, env.ref("telecom_helpdesk." + group).ids)],
    }})
leader = user("leader", "group_manager")
agents = [user(f"agent{{n}}", "group_agent") for n in range(5)]
team = env["telecom.ticket.team"].create({{
    "name": "Voice", "leader_id": leader.id, "member_ids": [(6, 0, [a.id for a in agents])],
}})
env["telecom.sla.policy"].create({{
    "name": "Standard",
    "target_ids": [(0, 0, {{
        "priority": priority, "first_response_hours": 1, "resolution_hours": 8,
    }}) for priority in "0123"],
}})
for start in range(0, {TICKETS}, 200):
    env["telecom.ticket"].create([{{
        "name": f"Ticket {{n}}", "team_id": team.id, "user_id": agents[n % 5].id,
        "priority": "1",
    }} for n in range(start, min(start + 200, {TICKETS}))])
env.flush_all()
for table, columns in {{
    "telecom_ticket": ["create_date"],
    "telecom_ticket_transition": ["at"],
    "telecom_sla_term": ["at"],
    "telecom_sla_clock": [
        "started_at", "running_since", "deadline", "warning_at", "imminent_at", "next_due_at",
    ],
}}.items():
    past = ", ".join(f"{{column}} = {{column}} - interval '2 days'" for column in columns)
    env.cr.execute(f"UPDATE {{table}} SET {{past}}")
{COMMIT}
"""


@pytest.fixture(scope="module")
def prepared():
    """Name of a database with promises that were broken while no server ran."""
    with live.database(PREPARE) as name:
        yield name


@pytest.fixture
def operator(prepared):
    with operator_on(prepared, "telecom.sla.clock") as operator:
        yield operator


def assert_each_alert_once(operator):
    def count(what, rest):
        return operator.query(f"SELECT {what} FROM {rest}")[0]

    assert count("count(*), count(DISTINCT row_id)", "handled") == (ALERTS, ALERTS)
    for kind in ("warning", "imminent", "breach"):
        assert count(
            "count(*), count(DISTINCT clock_id)", f"telecom_sla_alert WHERE kind = '{kind}'"
        ) == (ALERTS, ALERTS)
    # The agent and the leader, about the breach alone.
    assert count(
        "count(*), count(DISTINCT (mail_message_id, res_partner_id))",
        "mail_mail mail JOIN mail_mail_res_partner_rel rel ON rel.mail_mail_id = mail.id",
    ) == (ALERTS * 2, ALERTS * 2)
    told = "mail_message WHERE message_type = 'user_notification' AND model = 'telecom.ticket'"
    assert count("count(*), count(DISTINCT res_id)", told) == (ALERTS, TICKETS)
    assert count(
        "count(*), count(DISTINCT (res_id, user_id))",
        "mail_activity WHERE res_model = 'telecom.ticket'",
    ) == (TICKETS * 2, TICKETS * 2)
    assert count("count(*)", """bus_bus WHERE message LIKE '%"telecom.sla.alert"%'""") == (
        ALERTS * 2,
    )
    # A note may be about both promises.
    assert count(
        "sum(length(body) - length(replace(body, 'SLA breached', ''))) / length('SLA breached')",
        "mail_message WHERE message_type = 'notification' AND body LIKE '%SLA breached%'",
    ) == (ALERTS,)
    assert count("count(*)", "telecom_ticket WHERE sla_state = 'breached'") == (TICKETS,)
    assert count(
        "count(*)",
        "telecom_sla_clock WHERE next_due_at IS NOT NULL OR due_error IS NOT NULL "
        "OR alert_level != '3' OR state != 'missed' OR breached_at != deadline",
    ) == (0,)


def test_two_servers_tell_everybody_once(operator):
    with operator.gate(START):
        first, second = operator.start(), operator.start()
        operator.wait_for_workers_at(START, 2)
    operator.finish(first)
    operator.finish(second)
    assert_each_alert_once(operator)
    assert len(operator.workers_that_handled()) == 2


def test_tickets_that_agents_write_meanwhile(operator):
    with operator.gate(SNAPSHOT):
        worker = operator.start(waits_after_snapshot=True)
        operator.wait_for_workers_at(SNAPSHOT, 1)
        operator.query("UPDATE telecom_ticket SET name = 'Renamed' WHERE id % 50 = 0")
    assert "CONFLICT" in operator.finish(worker)
    assert_each_alert_once(operator)


def test_server_killed_midway_tells_nobody_twice_and_forgets_nobody(operator):
    with operator.gate(AGAIN):
        with operator.gate(START):
            victim = operator.start(dies_at=ALERTS // 4)
            operator.wait_for_workers_at(START, 1)
        operator.read_until(victim, "HALFWAY")
        survivor = operator.start(runs=2)
        operator.read_until(survivor, "DONE")
        # Its last batch is locked, and so are the tickets of it with what else is promised there.
        # Nobody had to wait for it.
        [(left,)] = operator.query("SELECT count(*) FROM telecom_sla_clock WHERE alert_level = '0'")
        assert 0 < left <= 100
        operator.kill(victim)
        operator.wait_until_locks_are_gone()
    operator.finish(survivor)
    assert_each_alert_once(operator)
    assert len(operator.workers_that_handled()) == 2
