"""Sharing out with several servers on one database: no turn is given twice."""

from collections import Counter

import live
import pytest
from due_workers import COMMIT, START, operator_on

TICKETS = 150
AGENTS = 3

PREPARE = f"""
agents = env["res.users"].with_context(no_reset_password=True).create(
    [
        {{
            "name": f"Agent {{n}}",
            "login": f"turn{{n}}",
            "group_ids": [(4, env.ref("telecom_helpdesk.group_agent").id)],
        }}
        for n in range({AGENTS})
    ]
)
teams = env["telecom.ticket.team"].create(
    [
        {{
            "name": method,
            "assignment_method": method,
            "member_ids": [(6, 0, agents.ids)],
            "resource_calendar_id": False,
        }}
        for method in ("round_robin", "least_loaded")
    ]
)
env["telecom.ticket"].create(
    [{{"name": f"Ticket {{n}}", "team_id": teams[METHOD].id}} for n in range({TICKETS})]
)
{COMMIT}
"""


@pytest.fixture(params=["round_robin", "least_loaded"])
def operator(request):
    prepare = PREPARE.replace("METHOD", str(["round_robin", "least_loaded"].index(request.param)))
    with live.database(prepare) as prepared, operator_on(prepared) as operator:
        yield operator


def test_two_servers_share_turns_evenly_and_give_none_twice(operator):
    with operator.gate(START):
        workers = [operator.start(), operator.start()]
        operator.wait_for_workers_at(START, 2)
    for worker in workers:
        operator.finish(worker)
    rows = operator.query("SELECT user_id FROM telecom_ticket ORDER BY id")
    assert Counter(user_id for (user_id,) in rows) == Counter(
        {user_id: TICKETS // AGENTS for (user_id,) in set(rows)}
    )
    assert len(set(rows)) == AGENTS
    assert operator.query("SELECT count(*) FROM telecom_ticket WHERE user_id IS NULL") == [(0,)]
    assert operator.query("SELECT count(*) FROM telecom_ticket_due") == [(0,)]
    # One note a ticket, and each ticket handled by one server.
    assert operator.query(
        "SELECT count(*), count(DISTINCT res_id) FROM mail_message "
        "WHERE model = 'telecom.ticket' AND body LIKE '%Assigned to%'"
    ) == [(TICKETS, TICKETS)]
    assert operator.query("SELECT count(*), count(DISTINCT row_id) FROM handled") == [
        (TICKETS, TICKETS)
    ]
