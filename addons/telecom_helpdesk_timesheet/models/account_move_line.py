from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.hours import to_minutes
from .contract_period import format_hours


class Copied(int):
    """Id of the line that a new one is a copy of: no value from outside is one."""


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "telecom.guard.mixin"]

    support_time_ids = fields.One2many(
        "account.analytic.line", "invoice_line_id", readonly=True, copy=False
    )
    is_support_time = fields.Boolean(
        readonly=True,
        copy=False,
        help="This line bills time on tickets; it is removed when the time is released.",
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

    release_ids = fields.One2many(
        "telecom.time.release",
        "line_id",
        string="Released Support Time",
        readonly=True,
        groups="account.group_account_invoice",
    )
    correction_ids = fields.One2many(
        "account.move.line", "support_origin_id", string="Copies", readonly=True, copy=False
    )

    _of_support = models.Index("(id) WHERE is_support_time")

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
                # What is made against an invoice, or a credit note, bills no time.
                is_billing = (
                    line.move_id.move_type == "out_invoice"
                    and not line.move_id.reversed_entry_id
                    and self.browse(int(origin)).sudo().is_support_time
                )
                models.BaseModel.write(
                    line.sudo(), {"support_origin_id": int(origin), "is_support_time": is_billing}
                )
        return lines

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            # A copy of what credits a line credits it too.
            is_origin = line.is_support_time or line.sudo().pack_ids
            origin = line if is_origin else line.support_origin_id
            if origin:
                vals["support_origin_id"] = Copied(origin.id)
        return vals_list

    def copy(self, default=None):
        lines = super().copy(default)
        # A line that is copied by itself bills no time, and corrects none.
        models.BaseModel.write(lines.sudo(), {"support_origin_id": False, "is_support_time": False})
        return lines

    def write(self, vals):
        if (
            self.env.context.get("telecom_new_invoices")
            and vals.keys() == {"partner_id"}
            and all(line.partner_id.id == vals["partner_id"] for line in self)
        ):
            # Odoo's `create` has the lines follow the customer, whose they are already.
            return True
        if "move_id" in vals and self.filtered("is_support_time").move_id.ids not in (
            [],
            [vals["move_id"]],
        ):
            raise UserError(
                self.env._(
                    "A line that bills support time stays on its invoice. Delete it: “Add Support "
                    "Time” puts the time on another one."
                )
            )
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._note_taken_off()
        self.sudo().support_time_ids._free_from_invoice()
        return super().unlink()

    def _take_off(self):
        """Take lines that bill support time off these drafts: as it is free again, it could be
        billed twice."""
        bodies = {}
        for move, lines in self.filtered("is_support_time").grouped("move_id").items():
            entries = lines.sudo().support_time_ids
            hours = format_hours(sum(to_minutes(entry.billed_hours) for entry in entries))
            count = len(entries)
            lines.with_env(self.env).unlink()
            bodies[move.id] = escape(
                self.env._(
                    "Support time was taken off, to be billed again: %(hours)s h (entries: "
                    "%(count)s). “Add Support Time” puts what is approved back on.",
                    count=count,
                    hours=hours,
                )
            )
        if bodies:
            self.env["account.move"].browse(bodies)._message_log_batch(bodies=bodies)

    def _get_support_origins(self):
        """Lines that these, which bill no time themselves, were copied from, if they bill time
        of the same customer for the same company."""
        origins = self.browse()
        for line in self.sudo().filtered(lambda line: not line.is_support_time):
            origin, move = line.support_origin_id, line.move_id
            if (
                origin.is_support_time
                and origin.company_id == move.company_id
                and origin.move_id.commercial_partner_id == move.commercial_partner_id
            ):
                origins |= origin
        return origins.with_env(self.env)

    def _related_analytic_distribution(self):
        """Another account or customer on the line does not change whose time it is."""
        distribution = super()._related_analytic_distribution()
        if self.is_support_time:
            entries = self.sudo().support_time_ids
            return {**distribution, **entries._get_billed_distribution()}
        return distribution
