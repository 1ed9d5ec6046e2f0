from odoo import api, fields, models

from .ticket_budget import GROUPS


class ResPartner(models.Model):
    """Hours that were agreed with a customer for each month."""

    _inherit = "res.partner"

    telecom_agreed_hours = fields.Float(
        string="Agreed Support Hours per Month",
        compute="_compute_telecom_agreed_hours",
        inverse="_inverse_telecom_agreed_hours",
        copy=False,
        groups=GROUPS,
        help="Hours of billable work on all tickets of this customer that were agreed for each "
        "month. 0: none were. Nothing is blocked: somebody is notified before they are used "
        "up.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_telecom_agreed_hours(self):
        budgets = self._find_month_budgets()
        for partner in self:
            budget = budgets.get(partner.commercial_partner_id._origin)
            partner.telecom_agreed_hours = budget.hours if budget else 0.0

    def _inverse_telecom_agreed_hours(self):
        budgets = self._find_month_budgets()
        customers = {partner.commercial_partner_id: partner for partner in self}
        self.env["telecom.time.budget"]._agree(
            (
                partner.telecom_agreed_hours,
                budgets.get(customer),
                {"partner_id": customer.id, "company_id": self.env.company.id},
            )
            for customer, partner in customers.items()
        )

    def _find_month_budgets(self):
        budgets = self.env["telecom.time.budget"]._find_of_customers(
            self.commercial_partner_id._origin, self.env.company
        )
        return {budget.partner_id: budget for budget in budgets}

    def _hand_over_budgets(self):
        """What was agreed with customers who are one now was agreed with that one."""
        partners = self | self.commercial_partner_id
        budgets = self.env["telecom.time.budget"].sudo()
        budgets = budgets.search([("partner_id", "in", partners.ids)], order="id")
        for (account, _company), same in budgets.grouped(
            lambda budget: (budget.partner_id.commercial_partner_id, budget.company_id)
        ).items():
            if same.partner_id == account and len(same) == 1:
                continue
            hours = sum(same.mapped("hours"))
            same[1:].unlink()
            same[0].write({"partner_id": account.id, "hours": hours})
