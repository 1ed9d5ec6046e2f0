from odoo import api, fields, models

# What customers may know of their ticket, by whatever request they send. A field that is
# not named here, an extension's above all, stays with the operator.
PORTAL_READABLE_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "create_date",
        "number",
        "name",
        "description",
        "partner_id",
        "commercial_partner_id",
        "partner_name",
        "partner_email",
        "partner_phone",
        "category_id",
        "channel",
        "priority",
        "stage_id",
        "state",
        "is_done",
        "team_id",
        "service_id",
        "user_id",
        "date_deadline",
        "resolution",
        "resolved_at",
        "closed_at",
        "company_id",
        "active",
        "access_url",
        "access_warning",
        "website_message_ids",
    }
)


class TelecomTicket(models.Model):
    """What customers may see of a ticket."""

    _inherit = "telecom.ticket"
    _is_limited = True

    # A search by its words finds those that the customer may read.
    website_message_ids = fields.One2many(bypass_search_access=False)

    @api.model
    def _portal_readable_fields(self):
        """Hook: names of the fields that customers may read."""
        return PORTAL_READABLE_FIELDS

    @api.model
    def _get_visible_fields(self):
        return {
            **super()._get_visible_fields(),
            "telecom_helpdesk.group_agent": None,
            "base.group_portal": self._portal_readable_fields(),
        }

    # The token itself is out of the customer's reach, the links that carry it are not.

    def _portal_ensure_token(self):
        return super(TelecomTicket, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        return super(TelecomTicket, self.sudo())._sign_token(pid)
