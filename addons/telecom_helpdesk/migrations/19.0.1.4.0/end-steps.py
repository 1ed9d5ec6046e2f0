from odoo import SUPERUSER_ID, api

BATCH = 500
MODELS = {"telecom.ticket": "telecom_ticket", "telecom.contract": "telecom_contract"}
CRONS = {"ir_cron_ticket_due": "telecom.ticket.due", "ir_cron_contract_due": "telecom.contract.due"}


def migrate(cr, version):
    """What is planned for tickets and contracts is a row for each concern from now on.

    At the end, when the concerns of all addons are known. What had failed is tried again.
    """
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for xmlid, model in CRONS.items():
        cron = env.ref(f"telecom_helpdesk.{xmlid}", raise_if_not_found=False)
        if cron:
            cron.model_id = env["ir.model"]._get(model)
    for model, table in MODELS.items():
        cr.execute(
            "SELECT 1 FROM information_schema.columns "
            "WHERE table_name = %s AND column_name = 'due_error'",
            [table],
        )
        if not cr.fetchone():
            continue
        cr.execute(
            f"SELECT id FROM {table} WHERE next_due_at IS NOT NULL OR due_error IS NOT NULL "
            "ORDER BY next_due_at, id"
        )
        ids = [id_ for (id_,) in cr.fetchall()]
        for start in range(0, len(ids), BATCH):
            env[model].browse(ids[start : start + BATCH])._plan_due()
            env.flush_all()
            env.invalidate_all()
        cr.execute(
            f"ALTER TABLE {table} DROP COLUMN next_due_at, DROP COLUMN due_attempts, "
            "DROP COLUMN due_error"
        )
