import logging

from dateutil.relativedelta import relativedelta
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, frozendict

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ..time.analytic_line_guard import LOCKED_STATES

_logger = logging.getLogger(__name__)

LEVELS = [("near", "Nearly Used Up"), ("over", "Exceeded")]
# Billable work that nobody rejected.
COUNTED_STATES = ("to_approve", *LOCKED_STATES)
# Time is seldom logged on a ticket that nobody touched for so long.
LOOKED_BACK = relativedelta(months=1)


class TelecomTimeBudget(models.Model):
    """Hours that were agreed with a customer: for a ticket in all, or for each month.

    They stop nobody. Whoever works on a ticket reads what was used, and somebody is told before
    it is too much. Work counts as it was logged, and once approved as it was approved.
    """

    _name = "telecom.time.budget"
    _description = "Agreed Hours"
    _inherit = ["telecom.guard.mixin"]
    _order = "id desc"
    _fixed_fields = frozenset({"ticket_id", "partner_id", "company_id"})
    _bounds = frozendict({"hours": (0, 100_000)})

    ticket_id = fields.Many2one("telecom.ticket", ondelete="cascade", check_company=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Each Month for",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain=["|", ("is_company", "=", True), ("parent_id", "=", False)],
        help="The hours are for all tickets of this customer, anew each month.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
    )
    hours = fields.Float(string="Agreed Hours", required=True)
    customer_id = fields.Many2one("res.partner", compute="_compute_customer_id", compute_sudo=True)
    used_hours = fields.Float(
        string="Used",
        compute="_compute_used_hours",
        compute_sudo=True,
        help="Billable time that nobody rejected.",
    )
    left_hours = fields.Float(string="Left", compute="_compute_used_hours", compute_sudo=True)
    level = fields.Selection(
        LEVELS, string="Status", compute="_compute_used_hours", compute_sudo=True
    )
    told_level = fields.Selection(
        LEVELS,
        string="Notified of",
        readonly=True,
        copy=False,
        help="What somebody was already notified of.",
    )
    told_month = fields.Date(
        string="Month of Notification",
        readonly=True,
        copy=False,
        help="First day of the month in which somebody was notified.",
    )

    _ticket_unique = models.UniqueIndex(
        "(ticket_id) WHERE ticket_id IS NOT NULL", "This ticket has agreed hours already."
    )
    _one_subject = models.Constraint(
        "CHECK ((ticket_id IS NULL) <> (partner_id IS NULL))",
        "Choose the ticket or the customer that the hours were agreed for.",
    )
    _hours_above_zero = models.Constraint(
        "CHECK (hours > 0)", "Enter how many hours were agreed, such as 4:00."
    )

    # No path leads on from the ticket: each change of one would look for its budget.

    @api.depends("ticket_id")
    def _compute_company_id(self):
        for budget in self:
            budget.company_id = budget.ticket_id.company_id or budget.company_id or self.env.company

    @api.depends("ticket_id", "partner_id")
    def _compute_customer_id(self):
        for budget in self:
            budget.customer_id = budget.ticket_id.commercial_partner_id or budget.partner_id

    @api.depends("ticket_id", "partner_id", "company_id", "hours")
    def _compute_used_hours(self):
        used = self._get_used_minutes()
        for budget in self:
            minutes = used[budget]
            budget.used_hours = to_hours(minutes)
            budget.left_hours = to_hours(to_minutes(budget.hours) - minutes)
            budget.level = budget._get_level(minutes)

    @api.depends("ticket_id", "partner_id")
    def _compute_display_name(self):
        for budget in self:
            budget.display_name = (budget.ticket_id or budget.partner_id).display_name

    @api.constrains("partner_id", "company_id")
    def _check_once(self):
        for budget in self.filtered("partner_id").sudo():
            if len(self.sudo()._find_of_customers(budget.partner_id, budget.company_id)) > 1:
                raise ValidationError(
                    self.env._(
                        "Hours for each month were agreed with %(customer)s already. Change those.",
                        customer=budget.partner_id.display_name,
                    )
                )

    def write(self, vals):
        if "hours" in vals:
            changed = self.filtered(
                lambda budget: to_minutes(budget.hours) != to_minutes(vals["hours"])
            )
            models.BaseModel.write(changed.sudo(), {"told_level": False})
        return super().write(vals)

    # What was used

    def _get_months(self):
        """First day (date) of the month that it is at each company of these budgets, by its time
        zone: ``{res.company: date}``."""
        runs = self.env["telecom.billing.run"]
        return {
            company: runs._get_today(company).replace(day=1) for company in self.company_id.sudo()
        }

    @api.model
    def _find_of_customers(self, customers, companies):
        """What was agreed with these customers (res.partner) for each month."""
        return self.search(
            [("partner_id", "in", customers.ids), ("company_id", "in", companies.ids)], order="id"
        )

    def _get_used_minutes(self, month=None):
        """How much was used of these budgets.

        :param month: first day (date) of the month to look at where it is by month; None: the
            present one of each budget's company
        :return: ``{budget: minutes}``
        """
        by_month = self.filtered("partner_id")
        months = {} if month else by_month._get_months()
        entries = self.env["account.analytic.line"].sudo()
        counted = Domain("billing_state", "in", COUNTED_STATES)
        minutes = {}

        def add(domain, *groups):
            for *key, state, spent, approved in entries._read_group(
                counted & domain,
                [*groups, "billing_state"],
                ["unit_amount:sum", "approved_hours:sum"],
            ):
                passed = approved if state in LOCKED_STATES else spent
                minutes[tuple(key)] = minutes.get(tuple(key), 0) + to_minutes(passed)

        if tickets := self.ticket_id:
            add(Domain("ticket_id", "in", tickets.ids), "ticket_id")
        for first, budgets in by_month.grouped(
            lambda budget: month or months[budget.company_id]
        ).items():
            customers = budgets.partner_id.commercial_partner_id
            add(
                Domain("ticket_id", "!=", False)
                & Domain("partner_id", "in", customers.ids)
                & Domain("company_id", "in", budgets.company_id.ids)
                & Domain("date", ">=", first)
                & Domain("date", "<", first + relativedelta(months=1)),
                "partner_id",
                "company_id",
            )
        keys = {
            budget: (budget.ticket_id,)
            if budget.ticket_id
            else (budget.partner_id.commercial_partner_id, budget.company_id)
            for budget in self
        }
        return {budget: minutes.get(key, 0) for budget, key in keys.items()}

    def _get_level(self, minutes):
        """Status (a key of ``LEVELS``, or False) with so many ``minutes`` used."""
        agreed = to_minutes(self.hours)
        if minutes > agreed:
            return "over"
        percent = self.company_id.sudo().telecom_budget_percent
        return "near" if minutes * 100 >= agreed * percent else False

    def _describe_used(self, minutes):
        """What was used, in words: ``minutes`` of the agreed hours."""
        facts = {
            "used": format_hours(minutes),
            "agreed": format_hours(to_minutes(self.hours)),
        }
        if self.ticket_id:
            return self.env._("%(used)s of %(agreed)s h used", **facts)
        month = self._get_months()[self.company_id]
        return self.env._(
            "%(used)s of %(agreed)s h used in %(month)s",
            month=format_date(self.env, month, date_format="LLLL"),
            **facts,
        )

    def _describe_excess(self, minutes, month):
        """By how much ``minutes`` exceed the agreed hours, in words, or False.

        :param month: first day (date) of the month that was looked at
        """
        excess = minutes - to_minutes(self.hours)
        if excess <= 0:
            return False
        facts = {
            "hours": format_hours(excess),
            "month": format_date(self.env, month, date_format="LLL y"),
        }
        if self.ticket_id:
            return self.env._("over by %(hours)s h", **facts)
        return self.env._("%(month)s: over by %(hours)s h", **facts)

    # Notifications

    @api.model
    def _notify_used_budgets(self):
        """Notify somebody of budgets that are nearly used up or exceeded, each once.

        Entry point of the scheduled action.
        """
        live = self.search(
            Domain("partner_id", "!=", False)
            | Domain("told_level", "!=", "over")
            & (
                Domain("ticket_id.is_done", "=", False)
                | Domain("ticket_id.write_date", ">=", self.env.cr.now() - LOOKED_BACK)
            ),
        )
        used = live._get_used_minutes()
        months = live._get_months()
        for budget in live:
            month = months[budget.company_id]
            level = budget._get_level(used[budget])
            is_told = budget.ticket_id or budget.told_month == month
            told = budget.told_level if is_told else False
            if level and level != told and told != "over":
                budget._notify_level(level, used[budget], month)

    def _notify_level(self, level, minutes, month):
        # Notifying one may fail (no access): go on with the others.
        try:
            with self.env.cr.savepoint():
                for user in self._get_people_to_notify(level):
                    budget = self.with_context(lang=user.lang)
                    summaries = {
                        "near": budget.env._("Agreed hours nearly used up"),
                        "over": budget.env._("Agreed hours exceeded"),
                    }
                    (budget.ticket_id or budget.partner_id).activity_schedule(
                        "mail.mail_activity_data_warning",
                        summary=summaries[level],
                        note=budget._describe_used(minutes),
                        user_id=user.id,
                    )
                models.BaseModel.write(self, {"told_level": level, "told_month": month})
        except TransactionRollbackError:
            raise
        except Exception:
            _logger.exception("%s: nobody could be told", self)

    def _get_people_to_notify(self, level):
        """Users to notify: the ticket's agent, and once it is exceeded whoever decides about the
        ticket."""
        if not self.ticket_id:
            agents = self.env["telecom.agent"]
            return agents._get_people_to_notify(self.partner_id.user_id, company=self.company_id)[
                :1
            ]
        people = self.ticket_id._get_people_to_notify(self.ticket_id.user_id)[:1]
        if level == "over":
            people |= self.ticket_id._get_people_to_notify()[:1]
        return people
