from odoo import fields, models


class TelecomTicket(models.Model):
    """Invoices that bill a ticket's time, for those who make invoices."""

    _inherit = "telecom.ticket"

    invoice_count = fields.Integer(
        compute="_compute_invoice_count",
        compute_sudo=True,
        groups="account.group_account_invoice",
    )

    def _compute_invoice_count(self):
        invoices = self._find_invoices()
        for ticket in self:
            ticket.invoice_count = len(invoices.get(ticket.id, ()))

    def _find_invoices(self):
        """Ids of the invoices that bill each of these tickets: ``{ticket.id: {move.id}}``."""
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("ticket_id", "in", self.ids), ("invoice_line_id", "!=", False)],
                ["ticket_id"],
                ["invoice_line_id:recordset"],
            )
        )
        return {ticket.id: set(lines.move_id.ids) for ticket, lines in groups}

    def action_open_invoices(self):
        """Open the invoices that bill this ticket's time."""
        self.ensure_one()
        self.check_access("read")
        moves = self.env["account.move"].browse(self._find_invoices().get(self.id, ()))
        moves.check_access("read")
        if len(moves) == 1:
            return moves.get_formview_action()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type"),
            "domain": [("id", "in", moves.ids)],
            "context": {"default_move_type": "out_invoice"},
        }
