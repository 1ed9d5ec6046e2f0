from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AccountMove(models.Model):
    """Invoices that bill support time, and what becomes of it when they change."""

    _inherit = "account.move"

    support_time_count = fields.Integer(compute="_compute_support_time_count")
    waiting_support_hours = fields.Float(
        compute="_compute_waiting_support_hours",
        help="Approved time of this customer that could go on this draft.",
    )

    @api.depends("invoice_line_ids.support_time_ids")
    def _compute_support_time_count(self):
        counts = dict(
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("invoice_line_id.move_id", "in", self.ids)],
                ["invoice_line_id"],
                ["__count"],
            )
        )
        for move in self:
            # Of what is saved: lines that a form links to may be anybody's.
            lines = move._origin.invoice_line_ids
            move.support_time_count = sum(counts.get(line, 0) for line in lines)

    @api.depends("commercial_partner_id", "company_id", "currency_id", "state", "move_type")
    def _compute_waiting_support_hours(self):
        self.waiting_support_hours = 0
        for move in self.filtered(lambda m: m.move_type == "out_invoice" and m.state == "draft"):
            waiting = move._find_waiting_support_time()
            move.waiting_support_hours = sum(waiting.mapped("billed_hours"))

    def _find_waiting_support_time(self):
        """Approved entries (account.analytic.line) that could go on this one draft.

        A form that is not saved yet may name any company: what waits there is not told.
        """
        customer = self.commercial_partner_id
        entries = self.env["account.analytic.line"]
        if not customer or not (self.env.su or self.company_id._origin in self.env.companies):
            return entries
        found = entries._find_to_bill(self.company_id, partners=customer)
        return found._group_by_account().get((customer, self.currency_id), entries)

    def _get_support_lines(self):
        """Lines of this one invoice that bill support time, in their order."""
        return self.invoice_line_ids.filtered("is_support_time").sorted(
            lambda line: (line.sequence, line.id)
        )

    # Buttons

    def action_add_support_time(self):
        """Put the customer's approved time on this draft."""
        self.check_access("write")
        self._check_takes_support_time()
        run = self.env["telecom.billing.run"]._start(
            self.company_id, partners=self.commercial_partner_id, move_id=self.id
        )
        if problem := "\n".join(filter(None, run.line_ids.mapped("problem"))):
            if not run.line_ids.filtered(lambda line: line.state == "billed"):
                raise UserError(problem)
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": problem,
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def action_open_support_time(self):
        """Open the entries behind this invoice."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.account_analytic_line_action_billed"
            ),
            "domain": [("invoice_line_id.move_id", "=", self.id)],
            "context": {"create": False},
        }

    def _check_takes_support_time(self):
        """:raises UserError: support time does not go on this invoice"""
        self.ensure_one()
        if self.move_type != "out_invoice" or self.state != "draft":
            raise UserError(self.env._("Support time goes on draft invoices to customers only."))

    # What becomes of the time

    @api.constrains("partner_id")
    def _check_support_time_customer(self):
        for move in self.sudo().filtered("support_time_count"):
            customers = move.invoice_line_ids.support_time_ids.partner_id.commercial_partner_id
            if customers - move.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "This invoice bills support time of %s. Delete those lines before you "
                        "give it to another customer.",
                        customers[:1].display_name,
                    )
                )

    def _get_support_currencies(self, vals):
        """Currencies of those of these invoices that bill support time and may get another one
        by ``vals``: ``{account.move: res.currency}``."""
        if not {"currency_id", "journal_id"} & vals.keys():
            return {}
        return {move: move.currency_id for move in self if move._get_support_lines()}

    def _check_support_time_currency(self, currency):
        """:raises UserError: this invoice was in ``currency``: its prices would keep their number
        and be worth something else"""
        if self.currency_id != currency:
            raise UserError(
                self.env._(
                    "This invoice bills support time at prices in %(currency)s, and keeps that "
                    "currency. To bill it in %(other)s, delete the lines for support time, give "
                    "the customer a pricelist in %(other)s, and bill the time again.",
                    currency=currency.name,
                    other=self.currency_id.name,
                )
            )

    def _release_support_time(self):
        """These invoices are cancelled: their time is free, and known in case they are reopened."""
        for move in self.sudo():
            entries = move._get_support_time()
            self.env["telecom.time.release"]._record(move, entries)
            entries._release_from_invoice()

    def _take_support_time_back(self):
        """Cancelled invoices are drafts again, as they were, and bill the time that they billed.

        :raises UserError: some is billed elsewhere, or not approved any more
        """
        rows = self.sudo().release_ids
        rows._take_back()
        rows.filtered(lambda row: row.line_id.move_id == row.move_id).unlink()
        # Of invoices that were cancelled before it was noted, nobody knows whose time it was.
        lines = self.invoice_line_ids.filtered("is_support_time").sudo()
        lines.filtered(lambda line: not (line.support_time_ids or line.release_ids))._take_off()
