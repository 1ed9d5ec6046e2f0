from odoo import api, fields, models

from ..registry.tier import PRIORITIES

IMPACTS = [("low", "Limited"), ("medium", "Significant"), ("high", "Widespread")]
URGENCIES = [("low", "Low"), ("medium", "Medium"), ("high", "High")]

# What a proposal is made of, and what those follow from.
PROPOSAL_FIELDS = {
    "category_id",
    "contract_id",
    "impact",
    "partner_id",
    "service_id",
    "urgency",
}


class TelecomTicket(models.Model):
    """How pressing a ticket is: proposed by the software, decided by people.

    The priority follows a proposal until somebody sets another by hand, which then stays. The
    proposal is what impact and urgency give, else what the category says, and never less than
    the customer's tier and the rules ask for.
    """

    _inherit = "telecom.ticket"

    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    impact = fields.Selection(IMPACTS, tracking=True, help="How many people or sites are affected.")
    urgency = fields.Selection(URGENCIES, tracking=True, help="How soon it must be fixed.")
    priority_by_hand = fields.Boolean(
        string="Priority Set by Hand",
        readonly=True,
        copy=False,
        help="Somebody set the priority by hand: from then on only people change it.",
    )
    # Rules only raise: what they asked for stays when the proposal falls.
    priority_floor = fields.Selection(
        PRIORITIES, string="Priority Asked for by Rules", readonly=True, copy=False
    )
    proposed_priority = fields.Selection(PRIORITIES, compute="_compute_proposed_priority")

    @api.depends("category_id", "impact", "urgency", "tier_id", "priority_floor")
    def _compute_proposed_priority(self):
        matrix = self.env["telecom.priority.matrix"]._get_proposals()
        minimums = self.env["telecom.tier"]._get_minimum_priorities()
        for ticket in self:
            ticket.proposed_priority = max(
                matrix.get((ticket.impact, ticket.urgency))
                or ticket.category_id.default_priority
                or "1",
                minimums.get(ticket.tier_id._origin.id, "0"),
                ticket.priority_floor or "0",
            )

    @api.depends("proposed_priority", "priority_by_hand")
    def _compute_priority(self):
        for ticket in self:
            by_hand = ticket.priority_by_hand and ticket.priority
            ticket.priority = by_hand or ticket.proposed_priority

    @api.onchange("priority")
    def _onchange_priority(self):
        # Before it is saved too, another category must not undo what somebody chose.
        if self.priority != self.proposed_priority:
            self.priority_by_hand = True

    def _start_at_minimum(self, change):
        """Raise new tickets to what their customers' tier gives."""
        minimums = self.env["telecom.tier"]._get_minimum_priorities()
        for ticket in self.sudo():
            minimum = minimums.get(ticket.tier_id.id, "0")
            if ticket.priority < minimum:
                ticket.with_context(mail_notrack=True).priority = minimum

    def _note_who_decided(self, change):
        """Remember that the present priority was chosen by people, or asked for by software."""
        decided = change.changed("priority")
        if change.is_new:
            decided = self.filtered(lambda ticket: ticket.priority != ticket.proposed_priority)
        elif change.by_hand and not PROPOSAL_FIELDS.isdisjoint(change.vals):
            # A form sends the priority that it worked out along with its reasons.
            decided = self.filtered(lambda ticket: ticket.priority != ticket.proposed_priority)
            (self - decided).sudo().priority_by_hand = False
        if change.by_hand:
            decided.sudo().priority_by_hand = True
            return
        for ticket in decided.filtered(lambda ticket: ticket.priority > ticket.proposed_priority):
            ticket.priority_floor = ticket.priority

    def _raise_priority(self, priority):
        """Raise tickets to ``priority`` where they are lower and nobody chose theirs by hand.

        For rules: it stays at least there, whatever the proposal becomes.

        :param priority: key of ``PRIORITIES``
        :return: the tickets that changed
        """
        lower = self.filtered(
            lambda ticket: not ticket.priority_by_hand and ticket.priority < priority
        )
        lower.priority_floor = priority
        lower.mapped("priority")  # worked out now, while the caller's context says how to track it
        return lower

    def action_use_proposed_priority(self):
        """Give the priority back to the software."""
        self.check_access("write")
        self.sudo().priority_by_hand = False
