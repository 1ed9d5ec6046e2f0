"""B3 with several people at once: two accountants press the button while the day's run begins."""

import live
import pytest
from due_workers import COMMIT, START, Operator
from groundwork import databases
from groundwork.tests import scratch

CUSTOMERS, TICKETS, ENTRIES = 20, 5, 5  # tickets of a customer, entries of a ticket: 500 in all
PRICE = 90

PREPARE = f"""
env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
env["telecom.support.rate"].search([]).active = False
def user(name, group):
    return env["res.users"].create({{
        "name": name, "login": name, "email": name + "@telco.example",
        "group_ids": [(6, 0, env.ref(group).ids)],
    }})
agent = user("agent", "telecom_helpdesk.group_agent")
manager = user("manager", "telecom_helpdesk.group_manager")
for name in ("anne", "bert"):
    user(name, "account.group_account_invoice")
env["hr.employee"].create({{"name": "Agent", "user_id": agent.id}})
env["telecom.support.rate"].create({{
    "name": "Support", "rounding_minutes": 15,
    "product_id": env["product.product"].create({{
        "name": "Support", "type": "service", "list_price": {PRICE}, "taxes_id": [(5,)],
        "uom_id": env.ref("uom.product_uom_hour").id,
    }}).id,
}})
partners = env["res.partner"].create([{{
    "name": f"Customer {{n}}", "is_company": True, "street": "Main Street", "city": "Brussels",
}} for n in range({CUSTOMERS})])
tickets = env["telecom.ticket"].create([{{
    "name": f"Ticket {{n}}", "partner_id": partner.id,
}} for partner in partners for n in range({TICKETS})])
entries = env["account.analytic.line"].create([{{
    "name": "Looked into it", "ticket_id": ticket.id, "user_id": agent.id,
    "unit_amount": (n + 1) / 4,
}} for ticket in tickets for n in range({ENTRIES})])
env.company.telecom_long_day_hours = 0  # all of it is one day's work
entries.with_user(manager).action_approve()
env.company.telecom_billing_day = 1
env.flush_all()
env.cr.execute("UPDATE telecom_billing_run SET next_due_at = now() - interval '1 minute'")
{COMMIT}
"""

# An accountant's browser: the button, tried again as Odoo does when others were faster.
ACCOUNTANT = """
from odoo.service.model import retrying
def press():
    env["telecom.bill.time"].create({"grouping": "GROUPING"}).action_bill()
env = env(user=env["res.users"].search([("login", "=", "LOGIN")]).id)
env.cr.execute("SELECT pg_advisory_xact_lock_shared(START)")
env.cr.rollback()
retrying(press, env)
env.cr.commit()
"""

SCHEDULED_ACTION = """
env.cr.execute("SELECT pg_advisory_xact_lock_shared(START)")
env.cr.rollback()
for model in ("telecom.billing.run", "telecom.billing.run.line"):
    env[model]._run_due()
"""


@pytest.fixture(scope="module")
def prepared():
    """Name of a database with 500 approved entries of 20 customers."""
    with live.database(PREPARE) as name:
        yield name


@pytest.mark.parametrize("grouping", ["entry", "single"])
def test_b3_two_accountants_and_the_scheduled_action_bill_each_entry_once(prepared, grouping):
    operator = Operator(databases.clone(prepared, scratch("billing")), "telecom.billing.run")
    try:
        with operator.gate(START):
            workers = [
                operator.start_script(
                    ACCOUNTANT.replace("LOGIN", login)
                    .replace("GROUPING", grouping)
                    .replace("START", str(START))
                )
                for login in ("anne", "bert")
            ]
            workers.append(operator.start_script(SCHEDULED_ACTION.replace("START", str(START))))
            operator.wait_for_workers_at(START, len(workers))
        for worker in workers:
            operator.finish(worker)
        assert_each_entry_billed_once(operator)
    finally:
        for worker in operator.workers:
            operator.kill(worker)
        databases.drop(operator.name)


def assert_each_entry_billed_once(operator):
    count = CUSTOMERS * TICKETS * ENTRIES
    hours = CUSTOMERS * TICKETS * sum((n + 1) / 4 for n in range(ENTRIES))
    assert operator.query(
        "SELECT count(*), count(invoice_line_id), sum(billed_hours) FROM account_analytic_line "
        "WHERE billing_state = 'invoiced'"
    ) == [(count, count, pytest.approx(hours))]
    invoices = "account_move WHERE move_type = 'out_invoice'"
    assert operator.query(
        f"SELECT count(*), count(DISTINCT partner_id), sum(amount_untaxed) FROM {invoices}"
    ) == [(CUSTOMERS, CUSTOMERS, hours * PRICE)]
    # Each customer's lines are worth that customer's hours, to the cent.
    assert (
        operator.query(
            """
        SELECT move.id FROM account_move AS move
          JOIN account_move_line AS line ON line.move_id = move.id
          JOIN account_analytic_line AS entry ON entry.invoice_line_id = line.id
          JOIN telecom_ticket AS ticket ON ticket.id = entry.ticket_id
      GROUP BY move.id
        HAVING round(sum(entry.billed_hours)::numeric * %s, 2) <> move.amount_untaxed
            OR count(DISTINCT ticket.commercial_partner_id) <> 1
            OR min(ticket.commercial_partner_id) <> move.commercial_partner_id
        """,
            PRICE,
        )
        == []
    )
