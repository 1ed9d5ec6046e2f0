from odoo import fields, models
from odoo.tools import SQL

from .analytic_line_review import BILLING_STATES

AGES = [
    ("1", "Up to a week"),
    ("2", "Up to a month"),
    ("3", "Up to 3 months"),
    ("4", "Older"),
]


class TelecomBillingReport(models.Model):
    """Time on tickets by customer, age and period: what waits, and what was billed."""

    _name = "telecom.billing.report"
    _description = "Support Time Report"
    _inherit = ["telecom.guard.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "account.analytic.line": [
            "approved_at",
            "approved_by_id",
            "approved_hours",
            "billed_hours",
            "billing_state",
            "company_id",
            "contract_id",
            "date",
            "hours_period",
            "included_hours",
            "invoice_line_id",
            "name",
            "partner_id",
            "support_rate_id",
            "ticket_id",
            "unit_amount",
            "user_id",
        ],
        "account.move": ["invoice_date"],
        "account.move.line": ["balance", "move_id", "product_uom_id", "quantity"],
        "product.template": ["list_price", "uom_id"],
        "telecom.support.rate": ["product_id"],
        "telecom.ticket": ["category_id", "team_id", "tier_id"],
    }

    entry_id = fields.Many2one("account.analytic.line", readonly=True)
    name = fields.Char(string="Description", readonly=True)
    date = fields.Date(readonly=True)
    billing_state = fields.Selection(BILLING_STATES, string="Billing", readonly=True)
    age = fields.Selection(
        AGES, string="Waiting", readonly=True, help="Since when approved time waits to be billed."
    )
    ticket_id = fields.Many2one("telecom.ticket", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contract_id = fields.Many2one("telecom.contract", string="Support Contract", readonly=True)
    rate_id = fields.Many2one("telecom.support.rate", readonly=True)
    hours_period = fields.Selection(
        [("working", "Working Hours"), ("out", "Out of Hours")],
        string="Time of Day",
        readonly=True,
    )
    team_id = fields.Many2one("telecom.ticket.team", readonly=True)
    category_id = fields.Many2one("telecom.ticket.category", readonly=True)
    tier_id = fields.Many2one("telecom.tier", readonly=True)
    user_id = fields.Many2one("res.users", string="Agent", readonly=True)
    approved_by_id = fields.Many2one("res.users", readonly=True)
    invoice_id = fields.Many2one("account.move", readonly=True)
    invoice_date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    spent_hours = fields.Float(string="Time Spent", readonly=True)
    approved_hours = fields.Float(readonly=True)
    billed_hours = fields.Float(string="Time to Bill", readonly=True)
    included_hours = fields.Float(string="Included", readonly=True)
    waiting_hours = fields.Float(string="Waiting to Be Invoiced", readonly=True)
    invoiced_hours = fields.Float(string="Invoiced", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Estimated Amount",
        readonly=True,
        help="Without taxes, in the company's currency: billed time as on the invoice, waiting "
        "time at list price.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT entry.id, entry.id AS entry_id, entry.name, entry.date, entry.billing_state,
                   entry.ticket_id, entry.partner_id, entry.contract_id,
                   entry.support_rate_id AS rate_id, entry.hours_period, entry.user_id,
                   entry.approved_by_id, entry.company_id,
                   ticket.team_id, ticket.category_id, ticket.tier_id,
                   invoice.id AS invoice_id, invoice.invoice_date,
                   entry.unit_amount AS spent_hours, entry.approved_hours, entry.billed_hours,
                   entry.included_hours,
                   CASE WHEN entry.billing_state = 'approved'
                        THEN entry.billed_hours - COALESCE(entry.included_hours, 0) END
                        AS waiting_hours,
                   CASE WHEN entry.billing_state = 'invoiced'
                        THEN entry.billed_hours - COALESCE(entry.included_hours, 0) END
                        AS invoiced_hours,
                   CASE WHEN entry.billing_state <> 'approved' THEN NULL
                        WHEN entry.approved_at > now.at - interval '7 days' THEN '1'
                        WHEN entry.approved_at > now.at - interval '1 month' THEN '2'
                        WHEN entry.approved_at > now.at - interval '3 months' THEN '3'
                        ELSE '4' END AS age,
                   CASE entry.billing_state
                        WHEN 'approved' THEN template.list_price / unit.factor
                             * (entry.billed_hours - COALESCE(entry.included_hours, 0))
                        WHEN 'invoiced' THEN -line.balance / NULLIF(line.quantity, 0)
                             * CASE WHEN line.product_uom_id = %(minute)s THEN 60 ELSE 1 END
                             * (entry.billed_hours - COALESCE(entry.included_hours, 0))
                   END AS amount
              FROM account_analytic_line AS entry
              JOIN telecom_ticket AS ticket ON ticket.id = entry.ticket_id
         LEFT JOIN account_move_line AS line ON line.id = entry.invoice_line_id
         LEFT JOIN account_move AS invoice ON invoice.id = line.move_id
         LEFT JOIN telecom_support_rate AS rate ON rate.id = entry.support_rate_id
         LEFT JOIN product_product AS product ON product.id = rate.product_id
         LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom AS unit ON unit.id = template.uom_id
        CROSS JOIN (SELECT CAST(%(now)s AS timestamp) AS at) AS now
            """,
            now=self.env.cr.now(),
            minute=self.env.ref("uom.product_uom_minute").id,
        )

    def action_open_ticket(self):
        """Open what accountants see of this row's ticket."""
        self.ensure_one()
        self.check_access("read")
        return self.ticket_id._get_billing_action()
