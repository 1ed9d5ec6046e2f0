from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class TelecomTicketTeam(models.Model):
    """Archiving a team: another team takes over everything that sends tickets to it."""

    _inherit = "telecom.ticket.team"

    successor_id = fields.Many2one(
        "telecom.ticket.team",
        string="Taken over by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The team that got the tickets when this one was archived. Old tickets that are "
        "reopened go there too.",
    )

    @api.model
    def _get_moved_fields(self):
        """Hook: ``{model: (field, Domain)}`` of what goes to the team that takes over.

        The domain says which of those that point to the team; all else stays as it is.
        """
        return {
            "telecom.ticket": ("team_id", Domain("is_done", "=", False)),
            "telecom.ticket.category": ("default_team_id", Domain.TRUE),
            "telecom.ticket.macro": ("team_ids", Domain.TRUE),
            "telecom.ticket.rule": ("set_team_id", Domain.TRUE),
            "telecom.ticket.team": ("escalation_team_id", Domain.TRUE),
        }

    def _get_moved_domains(self):
        """``{model: Domain}`` of what has to go elsewhere before these teams are archived."""
        return {
            model: Domain(name, "in", self.ids) & domain
            for model, (name, domain) in self._get_moved_fields().items()
        }

    def _get_current(self):
        """This team while it works; else the one that took over from it; may be empty."""
        team = self.sudo()
        while team and not team.active:
            team = team.successor_id
        return team.with_env(self.env)

    def action_archive(self):
        """Archive these teams; ask first who takes over, where something still leads to them."""
        self.check_access("write")
        teams = self.filtered("active")
        if not teams._count_uses(teams._get_moved_domains()):
            return super().action_archive()
        return {
            "name": self.env._("Archive Team"),
            "type": "ir.actions.act_window",
            "res_model": "telecom.ticket.team.archive",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_team_ids": teams.ids},
        }

    def _before_archiving(self):
        """:raises UserError: something still leads to one of these"""
        for team in self.filtered("active"):
            if uses := team._count_uses(team._get_moved_domains()):
                raise UserError(
                    self.env._(
                        "“%(team)s” still gets work (%(uses)s). Choose “Archive” in the team's "
                        "menu: it asks which team takes over.",
                        team=team.name,
                        uses=uses,
                    )
                )

    def _archive_for(self, successor):
        """Have ``successor`` (a team) take over from these, and archive them.

        What may point to them is of all companies: the software moves it.
        """
        for team in self.sudo():
            team._move_to(successor.sudo())
            team.successor_id = successor
        self.active = False

    def _move_to(self, successor):
        """Hook: put ``successor`` in the place of this one team wherever tickets come from."""
        if successor.escalation_team_id == self:
            successor.escalation_team_id = False
        moved = self._get_moved_fields()
        # Tickets come last, when rules and policies know the team that they go to.
        for model in sorted(moved, key="telecom.ticket".__eq__):
            name, domain = moved[model]
            rows = self.env[model].with_context(active_test=False)
            rows = rows.search(Domain(name, "=", self.id) & domain)
            if model == "telecom.ticket":
                rows._hand_over({row: (row.support_level, successor, None) for row in rows})
            elif rows._fields[name].type == "many2many":
                rows[name] = [Command.unlink(self.id), Command.link(successor.id)]
            else:
                rows[name] = successor


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    @api.constrains("team_id")
    def _check_team_works(self):
        """Whoever sends a ticket to an archived team, software included, is refused."""
        for team in self.sudo().team_id:
            if not team.active:
                raise UserError(
                    self.env._(
                        "%(team)s has been archived and gets no tickets any more.", team=team.name
                    )
                )

    @api.model
    def _lead_to_current_team(self, vals_list):
        """No mail is refused for an address of a team that is no more: see ``_get_current``."""
        ids = {vals["team_id"] for vals in vals_list if vals.get("team_id")} if self.env.su else ()
        teams = self.env["telecom.ticket.team"].browse(ids)
        archived = {team.id: team for team in teams if not team.active}
        for vals in vals_list if archived else ():
            if team := archived.get(vals.get("team_id")):
                vals.setdefault("company_id", team.company_id.id)
                vals["team_id"] = team._get_current().id

    def _lead_reopened_on(self, transitions):
        """Tickets of a team that is no more are taken up again: they go to its successor."""
        # Nothing open is left in a team that is archived.
        reopened = transitions._filter_reopened().ticket_id.sudo()
        for team, tickets in reopened.grouped("team_id").items():
            if team and not team.active:
                successor = team._get_current()
                tickets._hand_over({t: (t.support_level, successor, None) for t in tickets})
