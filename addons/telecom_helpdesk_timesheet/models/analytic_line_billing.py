from collections import defaultdict
from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ..tools.hours import to_hours, to_minutes
from .contract_period import format_hours


class Charge(NamedTuple):
    """One line of an invoice to be: what is billed, for which entries."""

    entries: models.BaseModel
    values: dict  # of the invoice line
    minutes: int  # to invoice
    amount: float  # before taxes, in the invoice's currency


class AccountAnalyticLine(models.Model):
    """From approved time to the line of an invoice, and back."""

    _inherit = "account.analytic.line"

    invoice_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")

    _invoiced_on_a_line = models.Constraint(
        "CHECK (billing_state <> 'invoiced' OR invoice_line_id IS NOT NULL)",
        "Invoiced time is on a line of an invoice.",
    )
    _waiting = models.Index("(company_id, partner_id, date) WHERE billing_state = 'approved'")

    def action_open_billed_ticket(self):
        """Open what accountants see of this entry's ticket."""
        self.ensure_one()
        return self.ticket_id._get_billing_action()

    # Which entries

    def _find_to_bill(self, company, until=None, partners=None):
        """Approved entries of ``company`` up to the day ``until``, of ``partners`` if given."""
        domain = [("billing_state", "=", "approved"), ("company_id", "=", company.id)]
        if until:
            domain.append(("date", "<=", until))
        if partners:
            domain.append(("partner_id", "in", partners.ids))
        return self.sudo().search(domain, order="date, id")

    def _lock_to_bill(self):
        """Those of these entries that are still approved, locked until the transaction ends."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM account_analytic_line
                    WHERE id IN %s AND billing_state = 'approved' ORDER BY id FOR UPDATE""",
                tuple(self.ids),
            )
        )
        still = {id_ for (id_,) in rows}
        return self.filtered(lambda entry: entry.id in still)

    def _group_by_account(self):
        """``{(customer, currency): entries}``: what goes on one invoice."""
        groups = defaultdict(self.browse)
        currencies = {}
        for entry in self:
            partner = entry.partner_id
            if partner not in currencies:
                currencies[partner] = entry._get_billing_currency()
            groups[partner, currencies[partner]] += entry
        return groups

    def _find_billing_problem(self):
        """Why this one entry cannot be billed, in words; or False."""
        self.ensure_one()
        product = self.support_rate_id.product_id
        if not product:
            return self.env._("no rate says what it is billed as")
        if not product.active:
            return self.env._("the product “%s” of its rate is archived", product.display_name)
        if self._get_minutes_to_invoice() and not self._get_price(1):
            return self.env._(
                "“%s” has no price: set one on the product, or in the customer's pricelist",
                product.display_name,
            )
        return False

    def _get_minutes_to_invoice(self):
        return to_minutes(self.billed_hours) - to_minutes(self.included_hours)

    def _get_price(self, hours):
        return self._get_billing_price(hours, self.env.ref("uom.product_uom_hour"))

    def _describe_for_billing(self):
        """How a message names this entry: ticket, date and agent."""
        return self.env._(
            "%(ticket)s, %(date)s, %(agent)s",
            ticket=self.ticket_id.number,
            date=self._format_day(self.date),
            agent=self.employee_id.name or self.user_id.name,
        )

    def _format_day(self, day):
        return self.env["ir.qweb.field.date"].value_to_html(day, {})

    # What is on the invoice

    def _prepare_charges(self, grouping, currency):
        """These entries of one customer as lines of an invoice.

        Entries that the contract covers wholly are told about in a note line: they cost nothing.

        :param grouping: ``ticket``, ``entry`` or ``single``
        :return: list of ``Charge``, in the order of the invoice
        """
        lang = self.partner_id[:1].lang or self.env.lang
        entries = self.with_context(lang=lang)
        covered = entries.filtered(lambda entry: not entry._get_minutes_to_invoice())
        charges = []
        for (ticket, rate), group in (entries - covered)._group_for_lines(grouping):
            by_price = defaultdict(self.browse)
            hours = to_hours(sum(entry._get_minutes_to_invoice() for entry in group))
            prices = {}
            for entry in group:
                key = (entry.support_rate_id.product_id, entry.date)
                if key not in prices:
                    prices[key] = entry._get_price(hours)
                by_price[prices[key]] += entry
            for price, same in by_price.items():
                charges.append(same._prepare_charge(ticket, rate, price, currency))
        for contract, group in covered.grouped("contract_id").items():
            text = group._describe_covered(contract)
            charges.append(Charge(group, {"display_type": "line_note", "name": text}, 0, 0.0))
        return charges

    def _group_for_lines(self, grouping):
        """Pairs of (ticket or entry or None, rate) and entries, in the order of the work."""
        groups = {}
        for entry in self.sorted(lambda entry: (entry.date, entry.id)):
            scope = {"ticket": entry.ticket_id, "entry": entry, "single": None}[grouping]
            groups.setdefault((scope, entry.support_rate_id), self.browse())
            groups[scope, entry.support_rate_id] += entry
        if grouping == "ticket":
            # A ticket's lines stand together, those of its rates one after the other.
            return sorted(groups.items(), key=lambda item: item[0][0].id)
        return list(groups.items())

    def _prepare_charge(self, scope, rate, price, currency):
        minutes = sum(entry._get_minutes_to_invoice() for entry in self)
        quantity, uom, unit_price = self._get_exact_quantity(minutes, price)
        values = {
            "product_id": rate.product_id.id,
            "name": self._describe_charge(scope, rate, minutes),
            "quantity": quantity,
            "product_uom_id": uom.id,
            "price_unit": unit_price,
        }
        if distribution := self._get_billed_distribution():
            values["analytic_distribution"] = distribution
        return Charge(self, values, minutes, currency.round(quantity * unit_price))

    def _get_exact_quantity(self, minutes, price):
        """``(quantity, unit, price of a unit)``: in hours, or in minutes where those are uneven.

        Odoo rounds quantities, to hundredths at first: 10 minutes would be 0.17 hours.
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        hours = round(to_hours(minutes), digits)
        if abs(hours * 60 - minutes) < 1e-6:
            return hours, self.env.ref("uom.product_uom_hour"), price
        return minutes, self.env.ref("uom.product_uom_minute"), price / 60

    def _get_billed_distribution(self):
        """Analytic distribution of the time on these entries, weighted by what is invoiced."""
        weights = defaultdict(int)
        for entry in self:
            for accounts, percent in entry._get_analytic_distribution().items():
                weights[accounts] += entry._get_minutes_to_invoice() * percent
        total = sum(weights.values())
        if not total:
            return {}
        shares = {accounts: round(100 * weight / total, 2) for accounts, weight in weights.items()}
        largest = max(shares, key=shares.get)
        shares[largest] = round(shares[largest] + 100 - sum(shares.values()), 2)
        return shares

    def _describe_charge(self, scope, rate, minutes):
        """Text of an invoice line in the customer's language: ticket, days and hours."""
        env = self.env
        first, last = min(self.mapped("date")), max(self.mapped("date"))
        days = self._format_day(first)
        if last != first:
            days = env._("%(first)s to %(last)s", first=days, last=self._format_day(last))
        product = rate.product_id.with_context(lang=env.lang).name
        detail = env._(
            "%(product)s, %(days)s, %(hours)s h",
            product=product,
            days=days,
            hours=format_hours(minutes),
        )
        tickets = self.ticket_id
        if scope is None:
            numbers = ", ".join(tickets.sorted("id").mapped("number"))
            lines = [detail, env._("Tickets: %s", numbers)]
        else:
            lines = [f"{tickets.number} {tickets.name}", detail]
            if scope == self:
                lines.append(self.name)
        covered = sum(to_minutes(entry.included_hours) for entry in self)
        if covered:
            lines.append(env._("%s h more are covered by the contract", format_hours(covered)))
        return "\n".join(lines)

    def _describe_covered(self, contract):
        minutes = sum(to_minutes(entry.billed_hours) for entry in self)
        return self.env._(
            "Covered by contract %(contract)s: %(hours)s h (tickets: %(tickets)s)",
            contract=contract.name,
            hours=format_hours(minutes),
            tickets=", ".join(self.ticket_id.sorted("id").mapped("number")),
        )

    # Tied and free again

    def _tie_to_invoice(self, line):
        """These entries are on ``line`` (account.move.line, or empty: covered, nothing to send)."""
        for state, entries in self.grouped(
            lambda entry: "invoiced" if entry._get_minutes_to_invoice() else "included"
        ).items():
            entries._write_billing({"billing_state": state, "invoice_line_id": line.id})

    def _free_from_invoice(self):
        """These entries are not on an invoice any more: they wait to be billed again."""
        bound = self.sudo().filtered(lambda e: e.billing_state in ("invoiced", "included"))
        bound._write_billing({"billing_state": "approved", "invoice_line_id": False})
        bound.contract_id._allot_included()
