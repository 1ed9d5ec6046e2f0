from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The packs of a customer, who is merged with another or becomes part of one with them."""

    _inherit = "res.partner"

    telecom_pack_left_hours = fields.Float(
        string="Hours Left in Packs",
        compute="_compute_telecom_pack_left_hours",
        groups="telecom_helpdesk.group_agent,account.group_account_invoice",
    )
    telecom_pack_count = fields.Integer(
        compute="_compute_telecom_pack_left_hours",
        groups="telecom_helpdesk.group_agent,account.group_account_invoice",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_telecom_pack_left_hours(self):
        groups = self.env["telecom.hour.pack"]._read_group(
            [("partner_id", "in", self.commercial_partner_id.ids)],
            ["partner_id", "state"],
            ["left_hours:sum", "__count"],
        )
        for partner in self:
            own = [group for group in groups if group[0] == partner._origin.commercial_partner_id]
            partner.telecom_pack_count = sum(count for *_rest, count in own)
            partner.telecom_pack_left_hours = sum(
                left for _partner, state, left, _count in own if state == "active"
            )

    def action_open_telecom_packs(self):
        """Open the packs of hours of this customer."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.telecom_hour_pack_action"
            ),
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_packs(self):
        packs = self.env["telecom.hour.pack"].sudo()
        if pack := packs.search([("partner_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%s bought packs of support hours. Archive the customer instead, or merge it "
                    "with another.",
                    pack.partner_id.display_name,
                )
            )

    def _hand_over_packs(self):
        """Packs are those of the account that these customers are part of now."""
        packs = self.env["telecom.hour.pack"].sudo().search([("partner_id", "in", self.ids)])
        for pack in packs:
            account = pack.partner_id.commercial_partner_id
            if account != pack.partner_id:
                models.BaseModel.write(pack, {"partner_id": account.id})
        packs._allot(packs.partner_id)
