import ast

from odoo import api, models
from odoo.tools import ormcache

from ...tools.incoming_mail import IncomingMail


class MailAlias(models.Model):
    _name = "mail.alias"
    _inherit = ["mail.alias", "telecom.cached.mixin"]
    # The gateway notes at each mail that the alias works.
    _uncached_fields = frozenset({"alias_status"})

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

    @api.model
    def _find_teams(self, addresses):
        """Teams whose tickets mails to ``addresses`` (in lower case) become."""
        tickets = self.env["telecom.ticket"]
        if not addresses:
            return tickets._gateway_team(None)
        aliases = self.sudo().search(
            [
                ("alias_full_name", "in", addresses),
                ("alias_model_id.model", "=", "telecom.ticket"),
            ]
        )
        values = [ast.literal_eval(alias.alias_defaults or "{}") for alias in aliases]
        return tickets._gateway_team(None).union(*map(tickets._gateway_team, values))

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """A mail that a fault of ours keeps from becoming a ticket is in the quarantine: the
        customer need not hear of it, and the address goes on working.

        Relies on: the gateway calls it, with ``set_invalid``, where ``message_new`` raises.
        """
        if set_invalid and IncomingMail.of(self.env):
            return
        super()._alias_bounce_incoming_email(message, message_dict, set_invalid=set_invalid)
