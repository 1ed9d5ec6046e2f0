from odoo import api, fields, models


class TelecomTimeCredit(models.TransientModel):
    """Which of the support time that a credit note credits may be billed again."""

    _name = "telecom.time.credit"
    _description = "Bill Credited Time Again"
    _inherit = ["telecom.wizard.mixin"]

    _fixed_fields = frozenset({"move_id"})

    move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        required=True,
        ondelete="cascade",
        domain=[("move_type", "=", "out_refund")],
    )
    support_time_ids = fields.Many2many(
        "account.analytic.line", compute="_compute_support_time_ids"
    )
    freed_time_ids = fields.Many2many(
        "account.analytic.line",
        string="Time to Bill Again",
        compute="_compute_freed_time_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', support_time_ids)]",
    )

    @api.depends("move_id")
    def _compute_support_time_ids(self):
        for wizard in self:
            move = wizard.move_id._origin._filtered_access("read")
            wizard.support_time_ids = move._get_creditable_time()

    @api.depends("move_id")
    def _compute_freed_time_ids(self):
        for wizard in self:
            move = wizard.move_id._origin._filtered_access("read")
            wizard.freed_time_ids = move._get_freed_time() if move else False

    def action_confirm(self):
        """Have the credit note free what is on the list, and nothing else."""
        self.ensure_one()
        self.check_access("write")
        self.move_id.check_access("write")
        self.move_id._set_freed_time(self.freed_time_ids)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
