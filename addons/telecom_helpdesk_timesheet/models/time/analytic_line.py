from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from ...tools.hours import LONGEST_ENTRY

# Whoever changes one of these changes what is to be approved.
LOGGED_FIELDS = frozenset(
    {
        "ticket_id",
        "project_id",
        "name",
        "date",
        "started_at",
        "unit_amount",
        "hours_period",
        "billable",
        "billable_percent",
        "employee_id",
        "user_id",
    }
)
# What the split into working hours and the rest follows from.
TIMING_FIELDS = frozenset(
    {"ticket_id", "date", "started_at", "unit_amount", "hours_period", "employee_id"}
)


class AccountAnalyticLine(models.Model):
    """Time on a ticket: who, when, how long, and whether the customer pays for it."""

    _inherit = "account.analytic.line"

    ticket_id = fields.Many2one(
        "telecom.ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    contract_id = fields.Many2one(
        "telecom.contract",
        string="Support Contract",
        compute="_compute_contract_id",
        store=True,
        index="btree_not_null",
        help="The ticket's contract on the day of the work: its hours are used up first.",
    )
    ticket_team_id = fields.Many2one(related="ticket_id.team_id", string="Team")
    started_at = fields.Datetime(
        help="When the work began. It decides which part of it lies outside working hours."
    )
    message_id = fields.Many2one(
        "mail.message",
        string="Answer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Answer that this time was logged with.",
    )

    # A customer's time, newest first.
    _of_customer = models.Index("(partner_id, date) WHERE ticket_id IS NOT NULL")

    @api.constrains("unit_amount", "ticket_id")
    def _check_length(self):
        for line in self.filtered("ticket_id"):
            minutes = to_minutes(line.unit_amount)
            if minutes < 1:
                raise ValidationError(
                    self.env._(
                        "%(entry)s: enter how long it took, such as 0:15.", entry=line._get_label()
                    )
                )
            if minutes > LONGEST_ENTRY:
                raise ValidationError(
                    self.env._(
                        "%(entry)s: an entry covers 24 hours at most. Make one for each day.",
                        entry=line._get_label(),
                    )
                )

    @api.constrains("ticket_id", "task_id", "project_id")
    def _check_project(self):
        for line in self.filtered("ticket_id").sudo():
            if line.task_id:
                # Another app may bill what is logged on tasks: the customer would pay twice.
                raise ValidationError(
                    self.env._(
                        "%(entry)s is on the task “%(task)s” as well. Time is either on a "
                        "ticket or on a task.",
                        entry=line._get_label(),
                        task=line.task_id.display_name,
                    )
                )

    @api.onchange("ticket_id", "hours_period")
    def _onchange_billable(self):
        # Shown before it is saved, so that the agent may say otherwise.
        if self.ticket_id and not self._origin.ticket_id:
            self.billable = self._default_billable()[self.id]

    # How an entry is called

    def _get_label(self):
        """This entry in words: day, ticket, and whose it is."""
        line = self.sudo()
        parts = [
            format_date(self.env, line.date),
            line.ticket_id.number,
            line.employee_id.name or line.user_id.name,
        ]
        return ", ".join(part for part in parts if part)

    def _describe_time(self):
        """This entry on one line, for those who look at its ticket: who, how long, what."""
        line = self.sudo()
        return self.env._(
            "%(date)s, %(agent)s, %(hours)s h: %(what)s",
            date=format_date(self.env, line.date),
            agent=line.employee_id.name or line.user_id.name,
            hours=format_hours(to_minutes(line.unit_amount)),
            what=line.name,
        )

    # Logged, and changed

    @api.model
    def _check_timing(self, vals_list):
        """Refuse dates and durations that cannot be computed with; the rest is checked on write."""
        self._check_bounds(
            [{name: vals[name] for name in TIMING_FIELDS & vals.keys()} for vals in vals_list]
        )

    def _follow_creation(self, vals_list):
        """These entries were made of ``vals_list`` (dicts, complete)."""
        by_default = self.browse(
            line.id
            for line, vals in zip(self, vals_list, strict=True)
            if line.ticket_id and "billable" not in vals
        )
        by_default._set_default_billable()
        entries = self.filtered("ticket_id")
        entries._follow_billable()
        entries._split_by_hours()

    def _is_logged_anew(self, vals):
        """Whether ``vals`` change what was logged on a ticket, or come to be it."""
        if LOGGED_FIELDS.isdisjoint(vals):
            return False
        return bool(vals.get("ticket_id") or self.sudo().filtered("ticket_id"))

    def _have_own_times(self):
        """Whether these are several entries, some of which say when they began."""
        return len(self) > 1 and any(self.sudo().filtered("ticket_id").mapped("started_at"))

    def _find_billable_by_default(self, vals):
        """Those of these entries (as superuser) that, written ``vals``, are billable as category,
        contract type and rate have it, since nobody said otherwise."""
        entries = self.sudo().filtered("ticket_id")
        if "billable" in vals or TIMING_FIELDS.isdisjoint(vals):
            return entries.browse()
        defaults = entries._default_billable()
        by_default = entries.filtered(lambda line: line.billable == defaults[line.id])
        if vals.get("ticket_id"):
            by_default |= self.sudo() - entries
        return by_default

    def _follow_change(self, vals, by_default):
        """What was logged was changed by ``vals``; ``by_default`` are billable as it comes."""
        entries = self.filtered("ticket_id")
        if "unit_amount" in vals:
            # What was corrected was another length.
            entries._write_billing({"approved_hours": 0, "correction_note": False})
        by_default.filtered("ticket_id")._set_default_billable()
        self._follow_billable()
        if not TIMING_FIELDS.isdisjoint(vals):
            entries._split_by_hours()
