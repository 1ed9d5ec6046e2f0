from markupsafe import escape

from odoo import fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """A credit note may free the time that it credits, for as long as it counts."""

    _inherit = "account.move"

    frees_support_time = fields.Boolean(
        readonly=True,
        copy=False,
        help="Once this credit note is posted, the time that it credits may be billed again.",
    )

    def write(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self.check_access("write")
            self.filtered(
                lambda move: move.frees_support_time and move.state == "posted"
            )._claim_credited_time()
        return super().write(vals)

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted.filtered("frees_support_time")._free_credited_time()
        return posted

    def _free_credited_time(self):
        """Have the time on the lines that these credit notes credit wait to be billed again."""
        bodies = {}
        for move in self:
            count = 0
            for line in move.invoice_line_ids.filtered("support_origin_id"):
                entries = line._get_support_origin().sudo().support_time_ids
                entries._free_from_invoice()
                entries._write_billing({"credited_line_id": line.id})
                count += len(entries)
            if count:
                bodies[move.id] = escape(
                    self.env._(
                        "The support time that is credited here may be billed again (entries: %s).",
                        count,
                    )
                )
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)

    def _claim_credited_time(self):
        """These credit notes do not count any more: what they freed is billed as it was.

        :raises UserError: some of it was billed again, or is not approved any more
        """
        for line in self.invoice_line_ids:
            entries = line.sudo().credited_time_ids
            origin = line._get_support_origin()
            if not entries or not origin or origin.move_id.state != "posted":
                continue
            if moved := entries.filtered(lambda entry: entry.billing_state != "approved"):
                raise UserError(
                    self.env._(
                        "What this credit note freed was billed again, or is under review again: "
                        "%s. It would be on two invoices. Take it off there first.",
                        moved._name_some(),
                    )
                )
            entries._tie_to_invoice(origin)
            entries._write_billing({"credited_line_id": False})
