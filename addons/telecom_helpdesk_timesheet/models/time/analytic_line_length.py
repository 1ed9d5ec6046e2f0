from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from .analytic_line_review import REVIEWABLE_STATES


class AccountAnalyticLine(models.Model):
    """Implausible time: work in the future, and more hours in a day than anybody works."""

    _inherit = "account.analytic.line"

    review_warning = fields.Char(
        string="To Check",
        compute="_compute_review_warning",
        help="What has to be corrected before it can be approved. Or more time than anybody is "
        "likely to have worked: such an entry is approved separately, not together with "
        "others.",
    )

    # An agent's day.
    _of_agent = models.Index("(employee_id, date) WHERE ticket_id IS NOT NULL")

    @api.constrains("date", "ticket_id")
    def _check_not_to_come(self):
        now = fields.Datetime.now()
        for line in self.filtered("ticket_id"):
            # Where the agent is, it may be tomorrow already.
            latest = line._get_local_day(now) + timedelta(days=1)
            if line.date > latest:
                raise ValidationError(
                    self.env._(
                        "%(entry)s: this day is still to come. Log work once it is done; the "
                        "latest day that can be chosen is %(date)s.",
                        entry=line._get_label(),
                        date=format_date(self.env, latest),
                    )
                )

    @api.depends("approval_problem", "unit_amount", "approved_hours", "date", "employee_id")
    def _compute_review_warning(self):
        waiting = self.filtered(lambda line: line.billing_state in REVIEWABLE_STATES)
        warnings = waiting._find_length_warnings()
        for line in self:
            line.review_warning = line.approval_problem or warnings.get(line.id, False)

    def _find_length_warnings(self):
        """Which of these entries are improbably long, or make up an improbably long day of their
        agent: ``{line.id: text}``."""
        lines = self.sudo().filtered(lambda line: line.company_id.telecom_long_day_hours)
        if not lines:
            return {}
        days = self._sum_days(lines)
        warnings = {}
        for line in lines:
            most = line.company_id.telecom_long_day_hours * 60
            own = to_minutes(line.approved_hours or line.unit_amount)
            on_day = days.get((line.company_id, line.employee_id, line.date), 0)
            if own > most:
                warnings[line.id] = self.env._("%s h in one entry", format_hours(own))
            elif on_day > most:
                warnings[line.id] = self.env._("%s h on one day", format_hours(on_day))
        return warnings

    @api.model
    def _sum_days(self, lines):
        """Approved or logged minutes on tickets of each agent on each day of ``lines``:
        ``{(company, employee, date): minutes}``."""
        days = Domain.OR(
            Domain("employee_id", "=", employee.id) & Domain("date", "in", set(own.mapped("date")))
            for employee, own in lines.grouped("employee_id").items()
        )
        found = self.sudo().search_fetch(
            days & Domain("ticket_id", "!=", False),
            ["company_id", "employee_id", "date", "unit_amount", "approved_hours"],
        )
        return {
            key: sum(to_minutes(line.approved_hours or line.unit_amount) for line in group)
            for key, group in found.grouped(
                lambda line: (line.company_id, line.employee_id, line.date)
            ).items()
        }

    def _find_review_problems(self):
        """Why the present user cannot approve these entries, or not together: ``{line.id: text}``.

        What is improbably long is looked at by itself.
        """
        problems = self._find_approval_problems()
        if len(self) > 1:
            for line_id, warning in self._find_length_warnings().items():
                problems.setdefault(
                    line_id, self.env._("%s: check it and approve it separately", warning)
                )
        return problems
