from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command

SUPPORT_LEVELS = [("1", "Level 1"), ("2", "Level 2"), ("3", "Level 3")]


class TelecomAgent(models.Model):
    """Helpdesk data of one agent: support level, skills, and whether they are available for new
    tickets.

    A user without a row works at level 1 and is available. Managers count as level 3.
    """

    _name = "telecom.agent"
    _description = "Helpdesk Agent"
    _inherit = ["telecom.guard.mixin"]
    _rec_name = "user_id"
    _order = "name, id"

    user_id = fields.Many2one(
        "res.users", string="Agent", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char(related="user_id.name", store=True)
    active = fields.Boolean(related="user_id.active", store=True)
    support_level = fields.Selection(
        SUPPORT_LEVELS,
        default="1",
        required=True,
        help="Takes tickets of this level and of those below. Managers take all.",
    )
    is_available = fields.Boolean(
        string="Available for New Tickets",
        default=True,
        help="Switched off: no tickets are assigned to them automatically until it is switched "
        "on again.",
    )
    skill_ids = fields.Many2many(
        "telecom.ticket.category",
        string="Skills",
        compute="_compute_skill_ids",
        inverse="_inverse_skill_ids",
        help="Categories whose tickets are assigned to them first.",
    )
    team_ids = fields.Many2many(related="user_id.telecom_team_ids", string="Teams")
    open_ticket_count = fields.Integer(string="Open Tickets", compute="_compute_open_ticket_count")

    _user_unique = models.UniqueIndex("(user_id)", "This agent is in the list already.")

    @api.depends("user_id.telecom_skill_ids")
    def _compute_skill_ids(self):
        for agent in self:
            agent.skill_ids = agent.user_id.sudo().telecom_skill_ids

    def _inverse_skill_ids(self):
        for agent in self:
            agent.user_id.sudo().telecom_skill_ids = [Command.set(agent.skill_ids.ids)]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_ticket_count(self):
        counts = self.env["telecom.ticket"]._count_open("user_id", self.user_id)
        for agent in self:
            agent.open_ticket_count = counts.get(agent.user_id, 0)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("is_available") or "support_level" in vals:
            self.env["telecom.ticket"]._retry_assignment(self.user_id.sudo().telecom_team_ids)
        return result

    @api.model
    def get_my_availability(self):
        """Whether new tickets are assigned automatically to the current user."""
        self._check_is_agent()
        agent = self.sudo().search([("user_id", "=", self.env.uid)])
        return agent.is_available if agent else True

    @api.model
    def set_my_availability(self, is_available):
        """Switch automatic assignment of new tickets to the current user on or off.

        :raises AccessError: they are no agent
        """
        self._check_is_agent()
        self._ensure_rows(self.env.user).is_available = bool(is_available)

    @api.model
    def action_open_agents(self):
        """Open the list of all agents; recently added users get their row first."""
        self.check_access("write")
        self._ensure_rows(self._get_members("telecom_helpdesk.group_agent"))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_agent_action"
        )

    @api.model
    def _check_is_agent(self):
        if not self.env.user.has_group("telecom_helpdesk.group_agent"):
            raise AccessError(self.env._("Only agents of the helpdesk take tickets."))

    @api.model
    def _ensure_rows(self, users):
        """Rows of ``users`` (as superuser), made where there is none yet."""
        agents = self.sudo().with_context(active_test=False)
        rows = agents.search([("user_id", "in", users.ids)])
        return rows + agents.create(
            [
                {"user_id": user.id, "support_level": max("1", self._get_level(user, None))}
                for user in users - rows.user_id
            ]
        )

    @api.model
    def _get_levels(self, users):
        """``{user: level}`` of ``users``; "0" for who takes no ticket (any more)."""
        rows = self.sudo().with_context(active_test=False)
        levels = {
            row.user_id.id: row.support_level for row in rows.search([("user_id", "in", users.ids)])
        }
        return {user: self._get_level(user, levels.get(user.id)) for user in users}

    @api.model
    def _get_level(self, user, level):
        if not self._filter_at_work(user):
            return "0"
        return "3" if user.has_group("telecom_helpdesk.group_manager") else level or "1"
