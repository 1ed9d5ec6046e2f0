import contextlib

from odoo import models

ACCOUNT_FIELDS = frozenset({"parent_id", "is_company"})
OF_ACCOUNTS = ("telecom.contract", "telecom.service", "telecom.ticket")


class ResPartner(models.Model):
    """A contact gets another account: what becomes of what they have from the operator.

    Tickets, services and contracts belong to the account that their contact is in, always. So
    they follow a contact who is put under a company, an account that becomes part of another,
    and contacts that are merged. Whoever *leaves* an account does not take along what was the
    account's: before they go, the account itself becomes the customer. A contact who becomes a
    company of their own keeps what is theirs alone.
    """

    _inherit = "res.partner"

    @contextlib.contextmanager
    def _watch_account(self, vals):
        """These contacts are written ``vals`` inside, by which they may get another account."""
        if not ACCOUNT_FIELDS & vals.keys():
            yield
            return
        self.check_access("write")
        leaving = []
        for partner, is_company in self.sudo()._find_leaving(vals):
            members, account = partner._get_members(), partner.commercial_partner_id
            leaving.append((members, account, members._find_tickets_heard_of(account)))
            members._leave_behind(account, only_tied=is_company)
        yield
        for members, account, tickets in leaving:
            left = tickets.filtered(
                lambda one, account=account: one.commercial_partner_id == account
            )
            left._take_off(members, members._get_addresses())
        self.sudo()._get_family()._follow_account()

    def _get_family(self):
        """These contacts and all below them, archived ones included."""
        return self.with_context(active_test=False).search([("id", "child_of", self.ids)])

    def _get_members(self):
        """This one contact, and those below who are of the same account."""
        account = self.commercial_partner_id
        return self._get_family().filtered(lambda one: one.commercial_partner_id == account)

    def _find_leaving(self, vals):
        """Yield whom ``vals`` take out of their account, and whether they become a company."""
        for partner in self:
            is_company = vals.get("is_company", partner.is_company)
            parent = self.browse(vals["parent_id"]) if "parent_id" in vals else partner.parent_id
            target = partner if is_company else parent.commercial_partner_id or partner
            if partner.commercial_partner_id not in (partner, target):
                yield partner, is_company

    def _leave_behind(self, account, only_tied):
        """Make ``account`` the customer of what these contacts of it have from the operator.

        :param only_tied: leave what nobody else of the account has a part in as it is
        """
        env = self.env(context={**self.env.context, "active_test": False, "mail_notrack": True})
        held = [env[model].search([("partner_id", "in", self.ids)]) for model in OF_ACCOUNTS]
        for records in self._find_tied(*held) if only_tied else held:
            records._message_log_batch(
                {
                    record.id: record.env._(
                        "The customer is now %(account)s: %(contact)s no longer belongs to it.",
                        contact=record.partner_id.name or record.partner_id.display_name,
                        account=account.name,
                    )
                    for record in records
                }
            )
            records.write({"partner_id": account.id})

    def _find_tied(self, contracts, services, tickets):
        """Those of what these contacts have that hang on what others of their account have."""
        contracts = contracts.filtered(lambda contract: contract.service_ids.partner_id - self)

        def is_kept(record, kept):
            return record and (record in kept or record.partner_id not in self)

        services = services.filtered(lambda service: is_kept(service.contract_id, contracts))
        tickets = tickets.filtered(
            lambda ticket: (
                is_kept(ticket.service_id, services) or is_kept(ticket.contract_id, contracts)
            )
        )
        return contracts, services, tickets

    def _find_tickets_heard_of(self, account):
        """Tickets of ``account`` that are told to any of these contacts."""
        addresses = self._get_addresses()
        tickets = self.env["telecom.ticket"].with_context(active_test=False)
        told = tickets.search(
            [
                ("commercial_partner_id", "=", account.id),
                "|",
                ("message_partner_ids", "in", self.ids),
                ("email_cc", "!=", False),
            ]
        )
        return told.filtered(
            lambda ticket: (
                ticket.message_partner_ids & self
                or addresses & ticket._mail_cc_sanitized_raw_dict(ticket.email_cc).keys()
            )
        )

    def _get_addresses(self):
        return set(self.filtered("email_normalized").mapped("email_normalized"))

    def _follow_account(self):
        """Hook: these contacts (as superuser) may have another account than a moment ago."""
        tickets = self.env["telecom.ticket"]._find_open("partner_id", self)
        tickets._follow_tier()
        tickets._plan_due()
