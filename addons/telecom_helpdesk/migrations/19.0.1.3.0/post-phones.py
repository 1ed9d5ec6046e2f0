from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Numbers without a country code are read by the country of their contact or company."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for model, column in (("telecom.ticket", "partner_phone"), ("res.partner", "phone")):
        records = env[model].with_context(active_test=False)
        national = records.search([(column, "!=", False)]).filtered(
            lambda record, column=column: not record[column].lstrip().startswith(("+", "00"))
        )
        env.add_to_compute(records._fields["phone_sanitized"], national)
    env.flush_all()
