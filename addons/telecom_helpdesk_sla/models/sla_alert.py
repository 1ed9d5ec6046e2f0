from odoo import fields, models

ALERT_KINDS = [("warning", "Warning"), ("imminent", "Imminent"), ("breach", "Breach")]


class TelecomSlaAlert(models.Model):
    """What was sent to whom about which deadline."""

    _name = "telecom.sla.alert"
    _description = "SLA Alert"
    _order = "at desc, id desc"
    _rec_name = "kind"
    _log_access = False

    clock_id = fields.Many2one("telecom.sla.clock", required=True, ondelete="cascade", index=True)
    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade", index=True)
    kind = fields.Selection(ALERT_KINDS, required=True)
    deadline = fields.Datetime(required=True)
    due_at = fields.Datetime(required=True, help="When it fell due.")
    at = fields.Datetime(required=True, string="Sent on")
    is_late = fields.Boolean(
        string="Late", help="Sent long after it fell due: the server was down."
    )
    recipient_ids = fields.Many2many("res.users", string="Recipients")

    _once = models.UniqueIndex("(clock_id, kind, deadline)", "An alert is sent once.")
