from markupsafe import Markup

from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    pack_ids = fields.One2many(
        "telecom.hour.pack",
        "invoice_line_id",
        string="Hour Packs",
        readonly=True,
        groups="account.group_account_invoice",
    )

    def _sells_pack(self):
        """Whether this line is to make a pack, now that its invoice is posted."""
        return (
            self.parent_state == "posted"
            and self.move_id.move_type == "out_invoice"
            and self.product_id.support_pack_hours > 0
            and self.quantity > 0
            and not (self.pack_ids or self.support_origin_id.pack_ids)
        )

    def _get_sold_quantity(self):
        """Quantity in the unit of the product."""
        unit = self.product_id.uom_id
        if self.product_uom_id and unit and self.product_uom_id != unit:
            return self.product_uom_id._compute_quantity(self.quantity, unit, round=False)
        return self.quantity

    def _has_price_of(self, line):
        own, other = (each.price_unit * (1 - (each.discount or 0) / 100) for each in (self, line))
        return abs(own - other) <= 0.00001 * abs(other)

    def _forget_pack(self):
        """These lines are no corrections of the packs that they were copied from."""
        lines = self.sudo().filtered("support_origin_id.pack_ids")
        models.BaseModel.write(lines, {"support_origin_id": False})


class AccountMove(models.Model):
    """Invoices sell packs of hours, credit notes take hours of them back."""

    _inherit = "account.move"

    pack_hint = fields.Text(
        string="Hour Packs",
        compute="_compute_pack_hint",
        help="What becomes of the hour packs that this credit note credits.",
    )

    @api.depends("invoice_line_ids.quantity", "invoice_line_ids.price_unit", "move_type", "state")
    def _compute_pack_hint(self):
        self.pack_hint = False
        for move in self:
            if move.move_type == "out_refund" and move.state == "draft" and move._origin:
                packs = move._origin.sudo().invoice_line_ids.support_origin_id.pack_ids
                texts = [pack._describe_credit(move._origin.sudo()) for pack in packs]
                move.pack_hint = "\n".join(texts) or False

    def _follow_packs(self):
        """These documents were posted, are drafts again, or were cancelled: so are their packs."""
        moves = self.sudo().filtered(lambda move: move.move_type in ("out_invoice", "out_refund"))
        lines = moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        sold = lines.filtered(lambda line: line._sells_pack())
        packs = lines.pack_ids | lines.support_origin_id.pack_ids
        packs |= packs._make(sold)
        if not packs:
            return
        packs._follow_invoices()
        bodies = {}
        for move in moves:
            own = move.invoice_line_ids
            if concerned := own.pack_ids | own.support_origin_id.pack_ids:
                bodies[move.id] = Markup("<br/>").join(pack._describe() for pack in concerned)
        self.env["account.move"].browse(bodies)._message_log_batch(bodies=bodies)

    def _hand_packs_over(self):
        """These drafts are in place of invoices that were credited: the packs go with them."""
        for line in self.invoice_line_ids.sudo():
            if pack := line.support_origin_id.pack_ids:
                models.BaseModel.write(pack, {"invoice_line_id": line.id})
                models.BaseModel.write(line, {"support_origin_id": False})
                pack._follow_invoices()

    def _forget_packs(self):
        """Those of these copies that are invoices, against no credit note, sell packs of their
        own."""
        self.filtered(
            lambda move: move.move_type == "out_invoice" and not move.reversed_entry_id
        ).invoice_line_ids._forget_pack()
