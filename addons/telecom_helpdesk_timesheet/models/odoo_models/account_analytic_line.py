from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict

from odoo.addons.telecom_helpdesk.tools.durations import to_minutes

LONGEST_ENTRY = 24 * 60  # minutes
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

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "telecom.guard.mixin"]
    # Odoo's own, that much is worked out from. Other apps count pieces in them.
    _bounds = frozendict({"date": (date(1970, 1, 1), None), "unit_amount": (-1e9, 1e9)})

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

    @api.depends("ticket_id.commercial_partner_id")
    def _compute_partner_id(self):
        of_tickets = self.filtered("ticket_id")
        super(AccountAnalyticLine, self - of_tickets)._compute_partner_id()
        for line in of_tickets._get_unlocked():
            line.partner_id = line.ticket_id.commercial_partner_id

    @api.depends("ticket_id")
    def _compute_display_name(self):
        of_tickets = self.filtered("ticket_id")
        super(AccountAnalyticLine, self - of_tickets)._compute_display_name()
        for line in of_tickets:
            line.display_name = line._get_label()

    @api.constrains("unit_amount", "ticket_id")
    def _check_length(self):
        for line in self.filtered("ticket_id"):
            minutes = to_minutes(line.unit_amount)
            if minutes < 1:
                raise ValidationError(
                    self.env._(
                        "%(entry)s: say how long it took, such as 0:15.", entry=line._get_label()
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

    @api.model
    def _check_timing(self, vals_list):
        """Refuse what nothing can be worked out from; the rest is looked at when it is written."""
        self._check_bounds(
            [{name: vals[name] for name in TIMING_FIELDS & vals.keys()} for vals in vals_list]
        )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # the caller's stay as they are
        for vals in vals_list:
            vals.setdefault("ticket_id", self.env.context.get("default_ticket_id"))
        of_tickets = [vals for vals in vals_list if vals["ticket_id"]]
        if not of_tickets:
            return super().create(vals_list)
        self._check_timing(of_tickets)
        self._fill_log_values(of_tickets)
        lines = super().create(vals_list)
        by_default = lines.browse(
            line.id
            for line, vals in zip(lines, vals_list, strict=True)
            if line.ticket_id and "billable" not in vals
        )
        by_default._set_default_billable()
        entries = lines.filtered("ticket_id")
        entries._follow_billable()
        entries._split_by_hours()
        return lines

    def write(self, vals):
        entries = self.sudo().filtered("ticket_id")
        if not LOGGED_FIELDS & vals.keys() or not (entries or vals.get("ticket_id")):
            return super().write(vals)
        if "date" in vals and len(self) > 1 and any(entries.mapped("started_at")):
            # Each keeps its own time of day.
            for line in self:
                line.write(dict(vals))
            return True
        vals = dict(vals)
        self._check_timing([vals])
        self._fill_changed_values(vals)
        by_default = entries.browse()
        if "billable" not in vals and TIMING_FIELDS & vals.keys():
            defaults = entries._default_billable()
            by_default = entries.filtered(lambda line: line.billable == defaults[line.id])
            if vals.get("ticket_id"):
                by_default |= self.sudo() - entries
        result = super().write(vals)
        entries = self.filtered("ticket_id")
        if "unit_amount" in vals:
            # What was corrected was another length.
            entries._write_billing({"approved_hours": 0, "correction_note": False})
        by_default.filtered("ticket_id")._set_default_billable()
        self._follow_billable()
        if TIMING_FIELDS & vals.keys():
            entries._split_by_hours()
        return result
