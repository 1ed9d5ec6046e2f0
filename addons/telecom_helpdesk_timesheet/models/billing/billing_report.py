from odoo import fields, models
from odoo.tools import SQL, Query

from ..time.analytic_line_review import BILLING_STATES

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
        "account.move": ["commercial_partner_id", "invoice_date", "move_type", "state"],
        "account.move.line": [
            "amount_currency",
            "balance",
            "discount",
            "is_support_time",
            "move_id",
            "parent_state",
            "price_unit",
            "product_uom_id",
            "quantity",
            "support_origin_id",
        ],
        "product.template": ["list_price", "uom_id"],
        "telecom.support.rate": ["product_id"],
        "telecom.time.release": ["entry_id", "line_id", "minutes", "move_id"],
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
    invoiced_hours = fields.Float(
        string="Invoiced", readonly=True, help="As on the invoices, less what was credited."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        string="Invoiced Amount",
        readonly=True,
        help="Without taxes, in the company's currency: as on the invoices, less credits.",
    )
    waiting_amount = fields.Monetary(
        readonly=True,
        help="What waiting time comes to at list price, without taxes, in the company's currency: "
        "an estimate. The customer's pricelist decides.",
    )
    invoice_state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted")],
        readonly=True,
        help="Only what is posted is in the books.",
    )

    @property
    def _table_query(self):
        return self._get_table_query()

    def _fetch_query(self, query, fields):
        """Find the rows first: the shares of their own lines are enough then, which PostgreSQL
        cannot know."""
        entries = self.env["account.analytic.line"].browse(query)
        if not entries:
            return self.browse()
        self.env.flush_all()
        rows = Query(self.env, self._table, SQL("(%s)", self._get_table_query(entries)))
        rows.set_result_ids(entries.ids)
        return super()._fetch_query(rows, fields)

    def _get_table_query(self, entries=None):
        """Query (SQL) for this model's columns.

        :param entries: of these entries (account.analytic.line) alone; None: of all on tickets
        """
        is_all = entries is None
        return SQL(
            """
            SELECT entry.id, entry.id AS entry_id, entry.name, entry.date, entry.billing_state,
                   entry.ticket_id, entry.partner_id, entry.contract_id,
                   entry.support_rate_id AS rate_id, entry.hours_period, entry.user_id,
                   entry.approved_by_id, entry.company_id,
                   ticket.team_id, ticket.category_id, ticket.tier_id,
                   invoice.id AS invoice_id, invoice.invoice_date, invoice.state AS invoice_state,
                   entry.unit_amount AS spent_hours, entry.approved_hours, entry.billed_hours,
                   entry.included_hours,
                   CASE WHEN entry.billing_state = 'approved'
                        THEN entry.billed_hours - COALESCE(entry.included_hours, 0) END
                        AS waiting_hours,
                   share.hours AS invoiced_hours, share.amount,
                   CASE WHEN entry.billing_state <> 'approved' THEN NULL
                        WHEN entry.approved_at > now.at - interval '7 days' THEN '1'
                        WHEN entry.approved_at > now.at - interval '1 month' THEN '2'
                        WHEN entry.approved_at > now.at - interval '3 months' THEN '3'
                        ELSE '4' END AS age,
                   CASE WHEN entry.billing_state = 'approved'
                        THEN template.list_price / unit.factor
                             * (entry.billed_hours - COALESCE(entry.included_hours, 0)) END
                        AS waiting_amount
              FROM account_analytic_line AS entry
              JOIN telecom_ticket AS ticket ON ticket.id = entry.ticket_id
         LEFT JOIN (SELECT own.id, SUM(share.hours)::float AS hours,
                           SUM(share.amount) AS amount
                      FROM (%(shares)s) AS share
                      -- Of this table PostgreSQL knows how many rows there are.
                      JOIN account_analytic_line AS own ON own.id = share.entry_id
                  GROUP BY own.id) AS share
                ON share.id = entry.id
         LEFT JOIN account_move_line AS line ON line.id = entry.invoice_line_id
         LEFT JOIN account_move AS invoice ON invoice.id = line.move_id
         LEFT JOIN telecom_support_rate AS rate ON rate.id = entry.support_rate_id
         LEFT JOIN product_product AS product ON product.id = rate.product_id
         LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom AS unit ON unit.id = template.uom_id
        CROSS JOIN (SELECT CAST(%(now)s AS timestamp) AS at) AS now
             WHERE %(wanted)s
            """,
            wanted=SQL("TRUE") if is_all else SQL("entry.id = ANY(%s)", list(entries.ids)),
            now=self.env.cr.now(),
            shares=self.env["account.analytic.line"]._get_shares_query(
                None if is_all else entries._find_billing_lines()
            ),
        )

    def action_open_ticket(self):
        """Open what accountants see of this row's ticket."""
        self.ensure_one()
        self.check_access("read")
        return self.ticket_id._get_billing_action()
