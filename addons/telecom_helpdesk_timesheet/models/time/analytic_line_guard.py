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
