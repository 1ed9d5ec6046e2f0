"""Timers with several windows at once: of an agent's timers one runs, and time is logged once."""

from concurrent.futures import ThreadPoolExecutor

import live
import pytest
from groundwork import odoo_server

WINDOWS = 4

PREPARE = live.PREPARE.replace(
    "env.cr.commit()",
    f"""
env["hr.employee"].create({{"name": "Julie Martin", "user_id": agent.id}})
env["telecom.ticket"].create([
    {{"name": f"Ticket {{n}}", "partner_id": customer.id}} for n in range({WINDOWS})
])
env.cr.commit()
""",
)


@pytest.fixture(scope="module")
def database():
    with live.database(PREPARE) as name:
        yield name


def test_windows_that_start_timers_at_once_leave_one_that_runs(database):
    with odoo_server.OdooServer(database) as server, ThreadPoolExecutor(WINDOWS) as pool:
        windows = [live.Agent(server.url, database, "julie") for _window in range(WINDOWS)]
        ids = [ticket["id"] for ticket in windows[0].tickets()][:WINDOWS]

        def start(window, ticket_id):
            # ``Agent`` fails on any error that the browser would show.
            return window.call("telecom.ticket", "action_timer_start", [ticket_id])

        list(pool.map(start, windows, ids))
        assert live.query(
            database,
            "SELECT count(*), count(running_since) FROM telecom_ticket_timer",
        ) == [(WINDOWS, 1)]
        # The same ticket in all windows
        list(pool.map(start, windows, ids[:1] * WINDOWS))
        assert live.query(
            database, "SELECT ticket_id FROM telecom_ticket_timer WHERE running_since IS NOT NULL"
        ) == [(ids[0],)]

        def stop(window):
            dialog = window.call("telecom.timer.stop", "create", [{"ticket_id": ids[0]}])
            route = "/web/dataset/call_button"
            params = {"model": "telecom.timer.stop", "method": "action_log"}
            answer = window.session.post(
                window.url + route,
                json={"params": {**params, "args": [dialog], "kwargs": {}}},
                timeout=live.PATIENCE,
            ).json()
            return answer.get("error", {}).get("data", {}).get("message", "logged")

        answers = sorted(pool.map(stop, windows))
    assert answers.pop() == "logged"
    assert all(answer.startswith("No timer of yours") for answer in answers)
    assert live.query(
        database, "SELECT count(*) FROM account_analytic_line WHERE ticket_id = %s", ids[0]
    ) == [(1,)]
