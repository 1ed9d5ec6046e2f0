import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .company_partner import known_to


class TelecomTicketTeam(models.Model):
    """The team's mail addresses, which make tickets, and how it deals with mail.

    The alias is optional: teams that customers do not write to (a third level, field service)
    have none, and no empty row is kept for them.
    """

    _name = "telecom.ticket.team"
    _inherit = ["telecom.ticket.team", "mail.alias.mixin.optional"]

    alias_id = fields.Many2one(
        help="Mails to this address become tickets of the team, and answers leave from it.",
    )
    address_ids = fields.One2many(
        "telecom.ticket.team.address",
        "team_id",
        string="More Addresses",
        help="Mails to these addresses become tickets of the team too. Each customer is answered "
        "from the address that they wrote to.",
    )

    # What comes in
    mail_unknown_sender = fields.Selection(
        [("mark", "Mark the ticket"), ("create", "Create a contact")],
        string="Unknown Sender",
        default="mark",
        required=True,
        help="When no contact has the sender's address. Mark: the ticket keeps name and address, "
        "and an agent chooses the customer. Create: a contact is made, with the name in the mail.",
    )
    mail_follow_copied = fields.Boolean(
        string="Copied People Follow",
        help="Contacts in Cc become followers of the ticket and get the answers too.",
    )
    mail_keep_original = fields.Boolean(
        string="Keep Original Mail",
        help="Each mail is attached to its message as it came, with all headers, for colleagues "
        "only.",
    )
    mail_accept_notices = fields.Boolean(
        string="Tickets from Machines",
        help="Notices of monitoring and other systems become tickets. Otherwise they go to the "
        "quarantine.",
    )

    # What goes out
    acknowledge = fields.Boolean(
        default=True,
        string="Acknowledge New Tickets",
        help="A customer whose mail opens a ticket is told so at once, with its number. Robots, "
        "mailing lists and colleagues are not.",
    )
    acknowledgement_template_id = fields.Many2one(
        "mail.template",
        string="Acknowledgement",
        domain=[("model", "=", "telecom.ticket")],
        default=lambda self: self.env.ref(
            "telecom_helpdesk_mail.mail_template_acknowledgement", raise_if_not_found=False
        ),
        help="Sent in the customer's language, where it is translated. Empty: the standard text.",
    )
    mail_signature = fields.Html(
        string="Signature",
        translate=True,
        help="Stands below what the team's agents write to customers, after the agent's own.",
    )

    quarantine_count = fields.Integer(string="Mails to Review", compute="_compute_quarantine_count")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_quarantine_count(self):
        self.quarantine_count = 0
        quarantine = self.env["telecom.mail.quarantine"]
        if quarantine.has_access("read"):
            domain = [*quarantine._get_decision_domain(), ("team_id", "in", self.ids)]
            for team, count in quarantine._read_group(domain, ["team_id"], ["__count"]):
                team.quarantine_count = count

    @api.constrains("alias_id")
    def _check_alias(self):
        # Odoo's mixin makes the alias and hands it in as the user: whose it is tells it from one
        # that somebody would take away from another document.
        for team in self.sudo().filtered("alias_id"):
            alias = team.alias_id
            owner = alias.alias_parent_model_id.model, alias.alias_parent_thread_id
            if alias.alias_model_id.model != "telecom.ticket" or owner not in (
                (self._name, False),
                (self._name, 0),
                (self._name, team.id),
            ):
                raise ValidationError(
                    self.env._(
                        "The address %(alias)s is not this team's.", alias=alias.display_name
                    )
                )

    def action_open_quarantine(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk_mail.telecom_mail_quarantine_action"
        )
        return {**action, "domain": [("team_id", "=", self.id)]}

    def _describe_dashboard_team(self):
        data = super()._describe_dashboard_team()
        if self.quarantine_count:
            data["links"].append(
                {
                    "label": self.env._("Mails to review"),
                    "count": self.quarantine_count,
                    "method": "action_open_quarantine",
                }
            )
        return {**data, "subtitle": self.alias_email or ""}

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # As Odoo does with the first address.
            for team in self.filtered("address_ids"):
                domain = team.company_id.sudo().alias_domain_id
                if domain:
                    team.address_ids.alias_domain_id = domain
        return result

    def unlink(self):
        # The database would take the rows along and leave their addresses in use.
        self.address_ids.unlink()
        return super().unlink()

    @api.model
    def _get_moved_fields(self):
        return {
            **super()._get_moved_fields(),
            "fetchmail.server": ("telecom_team_id", Domain.TRUE),
            "telecom.mail.quarantine": ("team_id", Domain("state", "=", "waiting")),
            "telecom.ticket.team.address": ("team_id", Domain.TRUE),
        }

    def _get_moved_domains(self):
        aliases = self.sudo().alias_id.filtered("alias_name")
        return {**super()._get_moved_domains(), "mail.alias": Domain("id", "in", aliases.ids)}

    def _move_to(self, successor):
        """Its addresses become further ones of the team that takes over, the first one as well:
        tickets go on being answered from them."""
        addresses = self.address_ids
        if alias := self.alias_id:
            self.alias_id = False
            addresses += addresses.create({"team_id": successor.id, "alias_id": alias.id})
        super()._move_to(successor)
        addresses._follow_team()

    @api.onchange("alias_name", "company_id")
    def _onchange_alias_name(self):
        domain = self.company_id.sudo().alias_domain_id
        if self.alias_name and (not self.alias_domain_id or self.alias_domain_id.company_ids):
            self.alias_domain_id = domain

    def _alias_get_creation_values(self):
        """Mails to the team's address become tickets of it.

        Relies on: Odoo's alias mixin makes and updates the alias from these values of mail.alias.
        """
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("telecom.ticket")
        if self.id:
            # The ticket's company follows from its team.
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
            if not self.alias_id:
                values["alias_domain_id"] = self.company_id.alias_domain_id.id
        return values

    def _partner_find_from_emails(self, records_emails, filter_found=None, **kwargs):
        """Who writes to the team is looked for among the contacts of its company alone.

        Relies on: the gateway asks the owner of the alias for the author of a new ticket.
        """
        filter_found = known_to(self.sudo().company_id, filter_found)
        return super()._partner_find_from_emails(
            records_emails, filter_found=filter_found, **kwargs
        )
