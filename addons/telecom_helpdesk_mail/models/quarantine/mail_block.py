from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize, ormcache


class TelecomMailBlock(models.Model):
    """A sender whose mails open no tickets: an address, or a whole domain."""

    _name = "telecom.mail.block"
    _description = "Blocked Sender"
    _inherit = ["telecom.guard.mixin", "telecom.cached.mixin"]
    _is_shared = True
    _order = "name"

    name = fields.Char(
        string="Address or Domain",
        required=True,
        help="Such as robot@example.com, or example.com for everybody there.",
    )
    reason = fields.Char()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: blocked for all companies.",
    )

    _name_unique = models.UniqueIndex(
        "(name, COALESCE(company_id, 0))", "This sender is blocked already."
    )

    @api.constrains("name")
    def _check_name(self):
        addresses = self.env["mail.alias"]._get_support_addresses()
        own_domains = {address.rpartition("@")[2] for address in addresses}
        for block in self:
            if block.name in addresses or block.name in own_domains:
                raise ValidationError(
                    self.env._("%(sender)s is your own and cannot be blocked.", sender=block.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean(vals))

    @api.model
    def _clean(self, vals):
        """``vals`` with the sender in one form: lower case, no name, no leading @.

        :raises ValidationError: it is neither an address nor a domain
        """
        if "name" not in vals:
            return vals
        text = (vals["name"] or "").strip().lower().removeprefix("*").removeprefix("@")
        name = email_normalize(text) if "@" in text else "." in text and text
        if not name or text.count("@") > 1 or any(character.isspace() for character in text):
            raise ValidationError(
                self.env._(
                    "“%(text)s” is neither a mail address nor a domain.", text=vals["name"] or ""
                )
            )
        return {**vals, "name": name}

    @api.model
    @ormcache("company_id")
    def _get_blocked(self, company_id):
        return frozenset(
            self.sudo().search([("company_id", "in", [company_id, False])]).mapped("name")
        )

    @api.model
    def _is_blocked(self, address, company):
        """Whether ``company`` takes no mail from ``address`` (normalized)."""
        blocked = self._get_blocked(company.id)
        if not blocked or not address:
            return False
        labels = address.rpartition("@")[2].split(".")
        domains = {".".join(labels[start:]) for start in range(len(labels))}
        return address in blocked or not domains.isdisjoint(blocked)

    @api.model
    def _block(self, address, company):
        """Block ``address`` for ``company`` from now on.

        :raises UserError: there is no address to block
        """
        address = email_normalize(address)
        if not address:
            raise UserError(self.env._("There is no mail address to block."))
        if not self._is_blocked(address, company):
            self.create({"name": address, "company_id": company.id})
