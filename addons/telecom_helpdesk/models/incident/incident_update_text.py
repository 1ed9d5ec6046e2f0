from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_TITLE, MAX_BODY = 200, 20_000


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
    title = fields.Char(
        help="Subject of the mails to customers without a ticket: all of them read it, so it "
        "names no customer. Answers on tickets keep the ticket's."
    )
    title_suggestion = fields.Char(compute="_compute_title_suggestion")
    body = fields.Text(string="Text")
    reader_count = fields.Integer(string="Customers", compute="_compute_reader_count")

    _lang_unique = models.UniqueIndex("(update_id, lang)", "There is one text for each language.")

    @api.depends("lang", "update_id.incident_id")
    def _compute_title_suggestion(self):
        for text in self:
            incident = text.update_id.incident_id._origin._filtered_access("read")
            text.title_suggestion = incident.with_context(
                lang=text.lang or self.env.lang
            )._suggest_incident_title()

    @api.depends("lang", "update_id.reach", "update_id.incident_id")
    def _compute_reader_count(self):
        for update, texts in self.grouped("update_id").items():
            readers = update._count_readers() if update else {}
            for text in texts:
                text.reader_count = readers.get(text.lang, 0)

    @api.constrains("body", "title")
    def _check_length(self):
        """Every customer gets one: what is too long for one is too long a thousand times."""
        for text in self:
            if len(text.body or "") > MAX_BODY or len(text.title or "") > MAX_TITLE:
                raise ValidationError(
                    self.env._(
                        "That is too long for an update: %(title)s characters at most for its "
                        "title, %(body)s for its text.",
                        title=MAX_TITLE,
                        body=MAX_BODY,
                    )
                )

    @api.constrains("body", "lang", "title", "update_id")
    def _check_draft(self):
        self.update_id._check_draft()

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()
