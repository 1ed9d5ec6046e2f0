from odoo import fields, models


class TelecomMailDiscard(models.TransientModel):
    """Discard mails in quarantine, with a reason."""

    _name = "telecom.mail.discard"
    _description = "Discard Mails"
    _inherit = ["telecom.wizard.mixin"]

    mail_ids = fields.Many2many("telecom.mail.quarantine", required=True)
    reason = fields.Char(required=True, help="Kept with the mails.")
    is_sender_blocked = fields.Boolean(
        string="Block the Sender", help="Mails from this address open no tickets any more."
    )

    def action_discard(self):
        self.ensure_one()
        self.mail_ids.check_access("write")
        if self.is_sender_blocked:
            for mail in self.mail_ids:
                self.env["telecom.mail.block"]._block(
                    mail.email_from, mail.company_id or self.env.company
                )
        self.mail_ids._discard(self.reason)
        return {"type": "ir.actions.act_window_close"}
