from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError


class TelecomTicketMerge(models.TransientModel):
    """Which ticket others are merged into."""

    _name = "telecom.ticket.merge"
    _description = "Merge Tickets"
    _inherit = ["telecom.wizard.mixin"]

    ticket_ids = fields.Many2many("telecom.ticket", string="Tickets", required=True)
    is_selection = fields.Boolean(compute="_compute_is_selection")
    target_id = fields.Many2one(
        "telecom.ticket",
        string="Into",
        compute="_compute_target_id",
        store=True,
        readonly=False,
        required=True,
        help="The ticket that stays.",
    )
    target_customer_id = fields.Many2one(related="target_id.commercial_partner_id")
    target_stage_id = fields.Many2one(related="target_id.stage_id")
    target_user_id = fields.Many2one(related="target_id.user_id")
    target_create_date = fields.Datetime(related="target_id.create_date", string="Received on")
    problem = fields.Text(compute="_compute_problem")

    @api.depends("ticket_ids")
    def _compute_is_selection(self):
        for wizard in self:
            wizard.is_selection = len(wizard.ticket_ids) > 1

    @api.depends("ticket_ids")
    def _compute_target_id(self):
        """The oldest open one of several; the same customer's only other open one, of one."""
        for wizard in self:
            tickets = wizard.ticket_ids._origin
            if len(tickets) > 1:
                candidates = tickets.filtered(lambda ticket: not ticket.merged_into_id)
                wizard.target_id = candidates.sorted(
                    lambda ticket: (ticket.is_done, ticket.create_date, ticket.id)
                )[:1]
            elif tickets and (tickets.commercial_partner_id or tickets.partner_email):
                nearest = tickets.sudo()._get_domains_by_nearness()[0]
                others = tickets.search(nearest & fields.Domain("id", "!=", tickets.id), limit=2)
                wizard.target_id = others if len(others) == 1 else False
            else:
                wizard.target_id = False

    @api.depends("ticket_ids", "target_id")
    def _compute_problem(self):
        for wizard in self:
            wizard.problem = False
            if wizard.target_id:
                tickets, target = wizard.ticket_ids._origin, wizard.target_id._get_merge_target()
                try:
                    (tickets - target if len(tickets) > 1 else tickets)._check_mergeable(target)
                except (RedirectWarning, UserError) as error:
                    wizard.problem = error.args[0]

    def action_merge(self):
        self.ensure_one()
        target = self.ticket_ids._merge(self.target_id)
        if self.is_selection:
            return self.ticket_ids._notify_done(
                self.env._(
                    "Tickets merged into %(target)s: %(count)s.",
                    count=len(self.ticket_ids - target),
                    target=target.number,
                )
            )
        return target.get_formview_action()

    def action_link(self):
        self.ensure_one()
        tickets = self.ticket_ids - self.target_id
        tickets._link(self.target_id)
        return tickets._notify_done(
            self.env._(
                "Linked to %(target)s.",
                target=self.target_id.number,
            )
        )
