from odoo import models
from odoo.exceptions import UserError

# Placeholders that do no more than name something, whoever writes them.
PLACEHOLDERS = (
    "object.category_id.name",
    "object.commercial_partner_id.name",
    "object.company_id.name",
    "object.contract_id.display_name",
    "object.number",
    "object.partner_email",
    "object.partner_name",
    "object.partner_phone",
    "object.service_id.identifier",
    "object.service_id.type_id.name",
    "object.stage_id.name",
    "object.team_id.name",
    "object.tier_id.name",
)


class TelecomTicket(models.Model):
    """The macro menu of a ticket."""

    _inherit = "telecom.ticket"

    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), *PLACEHOLDERS)

    def get_macros(self):
        """Macros for this ticket's menu: dicts ``{"id", "name", "summary"}``, in their order."""
        self.check_access("read")
        macros = self.env["telecom.ticket.macro"]
        return macros._find_for(self).read(["name", "summary"])

    def action_apply_macro(self, macro_id):
        """Apply a macro to this ticket.

        :return: action that opens the composer where the text is to be read before; or None
        :raises UserError: why it cannot be applied
        """
        self.ensure_one()
        macro = self.env["telecom.ticket.macro"].browse(macro_id)
        self.check_access("write")
        macro.check_access("read")
        macro._check_usable()
        macro._check_offered(self)
        self.sudo().filtered("merged_into_id").with_env(self.env)._redirect_if_merged()
        if macro.review and macro._has_text():
            return macro._open_composer(self)
        refused = macro._apply(self)
        if refused:
            raise UserError(refused[self])
        return None

    def action_choose_macro(self):
        """Open the wizard that applies a macro to the selected tickets."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk.telecom_ticket_macro_apply_action"
            ),
            "context": {"default_ticket_ids": [(6, 0, self.ids)]},
        }
