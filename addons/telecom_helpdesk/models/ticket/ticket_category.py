from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..registry.tier import PRIORITIES


class TelecomTicketCategory(models.Model):
    """What a ticket is about, as a tree."""

    _name = "telecom.ticket.category"
    _description = "Ticket Category"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin"]
    _is_shared = True
    _parent_store = True
    _rec_names_search = ["name", "parent_id.name"]
    _order = "complete_name"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(compute="_compute_complete_name", recursive=True, store=True)
    parent_id = fields.Many2one("telecom.ticket.category", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("telecom.ticket.category", "parent_id", string="Subcategories")
    default_team_id = fields.Many2one(
        "telecom.ticket.team", help="Team that new tickets of this category go to."
    )
    default_priority = fields.Selection(
        PRIORITIES, help="Priority that new tickets of this category start with."
    )
    skill_user_ids = fields.Many2many(
        "res.users",
        "telecom_ticket_category_skill_rel",
        "category_id",
        "user_id",
        string="Skilled Agents",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("telecom_helpdesk.group_agent").id)
        ],
        help="Agents skilled in this category, and in its subcategories without skilled agents "
        "of their own. New tickets are assigned to them first.",
    )

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            names = (category.parent_id.complete_name, category.name)
            category.complete_name = " / ".join(filter(None, names))

    @api.depends("name", "parent_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for category in self:
            names = []
            current = category
            while current:
                names.append(current.name or "")
                current = current.parent_id
            category.display_name = " / ".join(reversed(names))

    def write(self, vals):
        parent = self.browse(vals.get("parent_id") or ())
        ancestors = {int(id_) for id_ in (parent.parent_path or "").split("/") if id_}
        if ancestors.intersection(self.ids):
            raise ValidationError(self.env._("A category cannot be its own parent."))
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            # What is below goes with it.
            below = self.search([("id", "child_of", self.ids), ("active", "=", True)])
            below.active = False
        return result

    def _get_default_team(self, company=None):
        """Team that a new ticket goes to; empty when it is of a company not at hand.

        :param company: ``res.company`` of the ticket, where it is known already
        """
        team = self.sudo().default_team_id._get_current()
        companies = company or self.env.companies
        return (team if team.company_id in companies else team.browse()).sudo(False)

    def _get_skilled(self):
        """The nearest category, from this one upwards, that has skilled agents, and these agents.

        :return: ``(category, users)``, both empty where none does
        """
        category = self.sudo()
        while category and not category.skill_user_ids:
            category = category.parent_id
        return category, category.skill_user_ids
