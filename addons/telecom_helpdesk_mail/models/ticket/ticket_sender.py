from odoo import api, fields, models
from odoo.tools import SQL, email_normalize, email_normalize_all
from odoo.tools.mail import parse_contact_from_email

from ...tools.incoming_mail import IncomingMail
from ...tools.mail_domain import get_company_domain
from ..team.company_partner import is_known_to


class TelecomTicket(models.Model):
    """Sender of incoming mails."""

    _inherit = "telecom.ticket"

    undeliverable_email = fields.Char(
        string="Undeliverable Address",
        compute="_compute_undeliverable_email",
        store=True,
        copy=False,
        help="Mails of this ticket to this address came back.",
    )

    @api.depends("partner_email")
    def _compute_undeliverable_email(self):
        # Another address may work.
        for ticket in self:
            address = ticket.undeliverable_email
            if not address or address != email_normalize(ticket.partner_email):
                ticket.undeliverable_email = False

    def _get_unknown_addresses(self):
        """Addresses of those of these tickets' customers who are no contacts.

        The web client makes a contact of whomever an agent answers. An unknown sender gets the
        answer without (see ``_find_address_to_add``).
        """
        unknown = self.sudo().filtered(lambda ticket: not ticket.partner_id)
        return email_normalize_all(
            ",".join(unknown.filtered("partner_email").mapped("partner_email"))
        )

    def _find_customer(self, records_emails, filter_found):
        """The ticket's own customer, where a mail comes from their address; else empty.

        Most answers are theirs: neither followers nor contacts have to be looked through.
        """
        emails = [email for emails in records_emails.values() for email in emails]
        if len(self) != 1 or len(emails) != 1 or not IncomingMail.of(self.env):
            return self.env["res.partner"]
        customer = self.sudo().partner_id
        address = email_normalize(emails[0], strict=False)
        is_customer = (
            address
            and customer.active
            and customer.email_normalized == address
            and is_known_to(self.sudo().company_id, customer)
            and (not filter_found or filter_found(customer))
            and not self.env["mail.alias.domain"]._find_aliases([address])
        )
        return customer.with_env(self.env) if is_customer else customer.browse()

    @api.model
    def _prepare_sender_values(self, msg_dict, team):
        """Values of the customer of a new ticket of ``team``, from the mail that opens it.

        :return: ``partner_id``, ``partner_name``, ``partner_email``: false what is not known
        """
        incoming = IncomingMail.of(self.env)
        company = team.company_id or self.env.company
        sender = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        if not is_known_to(company, sender):
            sender = sender.browse()
        # False instead of None: looked for and not found, nobody needs to look again.
        msg_dict["author_id"] = sender.id
        name, address = parse_contact_from_email(msg_dict.get("email_from"))
        if self._is_agent(sender):
            if incoming.is_forged:
                # Who it was, nobody knows; an answer would go to the colleague.
                return {"partner_id": False, "partner_name": name, "partner_email": False}
            # A colleague writes about a customer: the one in the mail that they forward, or
            # one whom an agent has to choose.
            return self._prepare_forwarded_values(team, company)
        if address in self.env["mail.alias"]._get_support_addresses():
            # An answer would come back to us.
            return {"partner_id": False, "partner_name": name, "partner_email": False}
        values = self._prepare_customer_values(sender, name, address, team, company)
        msg_dict["author_id"] = values["partner_id"]
        return {"partner_email": address, **values}

    @api.model
    def _prepare_customer_values(self, partner, name, address, team, company):
        if partner:
            return {"partner_id": partner.id}
        incoming = IncomingMail.of(self.env)
        account = self._find_account(address, company)
        is_person = address and not incoming.hints.get("automatic") and not incoming.is_forged
        if team.mail_unknown_sender == "create" and is_person:
            partner = (
                self.env["res.partner"]
                .sudo()
                .create(
                    {
                        "name": name or address,
                        "email": address,
                        "parent_id": account.id,
                        "company_id": company.id,
                        "lang": self._find_lang(incoming.hints.get("language"))
                        or account.lang
                        or company.partner_id.lang,
                    }
                )
            )
            return {"partner_id": partner.id}
        if account:
            incoming.remarks.append(
                self.env._(
                    "The sender is unknown, but others with addresses at %(domain)s belong to "
                    "%(account)s.",
                    domain=address.rpartition("@")[2],
                    account=account._get_html_link(),
                )
            )
        return {"partner_id": False, "partner_name": name}

    @api.model
    def _find_account(self, address, company):
        """The one customer account whose people have addresses in the domain of ``address``."""
        domain = get_company_domain(address)
        accounts = self.env["res.partner"].sudo().browse()
        if domain:
            rows = self.env.execute_query(
                SQL(
                    """SELECT DISTINCT commercial_partner_id FROM res_partner
                        WHERE split_part(email_normalized, '@', 2) = %s
                          AND active AND (company_id IS NULL OR company_id = %s) LIMIT 2""",
                    domain,
                    company.id,
                )
            )
            accounts = accounts.browse(id_ for (id_,) in rows)
        return accounts if len(accounts) == 1 and accounts.is_company else accounts.browse()

    @api.model
    def _prepare_forwarded_values(self, team, company):
        """The customer whose mail a colleague sent on."""
        forwarded = IncomingMail.of(self.env).hints.get("forwarded")
        address = forwarded and email_normalize(forwarded["address"])
        if not address or address in self.env["mail.alias"]._get_support_addresses():
            return {"partner_id": False, "partner_name": False, "partner_email": False}
        partner = team._partner_find_from_emails_single([address], no_create=True)[:1]
        if self._is_agent(partner):
            return {"partner_id": False, "partner_name": False, "partner_email": False}
        name = forwarded.get("name") or False
        values = {
            "partner_email": address,
            "last_customer_message_at": self._due_now(),
            **self._prepare_customer_values(partner, name, address, team, company),
        }
        if forwarded.get("subject"):
            values["name"] = forwarded["subject"]
        return values
