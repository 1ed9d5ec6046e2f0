from odoo import api, fields, models
from odoo.exceptions import UserError


class TelecomTicketTeamArchive(models.TransientModel):
    """Choose the team that takes over from one that is archived."""

    _name = "telecom.ticket.team.archive"
    _description = "Archive Team"
    _inherit = ["telecom.wizard.mixin"]

    team_ids = fields.Many2many("telecom.ticket.team", string="Teams", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    uses = fields.Char(string="Still in Use", compute="_compute_uses")
    successor_id = fields.Many2one(
        "telecom.ticket.team",
        string="Taken over by",
        required=True,
        domain="[('id', 'not in', team_ids), ('company_id', '=?', company_id)]",
        help="Gets the open tickets, the mail addresses, and whatever sends tickets to the team: "
        "categories, rules, macros and other teams. Agents keep theirs if they are members there.",
    )

    @api.depends("team_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.team_ids.company_id[:1]

    @api.depends("team_ids")
    def _compute_uses(self):
        for wizard in self:
            teams = wizard.team_ids._origin._filtered_access("write")
            wizard.uses = teams._count_uses(teams._get_moved_domains()) if teams else False

    def action_archive(self):
        self.ensure_one()
        self.team_ids.check_access("write")
        self.successor_id.check_access("write")
        if self.team_ids.company_id != self.successor_id.company_id:
            raise UserError(self.env._("Only a team of the same company can take over."))
        self.team_ids._archive_for(self.successor_id)
        return {"type": "ir.actions.act_window_close"}
