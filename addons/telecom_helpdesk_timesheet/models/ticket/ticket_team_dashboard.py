from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..time.analytic_line_review import MANAGER


class TelecomTicketTeam(models.Model):
    """The manager's home: time that waits, on the card of its team."""

    _inherit = "telecom.ticket.team"

    @api.model
    def _count_dashboard_teams(self, tiles):
        cards = super()._count_dashboard_teams(tiles)
        if not self.env.user.has_group(MANAGER):
            return cards
        lines = self.env["account.analytic.line"]
        to_approve = {
            team.id: (count, oldest)
            for team, count, oldest in lines._read_group(
                self._get_to_approve_domain(),
                ["ticket_team_id"],
                ["__count", "waiting_since:min"],
            )
        }
        to_bill = {
            team.id: count
            for team, count in lines._read_group(
                self._get_not_billed_domain(), ["ticket_team_id"], ["__count"]
            )
        }
        now = fields.Datetime.now()
        for card in cards:
            count, oldest = to_approve.get(card["id"], (0, None))
            if count:
                days = (now - oldest).days if oldest else 0
                card["links"].append(
                    {
                        "label": self.env._("Time to approve (oldest, in days: %s)", days),
                        "count": count,
                        "method": "action_open_time_to_approve",
                    }
                )
            if count := to_bill.get(card["id"]):
                card["links"].append(
                    {
                        "label": self.env._("Time approved long ago, not billed"),
                        "count": count,
                        "method": "action_open_time_not_billed",
                    }
                )
        return cards

    @api.model
    def _get_to_approve_domain(self):
        return Domain("ticket_id", "!=", False) & Domain("billing_state", "=", "to_approve")

    @api.model
    def _get_not_billed_domain(self):
        """Time that was approved longer ago than its company lets it wait to be billed."""
        now = fields.Datetime.now()
        return Domain("billing_state", "=", "approved") & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("approved_at", "<", now - timedelta(days=days))
            for company in self.env.companies
            if (days := company.sudo().telecom_billing_reminder_days)
        )

    def action_open_time_to_approve(self):
        """The time of this team (or of none) that waits for approval."""
        return self._open_waiting_time(
            self._get_to_approve_domain(), {"search_default_group_by_user": 1}
        )

    def action_open_time_not_billed(self):
        """The time of this team (or of none) that was approved long ago and is not billed."""
        return self._open_waiting_time(
            self._get_not_billed_domain(), {"search_default_group_by_partner": 1}
        )

    def _open_waiting_time(self, domain, context):
        self.check_access("read")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Managers of the helpdesk review time on tickets."))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk_timesheet.account_analytic_line_action_review"
        )
        domain &= Domain("ticket_id.team_id", "in", self.ids or [False])
        return {
            **action,
            "display_name": self.name or self.env._("Without a team"),
            "domain": list(domain),
            "context": context,
        }
