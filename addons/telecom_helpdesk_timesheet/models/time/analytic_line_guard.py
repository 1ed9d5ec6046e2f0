from odoo import api, models
from odoo.exceptions import AccessError, UserError

# States in which nobody changes an entry any more.
LOCKED_STATES = ("approved", "invoiced", "included")
# What review and billing write through ``_write_billing``. All of them are ``readonly=True``, which
# keeps people from setting them; here they are named for what is said to whoever tries.
BILLING_FIELDS = frozenset(
    {
        "billing_state",
        "approved_hours",
        "approved_by_id",
        "approved_at",
        "correction_note",
        "rejected_by_id",
        "rejected_at",
        "rejection_reason",
        "support_rate_id",
        "billed_hours",
        "piece",
        "reckoning",
        "included_hours",
        "included_periods",
        "invoice_line_id",
    }
)


class AccountAnalyticLine(models.Model):
    """What was approved stays as it is, whoever asks: form, import, RPC, another app.

    Superusers are no exception, and no key of the context opens the door: it comes with the
    request. Odoo's own bookkeeping on entries that may still change (their cost, their analytic
    accounts) goes on as ever.
    """

    _inherit = "account.analytic.line"

    def _get_unlocked(self):
        """Those of these entries that may still change."""
        return self.filtered(lambda line: line.billing_state not in LOCKED_STATES)

    def _write_billing(self, vals):
        """Write what only approval and billing may write, past every guard."""
        models.BaseModel.write(self.sudo(), vals)

    # Computed from what may change afterwards: the entry stays as it was approved.

    def _compute_user_id(self):
        super(AccountAnalyticLine, self._get_unlocked())._compute_user_id()

    def _compute_project_id(self):
        super(AccountAnalyticLine, self._get_unlocked())._compute_project_id()

    def _compute_task_id(self):
        super(AccountAnalyticLine, self._get_unlocked())._compute_task_id()

    @api.depends("billing_state", "user_id")
    @api.depends_context("uid")
    def _compute_readonly_timesheet(self):
        super()._compute_readonly_timesheet()

    def _is_readonly(self):
        return super()._is_readonly() or bool(self.ticket_id and not self._may_change())

    def _may_change(self):
        """Whether the present user may change this one entry on a ticket."""
        if self.billing_state in LOCKED_STATES:
            return False
        user = self.env.user
        return self.user_id == user or any(
            user.has_group(group)
            for group in (
                "telecom_helpdesk.group_manager",
                "hr_timesheet.group_hr_timesheet_approver",
            )
        )

    def _check_can_write(self, values):
        # Managers of the helpdesk answer for time on tickets without approving other projects'.
        others = self
        if self.env.user.has_group("telecom_helpdesk.group_manager"):
            others = self.filtered(lambda line: not line.ticket_id)
        return super(AccountAnalyticLine, others)._check_can_write(values)

    @api.model_create_multi
    def create(self, vals_list):
        # Before anything is said of tickets, agents or employees.
        self.check_access("create")
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            self.check_access("write")
            self._refuse_locked()
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._refuse_locked()
        return super().unlink()

    @api.model
    def _refuse_field(self, field):
        if field.name in BILLING_FIELDS:
            raise AccessError(
                self.env._(
                    "%(fields)s: approval and billing alone decide about that. Use the buttons of "
                    "the list “To Review”.",
                    fields=field.get_description(self.env, ["string"])["string"],
                )
            )
        super()._refuse_field(field)

    def _refuse_locked(self):
        """:raises UserError: one of these entries is approved or billed"""
        locked = self.sudo().filtered(lambda line: line.billing_state in LOCKED_STATES)[:1]
        if not locked:
            return
        if locked.billing_state == "approved":
            message = self.env._(
                "%(entry)s: this time was approved by %(manager)s and stays as it is. They can "
                "unlock it.",
                entry=locked._get_label(),
                manager=locked.approved_by_id.name or self.env._("a manager"),
            )
        elif locked.invoice_id:
            message = self.env._(
                "%(entry)s: this time is billed on %(invoice)s and stays as it is.",
                entry=locked._get_label(),
                invoice=locked.invoice_id.display_name,
            )
        else:
            message = self.env._(
                "%(entry)s: hours of a contract or a pack cover this time, and it stays as it is. "
                "%(manager)s, who approved it, can unlock it.",
                entry=locked._get_label(),
                manager=locked.approved_by_id.name or self.env._("A manager"),
            )
        raise UserError(message)
