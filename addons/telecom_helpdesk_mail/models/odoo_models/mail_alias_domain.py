import re
from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

from ...filters.text import ADDRESS
from ...tools.incoming_mail import IncomingMail

# What people put behind a plus to sort their mail by (RFC 5233): no part of whom it reaches.
TAG = re.compile(r"\+[^@]*(?=@)")


class AddressBook(NamedTuple):
    """All addresses that come back to this database, in lower case."""

    aliases: frozenset
    local_parts: frozenset  # of aliases that are good at any domain
    services: frozenset  # bounce, catchall and default sender of each domain
    bounces: frozenset
    domains: frozenset

    def holds(self, address):
        """Whether ``address`` is one of them, with or without something behind a plus."""
        return any(own in self.aliases or own in self.services for own in spellings(address))


def spellings(address):
    """``address``, and what it is without the part behind a plus."""
    return address, TAG.sub("", address, count=1)


class MailAliasDomain(models.Model):
    _name = "mail.alias.domain"
    _inherit = ["mail.alias.domain", "telecom.cached.mixin"]

    @api.model
    @ormcache()
    def _get_address_book(self):
        domains = self.sudo().search([("name", "!=", False)])
        fields = ["alias_name", "alias_full_name", "alias_incoming_local"]
        aliases = self.env["mail.alias"].sudo().search_fetch([("alias_name", "!=", False)], fields)
        local = aliases.filtered("alias_incoming_local")
        services = [*domains.mapped("catchall_email"), *domains.mapped("default_from_email")]
        bounces = domains.mapped("bounce_email")
        return AddressBook(
            frozenset((aliases - local).mapped("alias_full_name")),
            frozenset(local.mapped("alias_name")),
            frozenset(services + bounces),
            frozenset(bounces),
            frozenset(domains.mapped("name")),
        )

    @api.model
    def _find_aliases(self, email_list):
        """Without the database while a mail comes in.

        Relies on: the gateway asks three times for each mail, with addresses in lower case, and
        takes a list of those that are ours.
        """
        if not IncomingMail.of(self.env):
            return super()._find_aliases(email_list)
        return [address for address in email_list if address and self._find_own(address)]

    @api.model
    def _find_own(self, address):
        """The address of ours that mails to ``address`` (in lower case) reach, or None.

        That is itself, or itself without what stands behind a plus.
        """
        book = self._get_address_book()
        parameter = self.env["ir.config_parameter"].sudo()
        allowed = (parameter.get_param("mail.catchall.domain.allowed") or "").split(",")
        allowed = {name for name in allowed if name}

        def is_own(address):
            local_part, at, domain = address.partition("@")
            return at and (
                address in book.aliases
                or address in book.services
                or (
                    local_part in book.local_parts
                    and (not allowed or domain in allowed | book.domains)
                )
            )

        return next(filter(is_own, spellings(address)), None)

    @api.model
    def _without_tags(self, text):
        """``text`` with our own addresses in it as Odoo knows them."""
        if "+" not in text:
            return text
        return ADDRESS.sub(lambda found: self._find_own(found[0].lower()) or found[0], text)
