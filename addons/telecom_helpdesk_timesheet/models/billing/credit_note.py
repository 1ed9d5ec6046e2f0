from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes


class AccountMove(models.Model):
    """A credit note may give back the time that it credits, for as long as it counts.

    It credits the lines that its own were copied from. Which of the time on them is to be billed
    again is for the accountant to say: a lower price releases no hours.
    """

    _inherit = "account.move"

    release_ids = fields.One2many(
        "telecom.time.release",
        "move_id",
        string="Released Support Time",
        readonly=True,
        groups="account.group_account_invoice",
    )
    credit_hint = fields.Char(
        string="Credited Support Time",
        compute="_compute_credit_hint",
        help="What becomes of the support time that this credit note credits.",
    )

    @api.depends("invoice_line_ids", "move_type", "state")
    def _compute_credit_hint(self):
        for move in self:
            is_credit_note = move.move_type == "out_refund" and move.state != "cancel"
            credits_time = is_credit_note and bool(move._origin._get_credited_lines())
            move.credit_hint = credits_time and move._origin._describe_freed_time()

    def _describe_freed_time(self):
        """What becomes of the support time that this credit note credits, in words."""
        entries = self._get_freed_time()
        if not entries:
            return self.env._("The support time that is credited here stays billed.")
        facts = {
            "hours": format_hours(sum(to_minutes(entry.billed_hours) for entry in entries)),
            "count": len(entries),
        }
        if self.state == "posted":
            return self.env._(
                "This credit note released support time to be billed again: %(hours)s h (entries: "
                "%(count)s).",
                **facts,
            )
        return self.env._(
            "Once this is posted, it releases support time to be billed again: %(hours)s h "
            "(entries: %(count)s).",
            **facts,
        )

    def _suspend_credits(self, is_cancelled):
        """Those of these that are credit notes count no more: what they gave back is billed again.

        :param is_cancelled: for good, not until they are posted again
        :raises UserError: some was billed elsewhere since, or is not approved any more
        """
        credit_notes = self.filtered(lambda move: move.move_type == "out_refund").sudo()
        credit_notes.filtered(lambda move: move.state == "posted").release_ids._take_back()
        if is_cancelled:
            credit_notes.release_ids.unlink()

    def _end_credits_undone(self):
        """These documents were posted: a credit note that one of them is against is undone."""
        undone = self.reversed_entry_id.sudo().release_ids
        undone._take_back()
        undone.unlink()

    def _give_back_credited_time(self):
        bodies = {}
        for move in self.sudo().filtered("release_ids"):
            if given := move.release_ids._give_back():
                bodies[move.id] = escape(
                    self.env._(
                        "The support time that is credited here may be billed again (entries: %s).",
                        len(given),
                    )
                )
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)

    def _get_credited_lines(self):
        """Lines (account.move.line) of invoices for support time that these credit."""
        return self.invoice_line_ids._get_support_origins()

    def _get_freed_time(self):
        """Entries (account.analytic.line, as superuser) that this one credit note gives back."""
        return self.sudo().release_ids.entry_id

    def _get_creditable_time(self):
        """Entries (account.analytic.line, as superuser) that this credit note gives back, or
        could: what it credits, but for what another one gives back."""
        entries = self._get_credited_lines().sudo().support_time_ids
        rows = self.env["telecom.time.release"].sudo()
        others = rows.search([("line_id", "in", entries.invoice_line_id.ids)])
        others = others.filtered(
            lambda row: row.move_id != self and row.line_id == row.entry_id.invoice_line_id
        )
        return entries - others.entry_id | self._get_freed_time()

    def _set_freed_time(self, entries):
        """Have these credit notes give back ``entries`` (account.analytic.line), and no others.

        :raises UserError: what is to stay billed was billed elsewhere since
        """
        for move in self:
            rows = move.sudo().release_ids
            dropped = rows.filtered(lambda row: row.entry_id not in entries)
            chosen = move._get_creditable_time() & entries.sudo() - rows.entry_id
            is_posted = move.state == "posted"
            if is_posted:
                dropped._take_back()
            dropped.unlink()
            rows._record(move, chosen)
            if is_posted:
                move._give_back_credited_time()

    def _hand_time_over(self, drafts):
        """Have ``drafts``, made in place of what these credit notes credit, bill the time on it.

        What is handed over is given back as well, so that no credit note is undone alone.
        """
        credited = {line: move for move in self for line in move._get_credited_lines()}
        for line in drafts.invoice_line_ids.filtered("is_support_time").sudo():
            entries = line.support_origin_id.support_time_ids
            if move := credited.get(line.support_origin_id):
                self.env["telecom.time.release"]._record(move, entries)
            entries._write_billing({"invoice_line_id": line.id})

    def action_choose_freed_time(self):
        """Open the dialog in which the credited time that may be billed again is chosen."""
        self.ensure_one()
        self.check_access("write")
        if not self._get_credited_lines():
            raise UserError(self.env._("No support time is credited here."))
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.telecom_time_credit_action"
            ),
            "context": {"default_move_id": self.id, "dialog_size": "extra-large"},
        }
