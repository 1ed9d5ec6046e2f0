from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL


class Share(NamedTuple):
    """What of an entry is on invoices, less what was credited."""

    hours: float = 0.0
    amount: float = 0.0  # before taxes, in the company's currency
    amount_currency: float = 0.0  # the same in the invoice's


class AccountAnalyticLine(models.Model):
    """Invoiced share of an entry: its part of the invoice line that bills it, less credits.

    Report, time sheet and portal all take it from here.

    - An entry's share of its line is that of its minutes, whatever was changed on the line.
    - A line of a posted document that was copied from it, but for an invoice in its place, corrects
      it: a credit note takes off, a document against that one adds. One in a unit of time at the
      price of the line takes off hours as well; at another price it is a discount.
    - What is left of a line all of whose time was given back belongs to the time that was on it.
    - Each line's shares add up to it, to the last unit of its currency and to the minute.
    """

    _inherit = "account.analytic.line"

    invoiced_hours = fields.Float(
        string="Invoiced",
        compute="_compute_invoiced",
        help="Hours on the invoice, less those credited.",
    )
    invoiced_amount = fields.Monetary(
        string="Untaxed Amount",
        compute="_compute_invoiced",
        currency_field="invoice_currency_id",
        groups="account.group_account_invoice",
        help="This time's share of the invoice line, less what was credited.",
    )
    invoice_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_invoiced",
        groups="account.group_account_invoice",
    )

    @api.depends("invoice_line_id", "billing_state")
    def _compute_invoiced(self):
        entries = self.sudo()
        found = entries._find_shares_by_currency(entries._find_billing_lines())
        for entry in entries:
            shares = {
                currency: of_currency[entry._origin.id]
                for currency, of_currency in found.items()
                if entry._origin.id in of_currency
            }
            # What an earlier invoice in another currency has left is not added to it.
            currency = entry.invoice_line_id.currency_id or next(iter(shares), False)
            entry.invoiced_hours = sum(share.hours for share in shares.values())
            entry.invoice_currency_id = currency
            entry.invoiced_amount = shares.get(currency, Share()).amount_currency

    def _find_shares(self, lines=None):
        """What of these entries is invoiced: ``{entry.id: Share}``, of those that are.

        :param lines: on these lines (account.move.line); empty: on all of them
        """
        if not self.ids:
            return {}
        self.env.flush_all()
        if lines is None:
            lines = self._find_billing_lines()
        rows = self.env.execute_query(
            SQL(
                """SELECT entry_id, SUM(hours)::float, SUM(amount)::float,
                          SUM(amount_currency)::float
                     FROM (%s) AS share WHERE entry_id = ANY(%s) GROUP BY entry_id""",
                self._get_shares_query(lines),
                list(self.ids),
            )
        )
        return {id_: Share(*values) for id_, *values in rows}

    def _find_shares_by_currency(self, lines):
        """What is on ``lines`` (account.move.line): ``{res.currency: {entry.id: Share}}``."""
        return {
            currency: self._find_shares(of_currency)
            for currency, of_currency in lines.sorted("currency_id").grouped("currency_id").items()
        }

    def _find_billing_lines(self):
        """Lines (account.move.line) that bill these entries, or did until they were given back."""
        rows = self.env.execute_query(
            SQL(
                """SELECT invoice_line_id FROM account_analytic_line
                    WHERE id = ANY(%(ids)s) AND invoice_line_id IS NOT NULL
                    UNION
                   SELECT line_id FROM telecom_time_release WHERE entry_id = ANY(%(ids)s)""",
                ids=list(self.ids),
            )
        )
        return self.env["account.move.line"].browse(id_ for (id_,) in rows)

    @api.model
    def _get_shares_query(self, lines=None):
        """Query (SQL) for shares: ``entry_id``, ``line_id``, ``hours``, ``amount``,
        ``amount_currency``.

        :param lines: of these lines (account.move.line) alone; None: of all
        """

        def restrict(column):
            if lines is None:
                return SQL("TRUE")
            return SQL("%s = ANY(%s)", SQL.identifier(*column.split(".")), list(lines.ids))

        # Odoo keeps a minute as 0.0166667 hours.
        minutes = SQL(
            """CASE WHEN SPLIT_PART(unit.parent_path, '/', 1) = %(root)s
                    THEN ROUND(60 * unit.factor / %(hour)s) END""",
            root=str(self.env["telecom.support.rate"]._get_time_root().id),
            hour=self.env.ref("uom.product_uom_hour").factor,
        )
        return SQL(
            """
            WITH billed AS (
                SELECT id AS entry_id, invoice_line_id AS line_id,
                       ROUND(60 * (billed_hours - COALESCE(included_hours, 0))::numeric) AS weight
                  FROM account_analytic_line
                 WHERE invoice_line_id IS NOT NULL AND %(billed)s
             UNION ALL
                SELECT release.entry_id, release.line_id, release.minutes
                  FROM telecom_time_release AS release
                  JOIN account_move AS credit ON credit.id = release.move_id
                 WHERE credit.state = 'posted' AND %(released)s
                   AND NOT EXISTS (SELECT FROM account_analytic_line AS still
                                    WHERE still.invoice_line_id = release.line_id)
            ), document AS (
                SELECT line.id, line.support_origin_id, line.is_support_time, line.parent_state,
                       line.company_id, line.company_currency_id, line.currency_id,
                       line.balance, line.amount_currency,
                       line.quantity * %(minutes)s / 60 AS hours,
                       line.price_unit * (1 - COALESCE(line.discount, 0) / 100) / %(minutes)s
                           AS price,
                       move.move_type, move.commercial_partner_id
                  FROM account_move_line AS line
                  JOIN account_move AS move ON move.id = line.move_id
             LEFT JOIN uom_uom AS unit ON unit.id = line.product_uom_id
                 WHERE line.display_type = 'product'
                   AND (line.is_support_time AND %(documents)s
                        OR line.support_origin_id IS NOT NULL AND %(corrections)s)
            ), correction AS (
                SELECT line.id AS line_id,
                       SUM(own.balance) AS balance,
                       SUM(CASE WHEN own.currency_id = line.currency_id THEN own.amount_currency
                                ELSE own.balance * line.amount_currency
                                     / NULLIF(line.balance, 0) END) AS amount_currency,
                       SUM(CASE WHEN ABS(own.price - line.price) > 0.00001 * ABS(line.price)
                                THEN 0
                                WHEN own.move_type = 'out_refund' THEN -own.hours
                                ELSE own.hours END) AS hours
                  FROM document AS own
                  JOIN document AS line ON line.id = own.support_origin_id
                 WHERE own.is_support_time IS NOT TRUE AND own.parent_state = 'posted'
                   AND own.company_id = line.company_id
                   AND own.commercial_partner_id = line.commercial_partner_id
              GROUP BY line.id
            ), net AS (
                SELECT line.id AS line_id,
                       -(line.balance + COALESCE(correction.balance, 0)) AS amount,
                       -(line.amount_currency + COALESCE(correction.amount_currency, 0))
                           AS amount_currency,
                       line.hours + COALESCE(correction.hours, 0) AS hours,
                       COALESCE(own.decimal_places, 2) AS digits,
                       COALESCE(company.decimal_places, 2) AS company_digits
                  FROM document AS line
             LEFT JOIN correction ON correction.line_id = line.id
             LEFT JOIN res_currency AS own ON own.id = line.currency_id
             LEFT JOIN res_currency AS company ON company.id = line.company_currency_id
                 WHERE line.is_support_time AND line.parent_state IN ('draft', 'posted')
            ), part AS (
                SELECT entry_id, line_id, weight,
                       SUM(weight) OVER (PARTITION BY line_id) AS total,
                       SUM(weight) OVER (PARTITION BY line_id ORDER BY entry_id) AS upto,
                       ROW_NUMBER() OVER (PARTITION BY line_id ORDER BY entry_id) AS place,
                       COUNT(*) OVER (PARTITION BY line_id) AS number
                  FROM billed
            ), stretch AS (
                SELECT entry_id, line_id, weight,
                       CASE WHEN total > 0 THEN (upto - weight) / total
                            ELSE (place - 1)::numeric / number END AS low,
                       CASE WHEN total > 0 THEN upto / total
                            ELSE place::numeric / number END AS high
                  FROM part
            )
            SELECT stretch.entry_id, stretch.line_id,
                   COALESCE(ROUND(60 * net.hours * high) - ROUND(60 * net.hours * low), weight)
                       / 60 AS hours,
                   ROUND(net.amount * high, company_digits)
                       - ROUND(net.amount * low, company_digits) AS amount,
                   ROUND(net.amount_currency * high, digits)
                       - ROUND(net.amount_currency * low, digits) AS amount_currency
              FROM stretch
              JOIN net ON net.line_id = stretch.line_id
            """,
            minutes=minutes,
            billed=restrict("invoice_line_id"),
            released=restrict("release.line_id"),
            documents=restrict("line.id"),
            corrections=restrict("line.support_origin_id"),
        )
