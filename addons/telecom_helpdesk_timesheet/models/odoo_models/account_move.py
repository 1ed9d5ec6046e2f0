from odoo import api, models

from ..billing.billing_run import ACCOUNTANT


class AccountMove(models.Model):
    """What happens to support time and to packs of hours when an invoice or a credit note changes
    its state; each step is in ``billing/`` or ``pack/``."""

    _name = "account.move"
    _inherit = ["account.move", "telecom.guard.mixin"]

    def write(self, vals):
        """Odoo's buttons and other apps set a document's state, currency, journal and type by it.

        What gives time back, or bills it again, is done before the state changes, so that it is
        refused first; what looks at the state afterwards comes last.
        """
        state = vals.get("state")
        reopened = self.browse()
        if state in ("draft", "cancel"):
            self.check_access("write")
            self._suspend_credits(is_cancelled=state == "cancel")
        if state == "draft":
            reopened = self.filtered(lambda move: move.state == "cancel")
        elif state == "cancel":
            self._release_support_time()
        currencies = self._get_support_currencies(vals)
        result = super().write(vals)
        for move, currency in currencies.items():
            move._check_support_time_currency(currency)
        if "move_type" in vals:
            self.invoice_line_ids._take_off()
        reopened._take_support_time_back()
        if state in ("draft", "cancel"):
            self._follow_packs()
        return result

    def copy(self, default=None):
        """Odoo copies the lines by ``copy_data``, which notes what they are copied from: a copy of
        an invoice bills no time, as the original does, and sells packs of its own."""
        moves = super().copy(default)
        moves.invoice_line_ids.filtered("is_support_time").unlink()
        moves._forget_packs()
        return moves

    def _post(self, soft=True):
        """All ways of posting end here. Odoo returns what it has posted: with ``soft``, documents
        of days to come are left."""
        posted = super()._post(soft)
        posted._give_back_credited_time()
        posted._end_credits_undone()
        posted._follow_packs()
        return posted

    # Whoever confirms a draft is warned

    @api.depends("support_time_warning")
    def _compute_alerts(self):
        """Odoo's form shows the field ``alerts``, which is made of ``_get_alerts``."""
        super()._compute_alerts()

    def _get_alerts(self):
        """Odoo's hook for the warnings above an invoice: ``{key: {"level", "message"}}``."""
        alerts = super()._get_alerts()
        if self.env.user.has_group(ACCOUNTANT) and self.support_time_warning:
            alerts["telecom_support_time"] = {
                "level": "warning",
                "message": self.support_time_warning,
            }
        return alerts

    def _get_moves_requiring_confirmation(self):
        """Odoo's hook for the dialog ``validate.account.move``: what it asks about."""
        warned = self.sudo().filtered("support_time_warning").sudo(self.env.su)
        return super()._get_moves_requiring_confirmation() | warned

    def action_post(self):
        """The button on the form, which sets this key of Odoo's in the context: it is asked, as
        with Odoo's own warnings, and software is not."""
        is_asked = not self.env.context.get("disable_abnormal_invoice_detection", True)
        if is_asked and self.line_ids and self.sudo().filtered("support_time_warning"):
            return self.action_validate_moves_with_confirmation()
        return super().action_post()
