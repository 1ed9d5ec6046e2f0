from odoo import api, fields, models


class Copied(int):
    """Id of the line that a new one is a copy of: no value from outside is one."""


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "telecom.guard.mixin"]

    support_time_ids = fields.One2many(
        "account.analytic.line", "invoice_line_id", readonly=True, copy=False
    )
    credited_time_ids = fields.One2many(
        "account.analytic.line", "credited_line_id", string="Freed Time", readonly=True, copy=False
    )
    is_support_time = fields.Boolean(
        readonly=True,
        copy=False,
        help="This line bills time on tickets; it goes when the time is free again.",
    )
    # Of a credit note, or an invoice in place of a credited one: what it was copied from.
    support_origin_id = fields.Many2one(
        "account.move.line",
        string="Copied from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model_create_multi
    def create(self, vals_list):
        origins = [vals.get("support_origin_id") for vals in vals_list]
        if not any(isinstance(origin, Copied) for origin in origins):
            return super().create(vals_list)
        lines = super().create(
            [
                {
                    name: value
                    for name, value in vals.items()
                    if name != "support_origin_id" or not isinstance(value, Copied)
                }
                for vals in vals_list
            ]
        )
        for line, origin in zip(lines, origins, strict=True):
            if isinstance(origin, Copied):
                models.BaseModel.write(
                    line.sudo(), {"support_origin_id": int(origin), "is_support_time": True}
                )
        return lines

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            if line.is_support_time:
                vals["support_origin_id"] = Copied(line.id)
        return vals_list

    def unlink(self):
        self.check_access("unlink")
        self.sudo().support_time_ids._free_from_invoice()
        return super().unlink()

    def _get_support_origin(self):
        """The line that this one was copied from, if it bills the same customer for the same
        company; or empty."""
        origin = self.sudo().support_origin_id
        move = self.sudo().move_id
        is_ours = (
            origin.company_id == move.company_id
            and origin.move_id.commercial_partner_id == move.commercial_partner_id
        )
        return (origin if is_ours else origin.browse()).with_env(self.env)

    def _related_analytic_distribution(self):
        """Another account or customer on the line does not change whose time it is."""
        distribution = super()._related_analytic_distribution()
        if self.is_support_time:
            entries = self.sudo().support_time_ids
            return {**distribution, **entries._get_billed_distribution()}
        return distribution
