from odoo import api, models

from .analytic_line_guard import LOCKED_STATES


class AccountAnalyticLine(models.Model):
    """Work is covered by the contract that holds on the day of the work."""

    _inherit = "account.analytic.line"

    @api.depends("ticket_id.contract_id", "date")
    def _compute_contract_id(self):
        lines = self._get_unlocked()
        for line in lines:
            line.contract_id = line.ticket_id.contract_id
        elsewhere = lines.filtered(
            lambda line: line.contract_id and not line.contract_id.sudo()._held_on(line.date)
        )
        if not elsewhere:
            return
        contracts = elsewhere.contract_id._find_accounts_contracts().grouped(
            "commercial_partner_id"
        )
        for line in elsewhere:
            family = contracts[line.contract_id.sudo().commercial_partner_id]
            line.contract_id = line._find_contract(family) or line.contract_id

    def _find_contract(self, contracts):
        """The one of ``contracts`` that the ticket's took over from, or that took over from it, and
        that held on the day of this work; empty where there is none, or several."""
        own = self.contract_id.sudo()
        found = contracts.filtered(
            lambda contract: (
                contract._held_on(self.date)
                and (contract._is_renewal_of(own) or own._is_renewal_of(contract))
            )
        )
        return found if len(found) == 1 else found.browse()


class TelecomContract(models.Model):
    _inherit = "telecom.contract"

    def _recompute_contract(self):
        """Another date may mean another contract: update entries that are not approved yet."""
        contracts = self._find_accounts_contracts()
        if len(contracts) < 2:
            return
        lines = self.env["account.analytic.line"].sudo()
        lines = lines.search(
            [
                ("contract_id", "in", contracts.ids),
                ("billing_state", "not in", LOCKED_STATES),
            ]
        )
        self.env.add_to_compute(lines._fields["contract_id"], lines)
