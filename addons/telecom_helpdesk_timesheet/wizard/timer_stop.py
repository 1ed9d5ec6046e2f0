from odoo import api, fields, models


class TelecomTimerStop(models.TransientModel):
    """What an agent logs of what their timer has measured; until they do, it is kept."""

    _name = "telecom.timer.stop"
    _description = "Stop Timer"
    _inherit = ["telecom.wizard.mixin"]

    _fixed_fields = frozenset({"ticket_id"})

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    cut_at = fields.Datetime(compute="_compute_cut_at")
    minutes = fields.Integer(
        required=True,
        compute="_compute_from_timer",
        store=True,
        readonly=False,
        precompute=True,
    )
    name = fields.Char(string="What Was Done")
    billable = fields.Boolean(
        compute="_compute_from_timer",
        store=True,
        readonly=False,
        precompute=True,
        help="Whether the customer pays for this time. Proposed by category, contract and rate.",
    )

    @api.model
    def _collect_links(self, vals, links):
        # Work that was begun is logged, even if the ticket is another team's by now.
        own = self.env["telecom.ticket.timer"]._find_own().ticket_id
        if vals.get("ticket_id") in own.ids:
            vals = {name: value for name, value in vals.items() if name != "ticket_id"}
        super()._collect_links(vals, links)

    @api.depends("ticket_id")
    def _compute_cut_at(self):
        for wizard in self:
            wizard.cut_at = wizard._find_timer().cut_at

    @api.depends("ticket_id")
    def _compute_from_timer(self):
        for wizard in self:
            timer = wizard._find_timer()
            wizard.minutes = timer._count_minutes() if timer else 0
            wizard.billable = bool(timer) and wizard._default_billable(timer)

    def _find_timer(self):
        return self.env["telecom.ticket.timer"]._find_own(self.ticket_id)

    def _default_billable(self, timer):
        """Whether the customer pays, as category, contract type and rate have it."""
        segments = timer._get_segments()
        line = self.env["account.analytic.line"].new(
            {
                "ticket_id": self.ticket_id.id,
                "company_id": self.ticket_id.sudo().company_id.id,
                "user_id": self.env.uid,
                "started_at": segments and segments[0][0],
            }
        )
        return line._default_billable()[line.id]

    def action_log(self):
        """Log the time, and end the timer."""
        self.ensure_one()
        self.check_access("write")
        ticket = self.ticket_id
        timer = ticket._get_own_timer()
        # As proposed, each part of work that goes on after hours may be billed by its own rate.
        as_proposed = self.billable == self._default_billable(timer)
        timer._log(self.minutes, self.name, billable=None if as_proposed else self.billable)
        state = ticket._push_timers(kind="logged", ticket_id=ticket.id)
        return {"type": "ir.actions.act_window_close", "infos": {"telecom_timers": state}}

    def action_discard(self):
        """End the timer without logging anything."""
        self.ensure_one()
        self.check_access("write")
        state = self.ticket_id.action_timer_discard()
        return {"type": "ir.actions.act_window_close", "infos": {"telecom_timers": state}}
