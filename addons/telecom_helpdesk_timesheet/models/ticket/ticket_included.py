from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes


class TelecomTicket(models.Model):
    """How much of the contract's hours, and of the customer's packs, is left, for those who work on
    the ticket."""

    _inherit = "telecom.ticket"

    included_notice = fields.Char(string="Included Hours", compute="_compute_included_notice")
    contract_hint = fields.Char(
        compute="_compute_contract_hint",
        compute_sudo=True,
        help="Contracts of the customer that hold today, where there are several.",
    )
    included_is_short = fields.Boolean(compute="_compute_included_notice")

    @api.depends(
        "contract_id",
        "commercial_partner_id",
        "timesheet_ids.billing_state",
        "timesheet_ids.unit_amount",
    )
    def _compute_included_notice(self):
        self.included_notice = False
        self.included_is_short = False
        contracts = self.contract_id.sudo().filtered("current_period_id")
        waiting = contracts._get_waiting_minutes() if contracts else {}
        packs = self.env["telecom.hour.pack"]
        of_customers = packs._find_current(self.sudo().commercial_partner_id)
        waiting_for_packs = packs._get_waiting_minutes(of_customers)
        for ticket in self.sudo():
            contract = ticket.contract_id
            account = (ticket.commercial_partner_id, ticket.company_id)
            own = of_customers.get(account, packs.sudo())
            left = sum(to_minutes(pack.left_hours) for pack in own)
            if contract in contracts:
                pending = waiting.get(contract, 0)
                left += to_minutes(contract.current_left_hours)
                texts = [contract._describe_left_hours(pending)]
            else:
                pending = waiting_for_packs.get(account, 0)
                texts = []
            if own:
                texts.append(own._describe_left_hours(0 if texts else pending))
            if texts:
                ticket.included_notice = "; ".join(texts)
                # Who had packs once does not have too few of them for ever.
                counts = contract in contracts or "active" in own.mapped("state")
                ticket.included_is_short = counts and (not left or pending > left)

    @api.depends("contract_id", "service_id", "commercial_partner_id", "company_id", "is_done")
    def _compute_contract_hint(self):
        today = fields.Date.context_today(self)
        contracts = self.env["telecom.contract"].sudo()
        # Where the service has a contract there is no choice.
        open_to_choice = self.filtered(
            lambda ticket: not (ticket.is_done or ticket.service_id.contract_id)
        )
        if accounts := open_to_choice.commercial_partner_id.filtered("id"):
            contracts = contracts.search(
                [("commercial_partner_id", "in", accounts.ids), ("state", "=", "active")]
            ).filtered(lambda contract: contract._is_valid_on(today))
        for ticket in self:
            found = contracts.filtered(
                lambda contract, ticket=ticket: (
                    contract.commercial_partner_id == ticket.commercial_partner_id
                    and contract.company_id == ticket.company_id
                )
            )
            names = ", ".join(contract._describe_choice() for contract in found)
            if ticket not in open_to_choice or len(found) < 2:
                ticket.contract_hint = False
            elif ticket.contract_id:
                ticket.contract_hint = self.env._("Could be any of: %s", names)
            else:
                ticket.contract_hint = self.env._(
                    "Choose one, otherwise none covers the work: %s", names
                )


class TelecomContract(models.Model):
    _inherit = "telecom.contract"

    def _describe_choice(self):
        return f"{self.name} ({self.type_id.name})"

    def _get_waiting_minutes(self):
        """Minutes of billable work in the present period that nobody approved yet.

        :return: ``{contract: minutes}``
        """
        groups = self.env["account.analytic.line"]._read_group(
            [
                ("contract_id", "in", self.ids),
                ("billing_state", "=", "to_approve"),
                ("billable", "=", True),
                ("date", ">=", min(self.current_period_id.mapped("date_start"))),
            ],
            ["contract_id", "date:day", "hours_period", "billable_percent"],
            ["unit_amount:sum"],
        )
        waiting = dict.fromkeys(self, 0)
        for contract, day, hours_period, percent, hours in groups:
            period = contract.current_period_id
            if period.date_start <= day <= period.date_end and (
                hours_period != "out" or contract.included_out_of_hours
            ):
                waiting[contract] += to_minutes(hours * percent / 100)
        return waiting

    def _describe_left_hours(self, waiting=0):
        """What is left of this period's hours, in words.

        :param waiting: minutes of work that nobody approved yet
        """
        self.ensure_one()
        period = self.current_period_id
        facts = {
            "left": format_hours(to_minutes(period.left_hours)),
            "granted": format_hours(to_minutes(period.hours + period.carried_hours)),
            "until": format_date(self.env, period.date_end, date_format="d MMM"),
            "waiting": format_hours(waiting),
        }
        if waiting:
            return self.env._(
                "%(left)s h of %(granted)s h left until %(until)s; %(waiting)s h wait for approval",
                **facts,
            )
        return self.env._("%(left)s h of %(granted)s h left until %(until)s", **facts)
