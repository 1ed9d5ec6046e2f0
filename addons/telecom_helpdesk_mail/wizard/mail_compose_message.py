from odoo import api, fields, models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    telecom_unknown_customer = fields.Char(
        string="Customer without Contact",
        compute="_compute_telecom_unknown_customer",
        help="Mail address of a customer who is no active contact. The answer goes there as well.",
    )

    @api.depends("model", "res_ids", "composition_mode", "subtype_id", "author_id", "partner_ids")
    def _compute_telecom_unknown_customer(self):
        self.telecom_unknown_customer = False
        for composer in self:
            ids = composer._evaluate_res_ids()
            if (
                composer.model != "telecom.ticket"
                or composer.composition_mode != "comment"
                or len(ids) != 1
            ):
                continue
            ticket = self.env["telecom.ticket"].browse(ids)
            post = {
                "message_type": composer.message_type,
                "subtype_id": composer.subtype_id.id,
                "partner_ids": composer.partner_ids.ids,
            }
            composer.telecom_unknown_customer = ticket._find_address_to_add(
                composer.author_id, post
            )

    @api.model
    def default_get(self, fields_list):
        """The web client proposes an empty contact for an address that is nobody's; Odoo would
        take it for one to create.

        Relies on: the client hands them in as ``default_partner_ids``, a list of ids.
        """
        partner_ids = self.env.context.get("default_partner_ids")
        composer = self
        if isinstance(partner_ids, list) and not all(partner_ids):
            composer = self.with_context(default_partner_ids=list(filter(None, partner_ids)))
        return super(MailComposeMessage, composer).default_get(fields_list)
