from odoo import api, fields, models


class AccountMoveReversal(models.TransientModel):
    """A credit note asks what becomes of the time that the invoice billed."""

    _inherit = "account.move.reversal"

    has_support_time = fields.Boolean(compute="_compute_has_support_time")
    free_support_time = fields.Boolean(
        string="Free the support time to be billed again",
        help="Otherwise it stays billed by the invoice that is credited.",
    )

    @api.depends("move_ids")
    def _compute_has_support_time(self):
        for wizard in self:
            wizard.has_support_time = any(
                move.support_time_count for move in wizard.move_ids._origin
            )

    def reverse_moves(self, is_modify=False):
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.move_type == "out_invoice")
        lines = {move: move._get_support_lines() for move in moves}
        action = super().reverse_moves(is_modify=is_modify)
        if self.free_support_time:
            for move in moves:
                lines[move].support_time_ids._free_from_invoice()
        if is_modify:
            self._hand_over(moves, lines)
        return action

    def _hand_over(self, moves, lines):
        """The new drafts bill the time from now on: they replace what was credited."""
        for move, draft in zip(moves, self.new_move_ids, strict=True):
            copies = draft._get_support_lines()
            if self.free_support_time:
                copies.unlink()
                continue
            for line, copied in zip(lines[move], copies, strict=True):
                line.support_time_ids.sudo()._write_billing({"invoice_line_id": copied.id})
