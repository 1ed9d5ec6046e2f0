from odoo import api, models
from odoo.fields import Domain

BREACHED = Domain("sla_state", "=", "breached")
AT_RISK = Domain("sla_state", "in", ["warning", "imminent"])
SLA_TILES = ("sla_breached", "sla_at_risk")


class TelecomTicketTeam(models.Model):
    """The agent's home: what is late first, then what soon will be."""

    _inherit = "telecom.ticket.team"

    @api.model
    def _get_dashboard_tiles(self):
        tiles = super()._get_dashboard_tiles()
        first = {
            "open": tiles.pop("open"),
            "sla_breached": (
                self.env._("SLA breached"),
                "danger",
                BREACHED,
                ["sla_breached"],
            ),
            "sla_at_risk": (self.env._("At risk"), "warning", AT_RISK, ["sla_at_risk"]),
        }
        return {**first, **tiles}

    @api.model
    def _get_dashboard_reasons(self):
        mine = Domain("user_id", "=", self.env.uid)
        free = Domain("user_id", "=", False)
        own = free & (
            Domain("team_id.member_ids", "in", self.env.uid)
            | Domain("team_id.leader_id", "=", self.env.uid)
        )
        # Late unassigned tickets are shown to every manager, whatever the team.
        if not self.env.user.has_group("telecom_helpdesk.group_manager"):
            free = own
        order, since = "sla_deadline, id", "sla_deadline"
        return [
            (self.env._("SLA breached"), mine & BREACHED, order, since),
            (self.env._("SLA breached, unassigned"), free & BREACHED, order, since),
            (self.env._("SLA at risk"), mine & AT_RISK, order, since),
            (self.env._("SLA at risk, unassigned"), own & AT_RISK, order, since),
            *super()._get_dashboard_reasons(),
        ]

    @api.model
    def _find_dashboard_tickets(self):
        lines = super()._find_dashboard_tickets()
        tickets = self.env["telecom.ticket"].browse(line["id"] for line in lines)
        for line, ticket in zip(lines, tickets, strict=True):
            line["sla_countdown"] = ticket.sla_countdown
        return lines

    @api.model
    def action_open_tile(self, team_id, name):
        action = super().action_open_tile(team_id, name)
        if name in SLA_TILES:
            get_id = self.env["ir.model.data"]._xmlid_to_res_id
            by_deadline = get_id("telecom_helpdesk_sla.telecom_ticket_view_list_sla")
            action["views"] = [
                (by_deadline if mode == "list" else view_id, mode)
                for view_id, mode in action["views"]
            ]
        return action
