from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.telecom_helpdesk.models.registry.tier import PRIORITIES

from ..clock.sla_clock import METRICS

OUTCOMES = [
    ("open", "Open"),
    ("met", "Met"),
    ("missed", "Breached"),
    ("waived", "Waived"),
    ("void", "Void"),
]


class TelecomSlaReport(models.Model):
    """Promises and what became of them, a row for each clock.

    A promise has one outcome: still open, met, missed (from the instant its time ran out, done
    or not), missed and waived, or void. Shares and means leave out what does not count: the
    share met is that of what was met or missed, the mean overrun that of what was missed and
    reached since, the mean time used that of what was reached.
    """

    _name = "telecom.sla.report"
    _description = "SLA Report"
    _inherit = ["telecom.guard.mixin"]
    _auto = False
    _log_access = False
    _rec_name = "ticket_id"
    _order = "started_at desc, id desc"

    ticket_id = fields.Many2one("telecom.ticket", readonly=True)
    metric = fields.Selection(METRICS, readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    started_at = fields.Datetime(string="Started on", readonly=True)
    reached_at = fields.Datetime(string="Reached on", readonly=True)
    breached_at = fields.Datetime(string="Breached on", readonly=True)
    policy_id = fields.Many2one("telecom.sla.policy", readonly=True)

    team_id = fields.Many2one("telecom.ticket.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Agent", readonly=True)
    tier_id = fields.Many2one("telecom.tier", readonly=True)
    category_id = fields.Many2one("telecom.ticket.category", readonly=True)
    service_type_id = fields.Many2one("telecom.service.type", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    met = fields.Integer(readonly=True)
    missed = fields.Integer(readonly=True)
    waived = fields.Integer(readonly=True)
    void = fields.Integer(readonly=True)
    met_percent = fields.Float(string="Met (%)", readonly=True, aggregator="avg", digits=(5, 1))
    overrun_hours = fields.Float(string="Mean Overrun (h)", readonly=True, aggregator="avg")
    used_hours = fields.Float(string="Mean Time Used (h)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                clock.id,
                clock.ticket_id,
                clock.metric,
                clock.started_at,
                clock.reached_at,
                clock.breached_at,
                clock.policy_id,
                CASE
                    WHEN clock.state = 'missed' AND clock.waived_at IS NOT NULL THEN 'waived'
                    WHEN clock.state IN ('running', 'paused') THEN 'open'
                    ELSE clock.state
                END AS outcome,
                (clock.state = 'met')::int AS met,
                (clock.state = 'missed' AND clock.waived_at IS NULL)::int AS missed,
                (clock.state = 'missed' AND clock.waived_at IS NOT NULL)::int AS waived,
                (clock.state = 'void')::int AS void,
                CASE
                    WHEN clock.state = 'met' THEN 100
                    WHEN clock.state = 'missed' AND clock.waived_at IS NULL THEN 0
                END AS met_percent,
                CASE
                    WHEN clock.state = 'missed' AND clock.waived_at IS NULL
                        AND clock.reached_at IS NOT NULL
                    THEN (clock.consumed_seconds - clock.target_seconds) / 3600.0
                END AS overrun_hours,
                CASE
                    WHEN clock.state IN ('met', 'missed') AND clock.reached_at IS NOT NULL
                    THEN clock.consumed_seconds / 3600.0
                END AS used_hours,
                ticket.team_id,
                ticket.user_id,
                ticket.tier_id,
                ticket.category_id,
                service.type_id AS service_type_id,
                ticket.priority,
                ticket.commercial_partner_id,
                ticket.company_id
            FROM telecom_sla_clock AS clock
            JOIN telecom_ticket AS ticket ON ticket.id = clock.ticket_id
            LEFT JOIN telecom_service AS service ON service.id = ticket.service_id
            """
        )

    def action_open_ticket(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "telecom.ticket",
            "res_id": self.ticket_id.id,
            "views": [(False, "form")],
        }
