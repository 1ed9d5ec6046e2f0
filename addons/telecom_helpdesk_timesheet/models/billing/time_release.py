from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.telecom_helpdesk.tools.durations import to_hours


class TelecomTimeRelease(models.Model):
    """Time on a line of an invoice that is given back, to be billed again: by a credit note, for as
    long as that is posted, or by the invoice itself, while it is cancelled.

    An entry is given back once from one line: what was taken over by another invoice since is
    nothing that two documents can give back.
    """

    _name = "telecom.time.release"
    _description = "Released Support Time"
    _inherit = ["telecom.guard.mixin"]

    move_id = fields.Many2one(
        "account.move", string="Released by", required=True, readonly=True, ondelete="cascade"
    )
    entry_id = fields.Many2one(
        "account.analytic.line", required=True, readonly=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Billed on",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    minutes = fields.Integer(
        required=True, readonly=True, help="What was invoiced of it: its share of that line."
    )

    included_periods = fields.Json(
        readonly=True, help="Which hours of contracts and packs covered it, see the entry."
    )

    _entry_unique = models.UniqueIndex("(entry_id, line_id)")
    _of_move = models.Index("(move_id)")

    @api.model
    def _record(self, move, entries):
        """Note that ``move`` gives ``entries`` back from where they are billed."""
        entries = entries.sudo()
        rows = self.sudo().search(
            [("entry_id", "in", entries.ids), ("line_id", "in", entries.invoice_line_id.ids)]
        )
        # What a draft of a credit note would have given back is given back already.
        rows = rows.filtered(lambda row: row.line_id == row.entry_id.invoice_line_id)
        rows.move_id = move
        return rows | self.sudo().create(
            [
                {
                    "move_id": move.id,
                    "entry_id": entry.id,
                    "line_id": entry.invoice_line_id.id,
                    "minutes": entry._get_minutes_to_invoice(),
                    "included_periods": entry.included_periods or False,
                }
                for entry in entries - rows.entry_id
            ]
        )

    def _give_back(self):
        """The credit notes count: the entries wait to be billed again.

        Those whose line is not on the credit note any more stay billed, and so do those that an
        invoice in place of the credited one has taken over.

        :return: entries (account.analytic.line) that wait now
        """
        credited = {move: move._get_credited_lines() for move in self.move_id}
        given = self.filtered(
            lambda row: (
                row.line_id in credited[row.move_id] and row.entry_id.invoice_line_id == row.line_id
            )
        ).entry_id
        given._release_from_invoice()
        return given

    def _take_back(self):
        """What gave the entries back counts no more: they are billed again as they were.

        :raises UserError: some were billed elsewhere since, or are not approved any more
        """
        cancelled = self.filtered(lambda row: row.line_id.parent_state == "cancel")
        for row in cancelled:
            # They are free all the same, by another document.
            row.move_id = row.line_id.move_id
        away = (self - cancelled).filtered(lambda row: row.entry_id.invoice_line_id != row.line_id)
        if moved := away.entry_id.filtered(lambda entry: entry.billing_state != "approved"):
            raise UserError(
                self.env._(
                    "Time that %(document)s released is billed again, or under review: "
                    "%(entries)s. It would be on two invoices. Take it off there first.",
                    document=away.move_id[:1].display_name,
                    entries=moved._name_some(),
                )
            )
        for row in away:
            # What covers it is what it was, not what it would be by now.
            used = row.included_periods or {}
            row.entry_id._write_billing(
                {"included_hours": to_hours(sum(used.values())), "included_periods": used or False}
            )
        for line, rows in away.grouped("line_id").items():
            rows.entry_id._link_to_invoice(line)
        away.entry_id._recount_billed()
