from odoo import api, fields, models


class AccountMoveReversal(models.TransientModel):
    """A credit note asks what becomes of the time that the invoice billed."""

    _name = "account.move.reversal"
    _inherit = ["account.move.reversal", "telecom.guard.mixin"]

    has_support_time = fields.Boolean(compute="_compute_has_support_time")
    free_support_time = fields.Boolean(
        string="Free the support time to be billed again",
        help="The time on the credited lines waits to be billed again once the credit note is "
        "posted. Otherwise it stays billed. An invoice made in place of the credited one takes "
        "it over.",
    )

    @api.depends("move_ids")
    def _compute_has_support_time(self):
        for wizard in self:
            wizard.has_support_time = any(
                move.support_time_count for move in wizard.move_ids._origin
            )

    def reverse_moves(self, is_modify=False):
        action = super().reverse_moves(is_modify=is_modify)
        if is_modify:
            self._hand_over()
        elif self.free_support_time:
            self.new_move_ids.sudo().frees_support_time = True
            posted = self.new_move_ids.filtered(lambda move: move.state == "posted")
            posted._free_credited_time()
        return action

    def _hand_over(self):
        """The new drafts bill the time from now on: they replace what was credited."""
        for line in self.new_move_ids._get_support_lines():
            entries = line._get_support_origin().sudo().support_time_ids
            entries._write_billing({"invoice_line_id": line.id})
