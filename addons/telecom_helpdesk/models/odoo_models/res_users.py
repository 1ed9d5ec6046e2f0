from odoo import api, fields, models
from odoo.fields import Domain

from ..team.agent import SUPPORT_LEVELS

# What somebody's place at the helpdesk hangs on.
PLACE_FIELDS = frozenset({"active", "company_ids", "group_ids"})


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "telecom.guard.mixin"]

    telecom_team_ids = fields.Many2many(
        "telecom.ticket.team",
        "telecom_ticket_team_member_rel",
        "user_id",
        "team_id",
        string="Helpdesk Teams",
    )

    telecom_skill_ids = fields.Many2many(
        "telecom.ticket.category",
        "telecom_ticket_category_skill_rel",
        "user_id",
        "category_id",
        string="Helpdesk Skills",
    )
    telecom_support_level = fields.Selection(
        SUPPORT_LEVELS,
        string="Helpdesk Level",
        compute="_compute_telecom_support_level",
        search="_search_telecom_support_level",
        help="Empty: not an agent of the helpdesk.",
    )

    def _compute_telecom_support_level(self):
        levels = self.env["telecom.agent"]._get_levels(self)
        for user in self:
            user.telecom_support_level = levels[user] if levels[user] > "0" else False

    @api.model
    def _search_telecom_support_level(self, operator, value):
        """Find those who work at a level or above (``>=``, a key or False for any)."""
        if operator != ">=":
            return NotImplemented
        get_id = self.env["ir.model.data"]._xmlid_to_res_id
        agents = (
            Domain("all_group_ids", "in", get_id("telecom_helpdesk.group_agent"))
            & Domain("active", "=", True)
            & Domain("id", "not in", list(self.env["telecom.agent"]._get_left_ids()))
        )
        if (value or "1") <= "1":
            return agents
        rows = self.env["telecom.agent"].sudo()._search([("support_level", ">=", value)])
        managers = Domain("all_group_ids", "in", get_id("telecom_helpdesk.group_manager"))
        return agents & (managers | Domain("id", "in", rows.subselect("user_id")))

    @api.model
    def _get_invalidation_fields(self):
        """Odoo keeps a user's record rules until one of these fields changes, and those of agents
        hold the ids of their teams."""
        return super()._get_invalidation_fields() | {"telecom_team_ids"}

    def write(self, vals):
        """Whoever leaves the helpdesk is noticed here, whichever way they go (and in
        ``res.groups``)."""
        if PLACE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        with self._watch_leaving():
            return super().write(vals)

    def action_archive(self):
        """Odoo deletes the activities of whom it archives: the helpdesk's are passed on before."""
        self.env["telecom.agent"]._filter_at_work(self).active = False
        return super().action_archive()

    def unlink(self):
        """Odoo empties links to whom it deletes by the database, past every ``write``: their
        tickets and activities are passed on before."""
        self.env["telecom.agent"]._filter_at_work(self).active = False
        for user in self:
            self.env["telecom.ticket"]._find_left_by(user).user_id = False
        return super().unlink()
