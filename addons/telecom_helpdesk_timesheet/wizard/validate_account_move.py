from odoo import api, fields, models


class ValidateAccountMove(models.TransientModel):
    """Odoo's dialog before invoices are confirmed says what became of support time on them."""

    _name = "validate.account.move"
    _inherit = ["validate.account.move", "telecom.guard.mixin"]

    support_time_warning = fields.Text(
        compute="_compute_support_time_warning", groups="account.group_account_invoice"
    )

    @api.depends("move_ids")
    def _compute_support_time_warning(self):
        for wizard in self:
            moves = wizard.move_ids.filtered("support_time_warning")
            wizard.support_time_warning = "\n".join(
                f"{move.display_name}: {move.support_time_warning}" for move in moves
            )
