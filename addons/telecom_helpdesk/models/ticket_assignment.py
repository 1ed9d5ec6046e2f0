from odoo import api, fields, models
from odoo.fields import Command


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
        index="btree_not_null",
        tracking=True,
        copy=False,
        check_company=True,
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("telecom_helpdesk.group_agent").id)
        ],
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
        [("1", "Level 1"), ("2", "Level 2"), ("3", "Level 3")],
        default="1",
        required=True,
        tracking=True,
        copy=False,
    )
    is_escalated = fields.Boolean(string="Escalated", tracking=True, copy=False)
    escalated_at = fields.Datetime(
        compute="_compute_escalated_at", store=True, copy=False, string="Escalated on"
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

    @api.depends("is_escalated")
    def _compute_escalated_at(self):
        now = self._due_now()
        for ticket in self:
            ticket.escalated_at = ticket.is_escalated and (ticket.escalated_at or now)

    @api.model
    def _fill_values(self, vals_list):
        self._fill_from_category(vals_list)
        self._keep_creator(vals_list)
        super()._fill_values(vals_list)

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
        """Who logs a call for a team that is not theirs works on the ticket too.

        Otherwise the ticket would be out of their sight before it is saved.
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

    def _after_create(self):
        super()._after_create()
        self._stamp_assignment({})
        self._follow_collaborators()

    def _before_write(self, vals):
        before = super()._before_write(vals)
        if "user_id" in vals:
            before["user_id"] = {ticket.id: ticket.user_id.id for ticket in self}
        return before

    def _after_write(self, vals, before):
        if not self.env.su and ("team_id" in vals or "user_id" in vals):
            self._keep_in_sight()
        super()._after_write(vals, before)
        if "user_id" in before:
            self._stamp_assignment(before["user_id"])
        if "collaborator_ids" in vals:
            self._follow_collaborators()

    def _keep_in_sight(self):
        """Who hands a ticket over goes on seeing it, as one who works on it."""
        lost = self - self._filtered_access("read")
        lost.sudo().write({"collaborator_ids": [Command.link(self.env.uid)]})

    def action_assign_to_me(self):
        self.write({"user_id": self.env.uid})

    def _stamp_assignment(self, before):
        """Note when each ticket got its agent; ``before`` maps ids to former user ids."""
        now = self._due_now()
        changed = self.filtered(lambda ticket: ticket.user_id.id != before.get(ticket.id))
        assigned = changed.filtered("user_id")
        assigned.assigned_at = now
        (changed - assigned).filtered("assigned_at").assigned_at = False

    def _follow_collaborators(self):
        for ticket in self.filtered("collaborator_ids"):
            ticket.message_subscribe(partner_ids=ticket.collaborator_ids.partner_id.ids)

    def _get_manager(self):
        """User who is told when this ticket needs a decision; may be empty.

        Other addons extend it.
        """
        self.ensure_one()
        return self.team_id.leader_id
