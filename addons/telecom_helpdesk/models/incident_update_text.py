from odoo import api, fields, models
from odoo.exceptions import UserError


class TelecomIncidentUpdateText(models.Model):
    """What customers of one language are told. Plain text: it needs no cleaning."""

    _name = "telecom.incident.update.text"
    _description = "Incident Update in One Language"
    _inherit = ["telecom.guard.mixin"]
    _order = "id"

    update_id = fields.Many2one(
        "telecom.incident.update", required=True, index=True, ondelete="cascade"
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), string="Language", required=True
    )
    body = fields.Text(string="Text")
    reader_count = fields.Integer(string="Customers", compute="_compute_reader_count")

    _lang_unique = models.UniqueIndex("(update_id, lang)", "There is one text for each language.")

    @api.depends("lang", "update_id.reach", "update_id.incident_id")
    def _compute_reader_count(self):
        for update, texts in self.grouped("update_id").items():
            readers = update._count_readers() if update else {}
            for text in texts:
                text.reader_count = readers.get(text.lang, 0)

    @api.constrains("body", "lang", "update_id")
    def _check_draft(self):
        if self.update_id.filtered("sent_at"):
            raise UserError(
                self.env._("What was sent stays as it is. Write another update instead.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()
