from odoo import fields, models

from .ticket_rule import TRIGGERS


class TelecomTicketRuleLog(models.Model):
    """Append-only log: one row each time a rule did something to a ticket.

    For time rules it is also what says that a ticket has taken that step, so that none is taken
    twice, whatever the number of servers. Texts are in the company's language. Nobody but the
    software itself may write here.
    """

    _name = "telecom.ticket.rule.log"
    _description = "Rule Firing"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _order = "at desc, id desc"
    _rec_name = "rule_id"
    _log_access = False

    rule_id = fields.Many2one("telecom.ticket.rule", required=True, ondelete="restrict")
    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    trigger = fields.Selection(TRIGGERS, string="When", required=True)
    at = fields.Datetime(string="Fired on", required=True)
    reason = fields.Text(string="Why")
    changes = fields.Text(string="What It Did")
    team_id = fields.Many2one(related="ticket_id.team_id", string="Team")
    company_id = fields.Many2one(related="ticket_id.company_id", string="Company")

    _rule_at = models.Index("(rule_id, at DESC)")
    _ticket = models.Index("(ticket_id)")
    _step = models.UniqueIndex(
        "(ticket_id, rule_id) WHERE trigger = 'on_time'", "Each step applies to a ticket only once."
    )

    def action_open_ticket(self):
        self.ensure_one()
        self.check_access("read")
        return self.ticket_id.get_formview_action()
