from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.team.agent import SUPPORT_LEVELS


class TelecomTicketEscalate(models.TransientModel):
    """Escalate or de-escalate tickets, with a reason."""

    _name = "telecom.ticket.escalate"
    _description = "Escalate Tickets"
    _inherit = ["telecom.wizard.mixin"]

    direction = fields.Selection(
        [("up", "Escalate"), ("down", "De-escalate")], default="up", required=True
    )
    ticket_ids = fields.Many2many("telecom.ticket", string="Tickets", required=True)
    ticket_count = fields.Integer(compute="_compute_refused")
    refused = fields.Text(string="Left out", compute="_compute_refused")
    support_level = fields.Selection(SUPPORT_LEVELS, string="Level")
    team_id = fields.Many2one("telecom.ticket.team")
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        domain="[('telecom_support_level', '>=', support_level), "
        "('telecom_team_ids', '=?', team_id)]",
        help="Empty: the current agent keeps it if they may; otherwise it waits in the team's "
        "queue or is assigned automatically.",
    )
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if "ticket_ids" not in fields_list:
            return values
        ids = self.env.context.get("active_ids") or ()
        tickets = self.env["telecom.ticket"].browse(ids).exists()._filtered_access("read")
        values["ticket_ids"] = [Command.set(tickets.ids)]
        direction = self.env.context.get("default_direction", "up")
        refused = self._get_refused(tickets, direction)
        tickets = tickets.filtered(lambda ticket: ticket not in refused)
        if len(tickets) == 1:
            values.update(self._get_defaults(tickets, direction))
        return values

    @api.model
    def _get_defaults(self, ticket, direction):
        """Where one ticket goes unless somebody says otherwise."""
        if direction == "up":
            return {
                "support_level": ticket._get_level_beside(1),
                "team_id": ticket._get_escalation_team().id,
            }
        level = ticket._get_level_beside(-1)
        former = ticket.escalated_from_user_id
        able = former and self.env["telecom.agent"]._get_levels(former)[former] >= level
        return {
            "support_level": level,
            "team_id": ticket._get_de_escalation_team().id,
            "user_id": former.id if able else False,
        }

    @api.depends("ticket_ids", "direction")
    def _compute_refused(self):
        for wizard in self:
            reasons = wizard._get_refused(wizard.ticket_ids._origin, wizard.direction)
            wizard.ticket_count = len(wizard.ticket_ids) - len(reasons)
            wizard.refused = "\n".join(reasons.values())

    @api.model
    def _get_refused(self, tickets, direction):
        """``{ticket: why it is left out}``, in words."""
        writable = tickets._filtered_access("write")
        reasons = {
            ticket: self.env._("%s: you may not change it", ticket.display_name)
            for ticket in tickets - writable
        }
        for ticket in writable:
            if ticket.merged_into_id:
                text = self.env._("%s: merged into another ticket", ticket.display_name)
            elif ticket.is_done:
                text = self.env._("%s: done", ticket.display_name)
            elif direction == "down" and ticket.support_level == "1" and not ticket.is_escalated:
                text = self.env._("%s: was not escalated", ticket.display_name)
            else:
                continue
            reasons[ticket] = text
        return reasons

    def action_confirm(self):
        self.ensure_one()
        reason = self.reason.strip()
        if not reason:
            raise UserError(self.env._("Enter a reason for those who take over."))
        refused = self._get_refused(self.ticket_ids, self.direction)
        tickets = self.ticket_ids.filtered(lambda ticket: ticket not in refused)
        if not tickets:
            raise UserError("\n".join(refused.values()))
        leaders = {ticket: ticket.sudo()._get_manager() for ticket in tickets}
        hand_over = tickets._escalate if self.direction == "up" else tickets._de_escalate
        hand_over(
            level=self.support_level or None,
            team=self.team_id or None,
            user=self.user_id or None,
            reason=reason,
        )
        self._notify_leaders(tickets, leaders, reason)
        return {"type": "ir.actions.act_window_close"}

    def _notify_leaders(self, tickets, leaders, reason):
        """Notify the leaders of both teams, each once; Odoo itself notifies a new agent."""
        told = {}
        for ticket in tickets:
            users = leaders[ticket]
            if not self.user_id:
                users |= ticket.sudo()._get_manager()
            for user in users - self.env.user:
                told[user] = told.get(user, tickets.browse()) + ticket
        by_tickets = {}
        for user, theirs in told.items():
            by_tickets.setdefault(theirs, self.env["res.users"])
            by_tickets[theirs] |= user
        for theirs, users in by_tickets.items():
            self._notify(theirs, users, reason)

    def _notify(self, tickets, users, reason):
        if self.direction == "up":
            subject = self.env._("Escalated: %s", tickets[0].display_name)
            text = self.env._("%s escalated:", self.env.user.name)
        else:
            subject = self.env._("De-escalated: %s", tickets[0].display_name)
            text = self.env._("%s de-escalated:", self.env.user.name)
        if len(tickets) > 1:
            subject = self.env._(
                "%(subject)s and %(count)s more", subject=subject, count=len(tickets) - 1
            )
        items = Markup().join(
            Markup("<li>%s (%s)</li>")
            % (ticket._get_html_link(), ", ".join(ticket._describe_responsibility()))
            for ticket in tickets
        )
        thread = tickets if len(tickets) == 1 else self.env["mail.thread"]
        thread.message_notify(
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul><p>%s</p>") % (text, items, reason),
            partner_ids=users.partner_id.ids,
        )
