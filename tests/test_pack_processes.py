"""Packs of hours with several people at once: no hour covers two pieces of work."""

import live
import pytest
from due_workers import COMMIT, START, Operator
from groundwork import databases
from groundwork.tests import scratch

PREPARE = f"""
env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
def user(name, group):
    return env["res.users"].create({{
        "name": name, "login": name, "email": name + "@telco.example",
        "group_ids": [(6, 0, env.ref(group).ids)],
    }})
agent = user("agent", "telecom_helpdesk.group_agent")
env["hr.employee"].create({{"name": "Agent", "user_id": agent.id}})
env["telecom.support.rate"].search([]).active = False
hour = env.ref("uom.product_uom_hour").id
env["telecom.support.rate"].create({{
    "name": "Support", "rounding_minutes": 15,
    "product_id": env["product.product"].create({{
        "name": "Support", "type": "service", "list_price": 90, "uom_id": hour,
    }}).id,
}})
partner = env["res.partner"].create({{"name": "Customer", "is_company": True}})
pack = env["product.product"].create({{
    "name": "Pack", "type": "service", "list_price": 400, "support_pack_hours": 5,
}})
env["account.move"].create({{
    "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": "2026-01-01",
    "invoice_line_ids": [(0, 0, {{"product_id": pack.id}})],
}}).action_post()
for name in ("anne", "bert"):
    user(name, "telecom_helpdesk.group_manager")
    ticket = env["telecom.ticket"].create({{"name": name, "partner_id": partner.id}})
    env["account.analytic.line"].create({{
        "name": name, "ticket_id": ticket.id, "user_id": agent.id, "unit_amount": 3,
    }})
{COMMIT}
"""

# A manager's browser: both have seen the pack unused before either of them approves.
MANAGER = """
from odoo.service.model import retrying
env = env(user=env["res.users"].search([("login", "=", "LOGIN")]).id)
entry = env["account.analytic.line"].search([("name", "=", "LOGIN")])
assert env["telecom.hour.pack"].search([]).left_hours == 5
env.cr.execute("SELECT pg_advisory_xact_lock_shared(START)")
retrying(entry.action_approve, env)
env.cr.commit()
"""


@pytest.fixture
def operator():
    with live.database(PREPARE) as prepared:
        operator = Operator(databases.clone(prepared, scratch("packs")), "telecom.hour.pack")
        try:
            yield operator
        finally:
            for worker in operator.workers:
                operator.kill(worker)
            databases.drop(operator.name)


def test_two_approvals_at_once_use_each_hour_once(operator):
    with operator.gate(START):
        workers = [
            operator.start_script(MANAGER.replace("LOGIN", login).replace("START", str(START)))
            for login in ("anne", "bert")
        ]
        operator.wait_for_workers_at(START, len(workers))
    for worker in workers:
        operator.finish(worker)
    assert operator.query("SELECT used_hours, left_hours, state FROM telecom_hour_pack") == [
        (5, 0, "used")
    ]
    assert sorted(
        operator.query(
            "SELECT included_hours FROM account_analytic_line WHERE billing_state = 'approved'"
        )
    ) == [(2,), (3,)]
