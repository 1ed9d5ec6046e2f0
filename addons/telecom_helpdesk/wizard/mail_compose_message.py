from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "telecom.guard.mixin"]

    telecom_macro_id = fields.Many2one("telecom.ticket.macro", string="Macro")
    telecom_macro_changes = fields.Char(compute="_compute_telecom_macro_changes")

    def _compute_telecom_macro_changes(self):
        for composer in self:
            macro = composer.telecom_macro_id._origin._filtered_access("read")
            composer.telecom_macro_changes = (
                " · ".join(macro._describe_changes()) if macro else False
            )

    def _action_send_mail_comment(self, res_ids):
        """With the text of a macro goes what else the macro does: all of it, or nothing."""
        macro = self.telecom_macro_id
        if not macro or self.model != "telecom.ticket":
            return super()._action_send_mail_comment(res_ids)
        tickets = self.env["telecom.ticket"].browse(res_ids)
        macro._change(tickets)
        messages = super()._action_send_mail_comment(res_ids)
        macro._move(tickets)
        return messages
