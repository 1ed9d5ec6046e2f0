from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..team.agent import SUPPORT_LEVELS


class TelecomTicket(models.Model):
    """Who works on a ticket: team, agent, collaborators, level."""

    _inherit = "telecom.ticket"

    team_id = fields.Many2one(
        "telecom.ticket.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        tracking=True,
        copy=False,
        check_company=True,
        domain="[('telecom_support_level', '>=', support_level)]",
    )
    collaborator_ids = fields.Many2many(
        "res.users",
        "telecom_ticket_collaborator_rel",
        "ticket_id",
        "user_id",
        string="Collaborators",
        copy=False,
        check_company=True,
        domain="[('share', '=', False)]",
        help="Colleagues who work on this ticket too. They see it whatever their team.",
    )
    support_level = fields.Selection(
        SUPPORT_LEVELS,
        default="1",
        required=True,
        tracking=True,
        copy=False,
        help="Agents of this level and above may take it. Use Escalate and De-escalate to change "
        "it.",
    )
    assigned_at = fields.Datetime(readonly=True, copy=False, string="Assigned on")

    @api.depends("category_id")
    def _compute_team_id(self):
        """The team of a new ticket: its category's, else the only one the agent is in."""
        for ticket in self:
            if ticket._origin:
                continue
            teams = self.env.user.telecom_team_ids
            ticket.team_id = (
                ticket.category_id._get_default_team()
                or ticket.team_id
                or (teams if len(teams) == 1 else False)
            )

    @api.constrains("user_id", "support_level")
    def _check_level(self):
        """Software and people alike give a ticket only to who may take its level."""
        higher = self.filtered(lambda ticket: ticket.user_id and ticket.support_level > "1")
        levels = self.env["telecom.agent"]._get_levels(higher.user_id) if higher else {}
        for ticket in higher:
            if levels[ticket.user_id] < ticket.support_level:
                raise ValidationError(ticket._explain_level(levels[ticket.user_id]))

    @api.model
    def _fill_from_category(self, vals_list):
        """Put the category's team into ``vals_list`` where none was chosen."""
        ids = {vals["category_id"] for vals in vals_list if vals.get("category_id")}
        categories = {c.id: c for c in self.env["telecom.ticket.category"].browse(ids)}
        for vals in vals_list:
            if "team_id" not in vals and vals.get("category_id"):
                company = self.env["res.company"].browse(vals.get("company_id"))
                team = categories[vals["category_id"]]._get_default_team(company)
                if team:
                    vals["team_id"] = team.id

    @api.model
    def _keep_creator(self, vals_list):
        """Somebody who logs a call for another team becomes a collaborator of the ticket.

        Otherwise they could not read the ticket that they are saving.
        """
        user = self.env.user
        if self.env.su or user.has_group("telecom_helpdesk.group_manager"):
            return
        own_teams = set(user.sudo().telecom_team_ids.ids)
        for vals in vals_list:
            is_own = not vals.get("team_id") or vals["team_id"] in own_teams
            if not is_own and vals.get("user_id") != user.id:
                others = vals.get("collaborator_ids") or []
                vals["collaborator_ids"] = [*others, Command.link(user.id)]

    @api.model
    def _fill_assigned_at(self, vals_list):
        now = self._due_now()
        for vals in vals_list:
            if vals.get("user_id"):
                vals["assigned_at"] = now

    def _keep_access(self, change):
        """Somebody who moves a ticket to another team keeps access to it, as a collaborator."""
        if not change.by_hand:
            return
        lost = self - self._filtered_access("read")
        lost.sudo().write({"collaborator_ids": [Command.link(self.env.uid)]})

    def _take(self):
        self.write({"user_id": self.env.uid})

    def _explain_level(self, level):
        """Why an agent of ``level`` may not take this ticket, and what to do instead."""
        names = dict(self._fields["support_level"]._description_selection(self.env))
        members = self.sudo().team_id.member_ids.filtered("active")
        able = [
            user.name
            for user, own in self.env["telecom.agent"]._get_levels(members).items()
            if own >= self.support_level
        ]
        lines = [
            self.env._(
                "%(agent)s cannot take %(ticket)s: it is on %(ticket_level)s, and they work on "
                "%(agent_level)s.",
                agent=self.user_id.name,
                ticket=self.display_name,
                ticket_level=names[self.support_level],
                agent_level=names.get(level, self.env._("no level of the helpdesk")),
            )
        ]
        if able:
            lines.append(
                self.env._("Within its team it can be assigned to: %s.", ", ".join(able[:5]))
            )
        lines.append(
            self.env._("Use “Escalate” or “De-escalate” to change level, team and agent together.")
        )
        return "\n".join(lines)

    def _stamp_assignment(self, change):
        """Note when each ticket got its agent."""
        # Of a new ticket it is known, but where the agent is a default.
        assigned = self.filtered(
            lambda ticket: ticket.user_id and not (change.is_new and ticket.assigned_at)
        )
        if assigned:
            assigned.sudo().assigned_at = self._due_now()
        left = self.filtered(lambda ticket: not ticket.user_id and ticket.assigned_at)
        if left:
            left.sudo().assigned_at = False

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        is_new = followers_existing_policy == "update"
        is_creator = updated_values.get("user_id") == self.env.uid and not self.env.user.share
        if is_new and is_creator and not self.env.context.get("mail_create_nosubscribe"):
            # Whoever makes a ticket for themselves follows it since a moment ago: Odoo would ask
            # the database again, for each ticket.
            updated_values = {**updated_values, "user_id": False}
        return super()._message_auto_subscribe(updated_values, followers_existing_policy)

    def _follow_collaborators(self, change):
        for ticket in self.filtered("collaborator_ids"):
            ticket.message_subscribe(partner_ids=ticket.collaborator_ids.partner_id.ids)

    def _get_manager(self):
        """Hook: who decides about this ticket (``res.users``): the leader of its team, or whoever
        stands in for one who left. Empty: the team has no leader.
        """
        self.ensure_one()
        return self.team_id._get_manager()

    def _get_people_to_notify(self, *choices):
        """Users to notify about this ticket, never empty: see ``telecom.agent``.

        :param choices: ``res.users``, better ones than those who decide about it
        """
        self.ensure_one()
        ticket = self.sudo()
        return self.env["telecom.agent"]._get_people_to_notify(
            *choices, ticket._get_manager(), company=ticket.company_id
        )
