from odoo import api, models

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
    """What people outside may see of a ticket."""

    _inherit = "telecom.ticket"

    @api.model
    def _portal_readable_fields(self):
        """Hook: names of the fields that customers may read."""
        return PORTAL_READABLE_FIELDS

    @api.model
    def _has_field_access(self, field, operation):
        # Asked for every field of every record that is read, so the cheapest question comes
        # first, and who is internal is read from the user (``share``), not from the groups.
        if operation == "read" and field.name in self._portal_readable_fields():
            return super()._has_field_access(field, operation)
        if not self.env.su and self.env.user.share:
            return False
        return super()._has_field_access(field, operation)

    # The token itself is out of the customer's reach, the links that carry it are not.

    def _portal_ensure_token(self):
        return super(TelecomTicket, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        return super(TelecomTicket, self.sudo())._sign_token(pid)
