from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from ..billing.analytic_line_billing_share import Share
from ..time.analytic_line_guard import LOCKED_STATES


class AccountAnalyticLine(models.Model):
    """What customers see of the work that they pay for.

    What was approved, and never before. How long it took the agent, what it cost, and what was
    written inside stay with the operator.
    """

    _inherit = "account.analytic.line"

    @api.model
    def _get_portal_domain(self, user):
        """Work that ``user`` (res.users), a customer, may see: approved, for their account.

        Whoever sees all of the account's tickets sees the work on one that is another customer's
        by now, too; others see that on the tickets that they see.
        """
        partner = user.sudo().partner_id
        account = partner.commercial_partner_id
        domain = Domain(
            [
                ("partner_id", "=", account.id),
                ("ticket_id", "!=", False),
                ("billing_state", "in", LOCKED_STATES),
                ("company_id", "in", user.sudo().company_ids.ids),
            ]
        )
        if partner == account or partner.telecom_portal_scope == "company":
            return domain
        return domain & Domain("ticket_id", "in", self._get_portal_tickets(user)._search([]))

    @api.model
    def _get_portal_tickets(self, user):
        return self.env["telecom.ticket"].with_user(user).with_context(active_test=False)

    def _prepare_portal_values(self, user):
        """What the portal shows of each of these entries (list of dicts)."""
        entries = self.sudo()
        tickets = self._get_portal_tickets(user).search([("id", "in", entries.ticket_id.ids)])
        shares = entries._find_shares()
        posted = entries._find_billing_lines().filtered(lambda line: line.parent_state == "posted")
        readable = posted.move_id.with_user(user)._filtered_access("read")
        by_currency = entries._find_shares_by_currency(
            posted.filtered(lambda line: line.move_id in readable)
        )
        return [
            entry._prepare_portal_entry(
                readable,
                shares.get(entry.id, Share()),
                [
                    formatLang(self.env, found[entry.id].amount_currency, currency_obj=currency)
                    for currency, found in by_currency.items()
                    if any(found.get(entry.id, ()))
                ],
                tickets,
            )
            for entry in entries
        ]

    def _prepare_portal_entry(self, readable, share, amounts, tickets):
        """What the portal shows of this one entry (dict).

        :param readable: invoices (account.move) that the customer may open
        :param share: what is invoiced of it, drafts included
        :param amounts: what it comes to on posted invoices: texts, one for each currency
        :param tickets: those (telecom.ticket) that the customer may open
        """
        ticket, invoice = self.ticket_id, self.invoice_id
        # Of a ticket that is another customer's by now, the number has to do.
        is_seen = ticket in tickets
        billed, included = to_minutes(self.billed_hours), to_minutes(self.included_hours)
        is_out = invoice.state == "posted"
        is_readable = is_out and invoice in readable
        periods, packs = self._get_coverage()
        if not billed and (self.reckoning or {}).get("entries") == 1:
            status = self.env._("Free of charge")
        elif not billed:
            status = self.env._("Billed together with other work")
        elif included >= billed:
            status = self._format_covered(periods, packs)
        elif is_out:
            status = False
        else:
            status = self.env._("On your next invoice")
        return {
            "date": self.date,
            "ticket": ticket.number,
            "subject": ticket.name if is_seen else False,
            "url": is_seen and ticket.access_url not in (False, "#") and ticket.access_url,
            "name": self.name if self.name != "/" else is_seen and ticket.name,
            "is_out_of_hours": self.hours_period == "out",
            "hours": format_hours(to_minutes(self.approved_hours)),
            "multipliers": self._describe_multipliers(),
            "billed": format_hours(self._get_portal_minutes(share)),
            "included": format_hours(included) if included else False,
            "status": status,
            "invoice": invoice.name if is_out else False,
            "invoice_url": f"/my/invoices/{invoice.id}" if is_readable else False,
            "amount": " + ".join(amounts) or False,
        }

    def _format_covered(self, periods, packs):
        if periods and packs:
            return self.env._("Covered by your contract and by hours that you bought")
        if packs:
            return self.env._("Covered by hours that you bought")
        return self.env._("Covered by your contract")

    def _get_portal_minutes(self, share):
        """Minutes that the customer pays for: those on invoices, as the report has them, and those
        that wait for one."""
        waiting = self._get_minutes_to_invoice() if self.billing_state == "approved" else 0
        return to_minutes(share.hours) + waiting

    @api.model
    def _prepare_portal_totals(self, domain):
        """Sums over the entries of ``domain``, as texts."""
        lines = self.sudo().search(domain)
        shares = lines._find_shares()
        billed = sum(line._get_portal_minutes(shares.get(line.id, Share())) for line in lines)
        included = sum(to_minutes(line.included_hours) for line in lines)
        return {
            "hours": format_hours(sum(to_minutes(line.approved_hours) for line in lines)),
            "billed": format_hours(billed),
            "included": format_hours(included) if included else False,
        }


class TelecomContract(models.Model):
    """What customers see of the hours that their contracts include."""

    _inherit = "telecom.contract"

    @api.model
    def _get_portal_domain(self, user):
        """Contracts whose hours ``user`` (res.users), a customer, may see.

        A contract's hours are used up by the whole account: they are for those who see all of
        its tickets, and for the contact whom the contract names.
        """
        partner = user.sudo().partner_id
        domain = Domain(
            [
                ("commercial_partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "in", user.company_ids.ids),
                ("state", "!=", "draft"),
                ("period_ids", "!=", False),
            ]
        )
        if partner.telecom_portal_scope != "company":
            domain &= Domain("partner_id", "=", partner.id)
        return domain

    def _prepare_portal_values(self):
        """What the portal shows of this contract (dict)."""
        self.ensure_one()
        current = self.current_period_id
        return {
            "name": self.name,
            "type": self.type_id.name,
            "state": self.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "current": current._prepare_portal_values() if current else False,
            "earlier": [
                period._prepare_portal_values() for period in self.period_ids if period != current
            ],
            "carry_over": self._describe_carry_over(current.carry_over) if current else False,
        }

    def _describe_carry_over(self, carry_over):
        """What becomes of unused hours, in a sentence for the customer."""
        return {
            "none": self.env._("Hours that are not used by then are lost."),
            "next": self.env._("Unused hours are valid in the next period too."),
            "end": self.env._("Unused hours are valid for as long as the contract runs."),
        }[carry_over]


class TelecomContractPeriod(models.Model):
    _inherit = "telecom.contract.period"

    def _prepare_portal_values(self):
        """What the portal shows of this period (dict); hours as texts."""
        self.ensure_one()
        minutes = {
            name: to_minutes(self[f"{name}_hours"]) for name in ("carried", "used", "left", "lost")
        }
        granted = to_minutes(self.hours) + minutes["carried"]
        return {
            "id": self.id,
            "name": self.display_name,
            "until": format_date(self.env, self.date_end),
            "included": format_hours(to_minutes(self.hours)),
            "share": self.share_note,
            "granted": format_hours(granted),
            "percent": min(100, round(self.used_percent)),
            **{name: value and format_hours(value) for name, value in minutes.items()},
        }
