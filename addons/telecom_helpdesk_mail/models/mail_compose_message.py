from odoo import api, models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    @api.model
    def default_get(self, fields_list):
        # The web client proposes an empty contact for an address that is none's; Odoo would
        # take it for one to create.
        partner_ids = self.env.context.get("default_partner_ids")
        composer = self
        if isinstance(partner_ids, list) and None in partner_ids:
            partner_ids = [partner_id for partner_id in partner_ids if partner_id is not None]
            composer = self.with_context(default_partner_ids=partner_ids)
        return super(MailComposeMessage, composer).default_get(fields_list)
