from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.billed_time import CALL_OUT, DAY, ENTRY, Terms
from ...tools.hours import DOWN, NEAREST, UP

EXACT = "exact"


class TelecomSupportRate(models.Model):
    """What an hour of support is billed as: for whom, in which hours, at least how long.

    The first rate in sequence that matches a piece of work applies. A criterion that is empty
    matches all work.
    """

    _name = "telecom.support.rate"
    _description = "Support Rate"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin", "telecom.matching.mixin"]
    _is_shared = True
    _order = "sequence, id"
    _check_company_auto = True
    _uncached_fields = frozenset({"name", "product_id"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        help="Rates are checked from top to bottom. The first that matches applies.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")

    # For what. What is named cannot be deleted: without it a rate would be for everybody.
    tier_ids = fields.Many2many("telecom.tier", string="Tiers", ondelete="restrict")
    contract_type_ids = fields.Many2many(
        "telecom.contract.type", string="Contract Types", ondelete="restrict"
    )
    category_ids = fields.Many2many(
        "telecom.ticket.category",
        string="Categories",
        ondelete="restrict",
        help="With all their sub-categories.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Agents",
        ondelete="restrict",
        # As a function: with a plain list Odoo looks for rates in the midst of making a user.
        domain=lambda self: [("share", "=", False)],
        help="Who did the work.",
    )
    job_ids = fields.Many2many(
        "hr.job",
        string="Job Positions",
        ondelete="restrict",
        help="Of whoever did the work, on the day of the work, such as “Senior Engineer”.",
    )
    days = fields.Selection(
        [
            ("any", "Any Day"),
            ("week", "Monday to Friday"),
            ("weekend", "Saturday and Sunday"),
            ("saturday", "Saturday"),
            ("sunday", "Sunday"),
        ],
        default="any",
        required=True,
        help="Day of the week on which the work began.",
    )
    hours_period = fields.Selection(
        [("any", "At Any Time"), ("working", "In Working Hours"), ("out", "Out of Hours")],
        string="Time of Day",
        default="any",
        required=True,
        help="Whose hours: those of the contract type, else the team's, else the company's.",
    )

    # How it is billed
    is_free = fields.Boolean(
        string="Free of Charge",
        help="Such work is not billed, unless somebody says so on the entry: then the next rate "
        "that matches applies.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Billed as",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain=lambda self: [
            ("type", "=", "service"),
            ("uom_id", "child_of", self._get_time_root().ids),
        ],
        help="Service that goes on the invoice, at the price of the customer's pricelist.",
    )
    price = fields.Float(
        related="product_id.lst_price", string="List Price", digits="Product Price"
    )
    currency_id = fields.Many2one(related="product_id.currency_id")
    uom_id = fields.Many2one(related="product_id.uom_id", string="Per")
    factor = fields.Float(
        default=1.0,
        required=True,
        digits=(4, 2),
        help="What an hour of work counts as: with 1.5, work of 1:10 h counts as 1:45 h. The "
        "factor comes first, then the step, then the minimum. Included hours of a contract "
        "are used up by what is counted.",
    )
    rounding = fields.Selection(
        [
            (UP, "Up"),
            (NEAREST, "To the Nearest"),
            (DOWN, "Down"),
            (EXACT, "To the Minute"),
        ],
        default=UP,
        required=True,
        help="How the time is rounded to steps.",
    )
    rounding_minutes = fields.Integer(
        string="Rounding Step",
        default=15,
        required=True,
        help="Time is billed in steps of so many minutes.",
    )
    may_be_nothing = fields.Boolean(
        string="Short Work Is Free",
        help="Work that rounds to nothing is not billed, not even the minimum. Otherwise it counts "
        "as one step.",
    )
    minimum_minutes = fields.Integer(
        string="At Least", help="What is billed at least, such as for a call-out."
    )
    counting = fields.Selection(
        [
            (ENTRY, "Each Entry"),
            (DAY, "Ticket and Day"),
            (CALL_OUT, "Call-Out"),
        ],
        string="Counted for",
        default=ENTRY,
        required=True,
        help="What the minimum and the step apply to, once each: an entry, also where midnight "
        "or the end of working hours cuts it; all work of a day on a ticket; or a call-out, the "
        "work on a ticket with no long pause in between.",
    )
    gap_minutes = fields.Integer(
        string="Longest Pause",
        default=60,
        required=True,
        help="Work that begins within so many minutes after the last belongs to the same call-out.",
    )

    _rounding_minutes_between = models.Constraint(
        "CHECK (rounding_minutes BETWEEN 1 AND 480)",
        "The step that time is rounded to is between 1 minute and 8 hours.",
    )
    _factor_between = models.Constraint(
        "CHECK (factor BETWEEN 0.1 AND 10)",
        "The factor is between 0.1 and 10. For work that is not billed at all, make the rate free "
        "of charge.",
    )
    _minimum_minutes_between = models.Constraint(
        "CHECK (minimum_minutes BETWEEN 0 AND 1440)",
        "The least that is billed is between 0 minutes and 24 hours.",
    )
    _gap_minutes_between = models.Constraint(
        "CHECK (gap_minutes BETWEEN 0 AND 1440)",
        "The longest pause of a call-out is between 0 minutes and 24 hours.",
    )
    _product_set = models.Constraint(
        "CHECK (is_free IS TRUE OR product_id IS NOT NULL)",
        "Choose the service that this rate is billed as, or make it free of charge.",
    )

    @api.constrains("product_id", "active")
    def _check_product(self):
        hour = self.env.ref("uom.product_uom_hour")
        for rate in self.filtered(lambda rate: rate.active and rate.product_id):
            product = rate.product_id
            if not product.active:
                problem = self.env._("this product is archived")
            elif product.type != "service":
                problem = self.env._("this product is not a service")
            elif not product.uom_id._has_common_reference(hour):
                problem = self.env._(
                    "its unit is %(unit)s, and support is billed by time",
                    unit=product.uom_id.name,
                )
            else:
                continue
            raise ValidationError(
                self.env._(
                    "“%(rate)s” cannot be billed as “%(product)s”: %(problem)s.",
                    rate=rate.name,
                    product=product.display_name,
                    problem=problem,
                )
            )

    def _get_terms(self):
        """What these rates say of how long is billed: ``{rate: tools.billed_time.Terms}``."""
        return {
            rate: Terms(
                rate.id,
                rate.counting,
                rate.minimum_minutes,
                1 if rate.rounding == EXACT else rate.rounding_minutes,
                rate.gap_minutes,
                round(rate.factor * 100),
                NEAREST if rate.rounding == EXACT else rate.rounding,
                rate.may_be_nothing and rate.rounding in (NEAREST, DOWN),
            )
            for rate in self
        }

    @api.model
    def _get_time_root(self):
        """The unit (uom.uom) that all units of time come from."""
        hour = self.env.ref("uom.product_uom_hour")
        return hour.browse(int(hour.parent_path.split("/")[0]))

    def _get_criteria_names(self, line):
        """What this rate was chosen by for ``line`` (account.analytic.line): list of texts."""
        self.ensure_one()
        rate = self.with_context(active_test=False)
        names = []
        for name in ("days", "hours_period"):
            if rate[name] != "any":
                labels = dict(self._fields[name]._description_selection(self.env))
                names.append(labels[rate[name]])
        names += [record.display_name for record in rate.tier_ids & line.ticket_id.tier_id]
        names += [
            record.display_name for record in rate.contract_type_ids & line.contract_id.type_id
        ]
        path = (line.ticket_id.category_id.parent_path or "").split("/")
        names += [record.display_name for record in rate.category_ids if str(record.id) in path]
        names += [record.display_name for record in rate.user_ids & line._get_worker()]
        names += [record.display_name for record in rate.job_ids & line._get_job()]
        return names
