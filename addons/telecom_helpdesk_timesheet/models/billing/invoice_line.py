from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes


class Copied(int):
    """Id of the line that a new one is a copy of: no value from outside is one."""


class AccountMoveLine(models.Model):
    """Lines of invoices that bill support time, and lines that were copied from them."""

    _inherit = "account.move.line"

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

    def _add_origin(self, vals):
        """Note in ``vals`` (dict, in place), of a copy of this line, what it is a copy of."""
        # A copy of what credits a line credits it too.
        is_origin = self.is_support_time or self.sudo().pack_ids
        if origin := self if is_origin else self.support_origin_id:
            vals["support_origin_id"] = Copied(origin.id)

    @api.model
    def _take_out_origins(self, vals_list):
        """``vals_list`` (dicts) without what ``_add_origin`` has noted, and that for each of them:
        ``Copied`` or None."""
        origins = [vals.get("support_origin_id") for vals in vals_list]
        origins = [origin if isinstance(origin, Copied) else None for origin in origins]
        if not any(origins):
            return vals_list, origins
        rest = [dict(vals) for vals in vals_list]
        for vals, origin in zip(rest, origins, strict=True):
            if origin:
                del vals["support_origin_id"]
        return rest, origins

    def _note_origins(self, origins):
        """These new lines are copies of ``origins`` (``Copied`` or None for each)."""
        if not any(origins):
            return
        for line, origin in zip(self, origins, strict=True):
            if origin:
                # What is made against an invoice, or a credit note, bills no time.
                is_billing = (
                    line.move_id.move_type == "out_invoice"
                    and not line.move_id.reversed_entry_id
                    and self.browse(int(origin)).sudo().is_support_time
                )
                models.BaseModel.write(
                    line.sudo(), {"support_origin_id": int(origin), "is_support_time": is_billing}
                )

    def _is_known_customer(self, vals):
        """Whether ``vals`` say nothing but whose new invoice lines these are, and are right.

        Odoo's ``create`` of invoices has their lines follow the customer, whose they are already.
        """
        return (
            self.env.context.get("telecom_new_invoices")
            and vals.keys() == {"partner_id"}
            and all(line.partner_id.id == vals["partner_id"] for line in self)
        )

    def _refuse_other_move(self, vals):
        """:raises UserError: ``vals`` would have lines that bill time move to another document"""
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
