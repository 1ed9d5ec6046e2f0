from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from .billing_run import ACCOUNTANT


class AccountMove(models.Model):
    """Support time that was removed from a draft: whoever confirms it is warned."""

    _inherit = "account.move"

    # Ids of the entries that were on lines of this draft that are gone.
    taken_off_entries = fields.Json(readonly=True, copy=False, groups=ACCOUNTANT)
    support_time_warning = fields.Char(
        compute="_compute_support_time_warning",
        groups=ACCOUNTANT,
        help="What became of support time that was on this draft.",
    )

    @api.depends("taken_off_entries", "state", "move_type", "invoice_line_ids.support_time_ids")
    def _compute_support_time_warning(self):
        for move in self:
            is_open = move.state == "draft" and move.move_type == "out_invoice"
            parts = move._origin.sudo()._describe_removed_time() if is_open else ()
            move.support_time_warning = " ".join(parts) or False

    def _describe_removed_time(self):
        """Yield what became of the time that was on this one draft, in sentences."""
        entries = self.env["account.analytic.line"].browse(self.taken_off_entries or ()).exists()
        entries = entries.filtered(lambda entry: entry.invoice_id != self)
        for place, group in entries.grouped(lambda entry: entry.invoice_id).items():
            waiting = group.filtered(lambda entry: entry.billing_state == "approved")
            facts = {
                "hours": format_hours(sum(to_minutes(entry.approved_hours) for entry in group)),
                "count": len(group),
            }
            if place:
                yield self.env._(
                    "Support time that was on this draft is on %(invoice)s now: %(hours)s h "
                    "(entries: %(count)s).",
                    invoice=place.display_name,
                    **facts,
                )
            elif waiting == group:
                yield self.env._(
                    "Support time was taken off this draft and waits to be billed: %(hours)s h "
                    "(entries: %(count)s). “Add Support Time” puts it back on.",
                    **facts,
                )
            else:
                yield self.env._(
                    "Support time that was on this draft is under review again, at least in part: "
                    "%(hours)s h (entries: %(count)s).",
                    **facts,
                )
        empty = self.invoice_line_ids.filtered(
            lambda line: line.is_support_time and not (line.support_time_ids or line.release_ids)
        )
        if empty:
            yield self.env._(
                "No support time is behind these lines any more: %(lines)s. Delete them if they "
                "are not to be billed.",
                lines=", ".join(f"“{line.name}”" for line in empty),
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _note_removed_time(self):
        """Keep which time these lines of drafts bill, as they are about to go."""
        lines = self.sudo().filtered(lambda line: line.parent_state == "draft")
        for move, own in lines.filtered("support_time_ids").grouped("move_id").items():
            ids = {*(move.taken_off_entries or ()), *own.support_time_ids.ids}
            models.BaseModel.write(move, {"taken_off_entries": sorted(ids)})
