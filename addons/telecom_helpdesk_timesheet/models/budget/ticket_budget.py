from odoo import api, fields, models

from .time_budget import LEVELS

GROUPS = "telecom_helpdesk.group_manager,account.group_account_invoice"


class TelecomTicket(models.Model):
    """What was agreed with the customer about the time on this ticket, and how much was used."""

    _inherit = "telecom.ticket"

    agreed_hours = fields.Float(
        compute="_compute_agreed_hours",
        inverse="_inverse_agreed_hours",
        copy=False,
        groups=GROUPS,
        help="Hours of billable work that were agreed with the customer for this ticket. 0: none "
        "were. Nothing is blocked: the agent is notified before they are used up.",
    )
    budget_notice = fields.Char(
        string="Agreed for the Ticket", compute="_compute_budget_notice", compute_sudo=True
    )
    budget_level = fields.Selection(LEVELS, compute="_compute_budget_notice", compute_sudo=True)
    month_budget_notice = fields.Char(
        string="Agreed for the Month", compute="_compute_budget_notice", compute_sudo=True
    )
    month_budget_level = fields.Selection(
        LEVELS, compute="_compute_budget_notice", compute_sudo=True
    )

    def _compute_agreed_hours(self):
        hours = {budget.ticket_id.id: budget.hours for budget in self._find_budgets()}
        for ticket in self:
            ticket.agreed_hours = hours.get(ticket._origin.id, 0.0)

    def _inverse_agreed_hours(self):
        budgets = {budget.ticket_id.id: budget for budget in self._find_budgets()}
        self.env["telecom.time.budget"]._agree(
            (ticket.agreed_hours, budgets.get(ticket.id), {"ticket_id": ticket.id})
            for ticket in self
        )

    @api.depends("timesheet_ids.unit_amount", "timesheet_ids.billing_state")
    @api.depends("agreed_hours", "commercial_partner_id", "company_id")
    def _compute_budget_notice(self):
        budgets = self._find_budgets().sudo()
        budgets |= budgets._find_of_customers(self.commercial_partner_id, self.company_id)
        used = budgets._get_used_minutes()
        by_subject = {
            budget.ticket_id or (budget.partner_id, budget.company_id): budget for budget in budgets
        }
        for ticket in self:
            own = by_subject.get(ticket._origin)
            month = by_subject.get((ticket.commercial_partner_id._origin, ticket.company_id))
            ticket.budget_notice = own and own._describe_used(used[own])
            ticket.budget_level = own and own._get_level(used[own])
            ticket.month_budget_notice = month and month._describe_used(used[month])
            ticket.month_budget_level = month and month._get_level(used[month])

    def _find_budgets(self):
        return self.env["telecom.time.budget"].search([("ticket_id", "in", self._origin.ids)])

    def _move_budgets(self, change):
        """What was agreed for these tickets is of their company, wherever they went."""
        self.sudo()._find_budgets()._compute_company_id()

    def _merge_budgets(self, target):
        """These tickets become part of ``target``, and so do their budgets."""
        budgets = (self | target).sudo()._find_budgets()
        if budgets.ticket_id & self:
            # What was agreed for each was agreed for what they are together.
            kept = budgets.filtered(lambda budget: budget.ticket_id == target) or budgets[0]
            hours = sum(budgets.mapped("hours"))
            (budgets - kept).unlink()
            kept.write({"ticket_id": target.id, "hours": hours})


class TelecomTimeBudget(models.Model):
    _inherit = "telecom.time.budget"

    @api.model
    def _agree(self, agreements):
        """Note what people entered as agreed hours.

        :param agreements: (hours, the budget that there is or None, values of a new one) each
        """
        self.check_access("write")
        new = []
        for hours, budget, values in agreements:
            if budget and hours:
                budget.hours = hours
            elif budget:
                budget.unlink()
            elif hours:
                new.append({**values, "hours": hours})
        self.create(new)


class AccountAnalyticLine(models.Model):
    """Whoever reviews time reads where more was worked than agreed."""

    _inherit = "account.analytic.line"

    budget_excess = fields.Char(
        string="Agreed Hours", compute="_compute_budget_excess", compute_sudo=True
    )

    @api.depends("ticket_id", "partner_id", "date", "billing_state", "unit_amount")
    def _compute_budget_excess(self):
        self.budget_excess = False
        waiting = self.filtered(lambda line: line.billing_state == "to_approve")
        if not waiting:
            return
        of_tickets = waiting.ticket_id._find_budgets()
        of_customers = of_tickets._find_of_customers(waiting.partner_id, waiting.company_id)
        used = of_tickets._get_used_minutes()
        by_ticket = {budget.ticket_id: budget for budget in of_tickets}
        by_customer = {(budget.partner_id, budget.company_id): budget for budget in of_customers}
        for month, lines in waiting.grouped(lambda line: line.date.replace(day=1)).items():
            mine = of_customers.filtered(
                lambda budget, lines=lines: budget.partner_id in lines.partner_id
            )
            used |= mine._get_used_minutes(month)
            for line in lines:
                budgets = (
                    by_ticket.get(line.ticket_id),
                    by_customer.get((line.partner_id, line.company_id)),
                )
                line.budget_excess = "; ".join(
                    text
                    for budget in filter(None, budgets)
                    if (text := budget._describe_excess(used[budget], month))
                )
