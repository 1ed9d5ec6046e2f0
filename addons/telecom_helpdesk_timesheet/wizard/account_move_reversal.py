from odoo import api, fields, models


class AccountMoveReversal(models.TransientModel):
    """Whoever credits support time says which of it may be billed again."""

    _name = "account.move.reversal"
    _inherit = ["account.move.reversal", "telecom.guard.mixin"]

    has_support_time = fields.Boolean(compute="_compute_support_time_ids")
    support_time_ids = fields.Many2many(
        "account.analytic.line", compute="_compute_support_time_ids"
    )
    free_support_time = fields.Boolean(
        string="Bill support time again",
        help="The time below waits to be billed again once the credit note is posted. All other "
        "time stays billed, at what is left of its amount. An invoice made in place of the "
        "credited one takes all of it over.",
    )
    freed_time_ids = fields.Many2many(
        "account.analytic.line",
        "telecom_account_move_reversal_time_rel",
        string="Time to Bill Again",
        compute="_compute_freed_time_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', support_time_ids)]",
    )

    @api.depends("move_ids")
    def _compute_support_time_ids(self):
        for wizard in self:
            entries = wizard.move_ids._origin._filtered_access("read").sudo()._get_support_time()
            wizard.support_time_ids = entries
            wizard.has_support_time = bool(entries)

    @api.depends("free_support_time")
    def _compute_freed_time_ids(self):
        for wizard in self:
            wizard.freed_time_ids = wizard.free_support_time and wizard.support_time_ids

    def reverse_moves(self, is_modify=False):
        """Both buttons of Odoo's dialog call it, to say what becomes of the time. The credit notes
        are in ``reversal_move_ids`` of what they credit afterwards and, with ``is_modify``, the new
        invoices in ``new_move_ids``."""
        before = self.move_ids.reversal_move_ids
        action = super().reverse_moves(is_modify=is_modify)
        credit_notes = self.move_ids.reversal_move_ids - before
        if is_modify:
            credit_notes._hand_time_over(self.new_move_ids)
            self.new_move_ids._hand_packs_over()
        elif self.free_support_time:
            credit_notes._set_freed_time(self.freed_time_ids)
        return action
