from odoo import SUPERUSER_ID, api

from odoo.addons.telecom_helpdesk_timesheet.models.time.analytic_line_sale import NO_ORDER


def migrate(cr, version):
    """Time on tickets that a sales order has not billed yet is the helpdesk's alone.

    At the end: the addon that knows sales order items may be loaded after this one.
    """
    lines = api.Environment(cr, SUPERUSER_ID, {})["account.analytic.line"]
    if "so_line" in lines._fields:
        lines.search(
            [
                ("ticket_id", "!=", False),
                ("so_line", "!=", False),
                ("timesheet_invoice_id", "=", False),
            ]
        )._write_billing(NO_ORDER)
