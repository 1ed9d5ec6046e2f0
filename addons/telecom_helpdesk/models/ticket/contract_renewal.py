from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.fields import Domain


class TelecomContract(models.Model):
    """A contract that is renewed hands its open tickets to the one that takes over."""

    _inherit = "telecom.contract"

    def _get_start_due(self):
        if self.state != "active" or self.date_start <= self._due_now().date():
            return False
        return datetime.combine(self.date_start, time.min)

    def _on_start_due(self, now):
        self._hand_tickets_on()

    def _get_last_day(self):
        """Last day of support (date), or False: no end is known."""
        self.ensure_one()
        return self.date_end

    def _held_on(self, day):
        """Whether the contract gave support on ``day`` (a date), or gives it."""
        self.ensure_one()
        last_day = self._get_last_day()
        return (
            self.state != "draft"
            and self.date_start <= day
            and (last_day or self.state == "active")
            and not (last_day and last_day < day)
        )

    def _is_renewal_of(self, other):
        """Whether this contract takes over from ``other``, of the same customer and company: it
        begins later and is of the same type, or begins as the other ends."""
        last_day = other._get_last_day()
        return (
            self != other
            and self.date_start > other.date_start
            and self.commercial_partner_id == other.commercial_partner_id
            and self.company_id == other.company_id
            and (
                self.type_id == other.type_id
                or bool(last_day and last_day <= self.date_start <= last_day + timedelta(days=1))
            )
        )

    def _find_accounts_contracts(self):
        """All contracts (as superuser) of the customers of these."""
        return self.sudo().search(
            Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
        )

    def _hand_tickets_on(self):
        """Open tickets of these customers whose contract is over go on under its renewal."""
        today = fields.Date.context_today(self)
        renewals = {}
        for family in self._find_accounts_contracts().grouped("commercial_partner_id").values():
            valid = family.filtered(lambda contract: contract._is_valid_on(today))
            for contract in family - valid:
                if found := valid.filtered(
                    lambda other, contract=contract: other._is_renewal_of(contract)
                ):
                    renewals[contract] = found
        if not renewals:
            return
        ended = self.browse(contract.id for contract in renewals)
        for ticket in self.env["telecom.ticket"]._find_open("contract_id", ended):
            found = renewals[ticket.contract_id]
            renewal = ticket.service_id.contract_id & found or found
            # Several could: the agent chooses.
            if len(renewal) == 1:
                ticket._renew_contract(renewal)


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    def _renew_contract(self, contract):
        """Go on under ``contract``, which took over from the one of this ticket."""
        before = self.contract_id
        self.contract_id = contract
        self._message_log(
            body=self.env._(
                "Contract %(new)s took over from %(old)s.", new=contract.name, old=before.name
            )
        )
