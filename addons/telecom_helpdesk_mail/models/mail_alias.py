from odoo import api, models
from odoo.tools import ormcache


class MailAlias(models.Model):
    _inherit = "mail.alias"

    @api.model
    @ormcache()
    def _get_support_addresses(self):
        """Addresses (normalized) of all companies that make tickets."""
        return frozenset(
            self.sudo()
            .search(
                [
                    ("alias_name", "!=", False),
                    ("alias_domain_id", "!=", False),
                    ("alias_model_id.model", "=", "telecom.ticket"),
                ]
            )
            .mapped("alias_full_name")
        )

    @api.model_create_multi
    def create(self, vals_list):
        aliases = super().create(vals_list)
        self.env.registry.clear_cache()
        return aliases

    def write(self, vals):
        result = super().write(vals)
        # The gateway notes at each mail that the alias works.
        if set(vals) - {"alias_status"}:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        # A mail that a fault of ours keeps from becoming a ticket is in the quarantine: the
        # customer need not hear of it, and the address goes on working.
        if set_invalid and self.env.context.get("telecom_mail"):
            return
        super()._alias_bounce_incoming_email(message, message_dict, set_invalid=set_invalid)


class MailAliasDomain(models.Model):
    _inherit = "mail.alias.domain"

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result
