from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, split_every
from odoo.tools.sql import column_exists

BATCH = 500
CRONS = {"telecom.ticket": "ir_cron_ticket_due", "telecom.contract": "ir_cron_contract_due"}


def migrate(cr, version):
    """What is planned for tickets and contracts is a row for each concern from now on.

    At the end, when the concerns of all addons are known. What had failed is tried again.
    """
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for name, cron in CRONS.items():
        model = env[name]
        env.ref(f"telecom_helpdesk.{cron}").model_id = env["ir.model"]._get(f"{name}.due")
        if column_exists(cr, model._table, "due_error"):
            carry_over(model)


def carry_over(model):
    """Plan the records of ``model`` that were planned in its own columns, and drop those."""
    table = SQL.identifier(model._table)
    rows = model.env.execute_query(
        SQL(
            """SELECT id FROM %s WHERE next_due_at IS NOT NULL OR due_error IS NOT NULL
                ORDER BY next_due_at, id""",
            table,
        )
    )
    for records in split_every(BATCH, [id_ for (id_,) in rows], model.browse):
        records._plan_due()
        model.env.flush_all()
        model.env.invalidate_all()
    model.env.cr.execute(
        SQL(
            """ALTER TABLE %s DROP COLUMN next_due_at, DROP COLUMN due_attempts,
               DROP COLUMN due_error""",
            table,
        )
    )
