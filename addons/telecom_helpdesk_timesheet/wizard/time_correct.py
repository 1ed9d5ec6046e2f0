from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import frozendict


class TelecomTimeCorrect(models.TransientModel):
    """Correct the hours before approval."""

    _name = "telecom.time.correct"
    _description = "Correct Hours"
    _inherit = ["telecom.wizard.mixin"]

    entry_ids = fields.One2many("telecom.time.correct.line", "wizard_id", string="Time")
    note = fields.Text(string="Reason", required=True)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        lines = self.env["account.analytic.line"].browse(
            _read_ids(self.env.context.get("default_line_ids"))
        )
        lines.check_access("read")
        if "entry_ids" in fields:
            values["entry_ids"] = [
                Command.create(
                    {"line_id": line.id, "hours": line.approved_hours or line.unit_amount}
                )
                for line in lines.filtered("ticket_id")
            ]
        return values

    def action_correct(self):
        self._correct()
        return {"type": "ir.actions.act_window_close"}

    def action_correct_and_approve(self):
        # What is not billable any more is done with.
        return self._correct().filtered("billable").action_approve()

    def _correct(self):
        """Store the hours and shares of the entries that differ; the note goes to each of them.

        :return: all entries of the wizard
        """
        self.ensure_one()
        self.check_access("write")
        for entry in self.entry_ids:
            line = entry.line_id
            if (
                entry.hours != (line.approved_hours or line.unit_amount)
                or entry.billable_percent != line.billable_percent
            ):
                line._correct_hours(entry.hours, self.note, entry.billable_percent)
        return self.entry_ids.line_id


def _read_ids(commands):
    """Ids that ``Command.set`` holds; none of anything else that the context may hold."""
    if not isinstance(commands, (list, tuple)):
        return []
    return [
        id_
        for command in commands
        if isinstance(command, (list, tuple)) and len(command) == 3
        if isinstance(command[2], (list, tuple))
        for id_ in command[2]
        if isinstance(id_, int) and not isinstance(id_, bool)
    ]


class TelecomTimeCorrectLine(models.TransientModel):
    """One entry whose time is corrected."""

    _name = "telecom.time.correct.line"
    _description = "Correct Hours: Entry"
    _inherit = ["telecom.wizard.mixin"]

    _fixed_fields = frozenset({"wizard_id", "line_id"})
    _bounds = frozendict({"billable_percent": (0, 100)})

    wizard_id = fields.Many2one("telecom.time.correct", required=True, ondelete="cascade")
    line_id = fields.Many2one("account.analytic.line", required=True, ondelete="cascade")
    ticket_id = fields.Many2one(related="line_id.ticket_id")
    date = fields.Date(related="line_id.date")
    user_id = fields.Many2one(related="line_id.user_id", string="Agent")
    name = fields.Char(related="line_id.name", string="What Was Done")
    logged_hours = fields.Float(related="line_id.unit_amount", string="Logged")
    hours = fields.Float(string="To Approve", required=True)
    billable_percent = fields.Integer(
        string="Billable Share (%)",
        compute="_compute_billable_percent",
        store=True,
        readonly=False,
        precompute=True,
        help="Share of it that the customer pays for. With 0 it is not billable.",
    )

    @api.depends("line_id")
    def _compute_billable_percent(self):
        for entry in self:
            entry.billable_percent = entry.line_id.billable_percent
