from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes


class TelecomHourPack(models.Model):
    """What customers see of the hours that they bought."""

    _inherit = "telecom.hour.pack"

    @api.model
    def _get_portal_domain(self, user):
        """Packs that ``user`` (res.users), a customer, may see: those who see all tickets of the
        account see all of its packs, others what they bought themselves."""
        partner = user.sudo().partner_id
        domain = Domain(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", user.company_ids.ids),
                ("state", "!=", "cancelled"),
            ]
        )
        if partner.telecom_portal_scope != "company":
            domain &= Domain("contact_id", "=", partner.id)
        return domain

    def _prepare_portal_values(self):
        """What the portal shows of this pack (dict); hours as texts."""
        self.ensure_one()
        minutes = {
            name: to_minutes(self[f"{name}_hours"])
            for name in ("bought", "credited", "used", "left", "lost")
        }
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "name": self.name,
            "product": self.product_id.sudo().name,
            "from": format_date(self.env, self.date_start),
            "until": self.date_end and format_date(self.env, self.date_end),
            "state": self.state,
            "state_label": states[self.state],
            **{name: value and format_hours(value) for name, value in minutes.items()},
        }
