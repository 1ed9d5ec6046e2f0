from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

UNITS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
CARRY_OVERS = [
    ("none", "Lost at the period's end"),
    ("next", "Valid in the next period too"),
    ("end", "Valid until the contract ends"),
]
SHORT_PERIODS = [
    ("full", "All hours of a period"),
    ("share", "In proportion to its days"),
]
# Defaults that a contract takes from its type.
TERMS = (
    "included_hours",
    "included_unit",
    "included_carry_over",
    "included_short_periods",
    "included_out_of_hours",
)
NO_TERMS = (
    ("included_hours", "float8", "0"),
    ("included_unit", "varchar", "'month'"),
    ("included_carry_over", "varchar", "'none'"),
    ("included_short_periods", "varchar", "'full'"),
    ("included_out_of_hours", "bool", "false"),
)
# What the periods of a contract, and the work that they cover, follow from.
GRANTING_FIELDS = frozenset(
    {*TERMS, "included_since", "type_id", "date_start", "date_end", "state"}
)


class TelecomContract(models.Model):
    """Hours that a contract includes, by period."""

    _name = "telecom.contract"
    _inherit = ["telecom.contract", "telecom.allotment.mixin"]

    included_hours = fields.Float(
        compute="_compute_included_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Hours of support in each period that cost nothing more. A change counts from the "
        "next period on.",
    )
    included_unit = fields.Selection(
        UNITS,
        string="Per",
        compute="_compute_included_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Periods are counted from the first day of the contract.",
    )
    included_carry_over = fields.Selection(
        CARRY_OVERS,
        string="Unused Hours",
        compute="_compute_included_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    included_short_periods = fields.Selection(
        SHORT_PERIODS,
        string="Short Last Period",
        compute="_compute_included_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Hours of a period that the end of the contract cuts short: all of them, or a share, "
        "to the minute. Periods are counted from the first day, so that no other one is short.",
    )
    included_out_of_hours = fields.Boolean(
        string="Cover Out-of-Hours Work",
        compute="_compute_included_terms",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Otherwise work out of hours is always billed.",
    )
    included_since = fields.Date(
        string="Granted Since",
        copy=False,
        help="Periods before the one of this day grant no hours.",
    )
    ended_on = fields.Date(
        string="Terminated on", readonly=True, copy=False, help="The last day of support."
    )
    period_ids = fields.One2many("telecom.contract.period", "contract_id", string="Periods")
    current_period_id = fields.Many2one(
        "telecom.contract.period",
        compute="_compute_current_period_id",
        search="_search_current_period_id",
    )
    current_left_hours = fields.Float(string="Hours Left", compute="_compute_current_left_hours")

    _included_hours_positive = models.Constraint(
        "CHECK (included_hours >= 0)", "Included hours cannot be negative."
    )

    def _auto_init(self):
        # Contracts that were made before include nothing: without the columns, Odoo would go
        # through all of them to say so, and leave a note on each.
        for name, kind, value in NO_TERMS:
            if not column_exists(self.env.cr, self._table, name):
                default = f"{kind} DEFAULT {value}"
                create_column(self.env.cr, self._table, name, default)
                self.env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT",
                        SQL.identifier(self._table),
                        SQL.identifier(name),
                    )
                )
        return super()._auto_init()

    @api.depends("type_id")
    def _compute_included_terms(self):
        for contract in self:
            for name in TERMS:
                contract[name] = contract.type_id[name]

    @api.depends("period_ids.date_start", "period_ids.date_end")
    def _compute_current_period_id(self):
        today = self._get_today()
        for contract in self:
            contract.current_period_id = contract.period_ids.filtered(
                lambda period: period.date_start <= today <= period.date_end
            )[:1]

    @api.model
    def _search_current_period_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        today = self._get_today()
        current = Domain("date_start", "<=", today) & Domain("date_end", ">=", today)
        current &= Domain("id", "in", value) if operator == "in" else Domain(value)
        return Domain("period_ids", "any", current)

    @api.depends("period_ids.left_hours")
    def _compute_current_left_hours(self):
        for contract in self:
            contract.current_left_hours = contract.current_period_id.left_hours

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts._after_terms(set(), self.browse())
        contracts._recompute_contract()
        return contracts

    def write(self, vals):
        if GRANTING_FIELDS.isdisjoint(vals):
            return super().write(vals)
        self.check_access("write")
        granting = self.filtered("included_hours")
        if "date_start" in vals:
            self._check_bounds([vals])
            self._forget_periods(vals["date_start"])
        result = super().write(vals)
        self._after_terms(vals.keys(), granting)
        self._recompute_contract()
        return result

    def _after_terms(self, names, granting):
        """Terms ``names`` of these contracts changed; those ``granting`` had hours before."""
        today = self._get_today()
        for contract in self:
            vals = {}
            if contract.state == "cancelled" and not contract.ended_on:
                vals["ended_on"] = today
            elif contract.state == "active" and contract.ended_on:
                vals["ended_on"] = False
            if contract.included_hours and contract not in granting:
                if "included_since" not in names and not (
                    contract.included_since and not contract.period_ids
                ):
                    vals["included_since"] = max(today, contract.date_start)
            if vals:
                models.BaseModel.write(contract.sudo(), vals)
        concerned = (self | granting).filtered(
            lambda contract: contract.included_hours or contract.period_ids
        )
        concerned._allot_included()

    @api.model
    def _get_today(self):
        """The day that periods and contracts end by: the same for everybody."""
        return self._due_now().date()

    def _get_last_day(self):
        days = [day for day in (super()._get_last_day(), self.ended_on) if day]
        return min(days) if days else False

    # By the scheduler

    def _get_included_due(self):
        return self.sudo()._get_next_period_start()

    def _on_included_due(self, now):
        self._allot_included()


class TelecomContractDue(models.Model):
    _inherit = "telecom.contract.due"

    kind = fields.Selection(
        selection_add=[("included", "Included Hours")], ondelete={"included": "cascade"}
    )
