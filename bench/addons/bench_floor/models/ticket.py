from odoo import fields, models


class BenchTeam(models.Model):
    _name = "bench.team"
    _description = "Bench Team"

    name = fields.Char(required=True)


class BenchStage(models.Model):
    _name = "bench.stage"
    _description = "Bench Stage"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer()


class BenchTicket(models.Model):
    """A bare thread with a ticket's five fields: what nobody can be faster than."""

    _name = "bench.ticket"
    _description = "Bench Ticket"
    _inherit = ["mail.thread"]
    _order = "id desc"

    name = fields.Char(required=True)
    partner_id = fields.Many2one("res.partner")
    team_id = fields.Many2one("bench.team", index=True)
    stage_id = fields.Many2one("bench.stage", index=True, tracking=True)
    user_id = fields.Many2one("res.users", index=True, tracking=True)
