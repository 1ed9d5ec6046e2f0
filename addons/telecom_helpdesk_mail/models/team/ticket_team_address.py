from odoo import api, fields, models

# Of the alias behind an address, managers choose these; the rest follows from the team.
CHOSEN_FIELDS = {"alias_name", "alias_domain_id"}


class TelecomTicketTeamAddress(models.Model):
    """A further mail address of a team, beside the one on the team itself.

    Managers have no rights on Odoo's aliases (mail.alias). Odoo's mixin keeps one for each row
    and checks what has to be: the address is nobody else's, the domain is the company's.
    """

    _name = "telecom.ticket.team.address"
    _description = "Further Mail Address"
    _inherit = ["telecom.guard.mixin", "mail.alias.mixin.optional"]
    _order = "id"
    _rec_name = "alias_email"
    _fixed_fields = frozenset({"team_id"})

    team_id = fields.Many2one("telecom.ticket.team", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="team_id.company_id")
    alias_name = fields.Char(required=True)
    alias_domain_id = fields.Many2one(required=True)

    @api.onchange("team_id")
    def _onchange_team_id(self):
        # No default: Odoo's mixin would write it to the alias as the user, who may not.
        if not self.alias_domain_id:
            self.alias_domain_id = self.team_id.company_id.sudo().alias_domain_id

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_chosen(vals, CHOSEN_FIELDS | {"team_id"})
        for vals in vals_list:
            if not (vals.get("alias_domain_id") or vals.get("alias_id")):
                company = self.env["telecom.ticket.team"].browse(vals.get("team_id")).company_id
                vals["alias_domain_id"] = company.sudo().alias_domain_id.id
        return super().create(vals_list)

    def write(self, vals):
        # Odoo's mixin leaves the alias alone where the user may not, and says nothing.
        self.check_access("write")
        self._check_chosen(vals, CHOSEN_FIELDS)
        return super().write(vals)

    @api.model
    def _check_chosen(self, vals, chosen):
        # Whoever could name the alias could take another document's, or delete it. Odoo's mixin
        # hands it in itself, and for an address of this team, by way of ``write``.
        for name in vals.keys() - chosen if not self.env.su else ():
            if name in self._fields:
                self._refuse_field(self._fields[name])

    def _require_new_alias(self, record_vals):
        """A row may take over the alias that was a team's (``_move_to``).

        Relies on: Odoo's alias mixin makes one for each row where this is true.
        """
        return not record_vals.get("alias_id")

    def _follow_team(self):
        """The addresses lead to the team that they belong to now."""
        for address in self:
            address.alias_id.write(address._alias_get_creation_values())

    def _alias_get_creation_values(self):
        """Mails to the address become tickets of its team, and are answered from it.

        Relies on: as for the team's own address.
        """
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("telecom.ticket")
        if self.id:
            # The team's, for whoever asks Odoo what the address is for. Answers leave from it.
            values["alias_parent_model_id"] = self.env["ir.model"]._get_id("telecom.ticket.team")
            values["alias_parent_thread_id"] = self.team_id.id
            values["alias_defaults"] = {
                "team_id": self.team_id.id,
                "mail_alias_id": self.alias_id.id,
            }
        return values
