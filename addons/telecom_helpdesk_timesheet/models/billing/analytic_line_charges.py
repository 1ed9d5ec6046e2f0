from typing import NamedTuple

from odoo import models
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.shares import split_percent


class Charge(NamedTuple):
    """One line of an invoice to be: what is billed, for which entries."""

    entries: models.BaseModel
    values: dict  # of the invoice line
    minutes: int  # to invoice
    amount: float  # before taxes, in the invoice's currency
    taxes: models.BaseModel | None = None  # account.tax, as the customer pays them

    def is_rounded(self):
        exact = self.values["quantity"] * self.values["price_unit"]
        return abs(exact - self.amount) > 1e-9


class AccountAnalyticLine(models.Model):
    """Approved time of one customer as lines of an invoice."""

    _inherit = "account.analytic.line"

    def _prepare_charges(self, prices, grouping, currency, find_fiscal_position, draft):
        """These entries of one customer as lines of an invoice.

        What contract or packs cover wholly is told about in a note line: it costs nothing.

        :param prices: of an hour of those that are billed: ``{entry.id: float}``
        :param grouping: ``ticket``, ``entry`` or ``single``
        :param find_fiscal_position: gives the invoice's (account.fiscal.position) when called
        :param draft: the invoice (account.move) that they go on, or empty: a new one
        :return: list of ``Charge``, in the order of the invoice
        """
        lang = self.partner_id[:1].lang or self.env.lang
        entries = self.with_context(lang=lang)
        paid = entries.filtered(lambda entry: entry.id in prices)
        groups = dict(paid._group_for_lines(grouping, prices))
        rest = entries - paid
        if grouping != "entry":
            rest -= rest._join_counted_with(groups)
        charges = [
            group._prepare_charge(scope, rate, price, currency, find_fiscal_position)
            for (scope, rate, price), group in groups.items()
        ]
        charges = self._round_amounts(charges, currency, draft)
        covered = rest.grouped(lambda entry: tuple(entry._find_coverers()))
        for coverers, group in covered.items():
            text = group._describe_covered(coverers)
            charges.append(Charge(group, {"display_type": "line_note", "name": text}, 0, 0.0))
        return charges

    def _join_counted_with(self, groups):
        """Put those of these entries that add nothing to what is billed beside the work on their
        ticket that they are billed together with, in ``groups`` (``{key: entries}``).

        :return: the entries that were put there
        """
        joined = self.browse()
        for entry in self.filtered(lambda entry: entry.reckoning and not entry.billed_hours):
            for key, group in groups.items():
                if entry.ticket_id in group.ticket_id:
                    groups[key] |= entry
                    joined |= entry
                    break
        return joined

    def _group_for_lines(self, grouping, prices):
        """Pairs of (ticket or entry or None, rate, price) and entries, in the invoice's order."""

        def get_key(entry):
            scope = {"ticket": entry.ticket_id, "entry": entry, "single": None}[grouping]
            return scope, entry.support_rate_id, prices[entry.id]

        groups = self.sorted(lambda entry: (entry.date, entry.id)).grouped(get_key).items()
        if grouping == "ticket":
            # A ticket's lines stand together, those of its rates one after the other.
            return sorted(groups, key=lambda item: item[0][0].id)
        return groups

    def _prepare_charge(self, scope, rate, price, currency, find_fiscal_position):
        minutes = sum(entry._get_minutes_to_invoice() for entry in self)
        company = self.company_id
        product = rate.product_id.with_company(company)
        taxes = product.taxes_id._filter_taxes_by_company(company)
        if any(tax.price_include for tax in taxes):
            # The price has taxes in it, and the customer may pay others, or none.
            position = find_fiscal_position()
            price = product._get_tax_included_unit_price_from_price(
                price, taxes, fiscal_position=position
            )
            taxes = position.map_tax(taxes)
        quantity, uom, unit_price = self._get_exact_quantity(minutes, price)
        values = {
            "product_id": product.id,
            "name": self._describe_charge(scope, rate, minutes),
            "quantity": quantity,
            "product_uom_id": uom.id,
            "price_unit": unit_price,
        }
        if distribution := self._get_billed_distribution():
            values["analytic_distribution"] = distribution
        return Charge(self, values, minutes, currency.round(quantity * unit_price), taxes)

    def _round_amounts(self, charges, currency, draft):
        """``charges`` with the amounts that Odoo will work out on ``draft``, or a new invoice.

        Where taxes are in the prices, or the company rounds the whole invoice, a cent that is
        left over goes to one of all the lines.
        """
        company = self.company_id
        has_taxes = any(tax.price_include for charge in charges for tax in charge.taxes)
        is_whole = company.tax_calculation_rounding_method == "round_globally" and (
            draft or any(charge.is_rounded() for charge in charges)
        )
        if not charges or not (has_taxes or is_whole):
            return charges
        taxes = self.env["account.tax"].with_company(company)
        draft = draft.sudo() if draft else self.env["account.move"]
        others = [
            draft._prepare_product_base_line_for_taxes_computation(line)
            for line in draft.line_ids.filtered(lambda line: line.display_type == "product")
        ]
        own = [
            taxes._prepare_base_line_for_taxes_computation(
                None,
                product_id=self.env["product.product"].browse(charge.values["product_id"]),
                tax_ids=charge.taxes,
                price_unit=charge.values["price_unit"],
                quantity=charge.values["quantity"],
                currency_id=currency,
            )
            for charge in charges
        ]
        taxes._add_tax_details_in_base_lines(others + own, company)
        taxes._round_base_lines_tax_details(others + own, company)
        amounts = [
            line["tax_details"]["total_excluded_currency"]
            + line["tax_details"]["delta_total_excluded_currency"]
            for line in own
        ]
        return [
            charge._replace(amount=currency.round(amount))
            for charge, amount in zip(charges, amounts, strict=True)
        ]

    def _get_exact_quantity(self, minutes, price):
        """``(quantity, unit, price of a unit)``: in hours, or in minutes where those are uneven.

        Odoo rounds quantities, to hundredths at first: 10 minutes would be 0.17 hours.
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        hours = round(to_hours(minutes), digits)
        if abs(hours * 60 - minutes) < 1e-6:
            return hours, self._get_time_unit("hour"), price
        return minutes, self._get_time_unit("minute"), price / 60

    def _get_time_unit(self, name):
        """The unit ``hour`` or ``minute``, which ``env.ref`` would look up for every line."""
        xmlids = self.env["ir.model.data"]
        return self.env["uom.uom"].browse(
            xmlids._xmlid_to_res_id(f"uom.product_uom_{name}", raise_if_not_found=True)
        )

    def _get_billed_distribution(self):
        """Analytic distribution of the time on these entries, weighted by what is invoiced."""
        weights = {}
        plans = self._get_plan_fnames()
        # Most entries have the same accounts: what Odoo calls them is asked once.
        alike = self.grouped(lambda entry: tuple(entry[name].id for name in plans))
        for group in alike.values():
            if accounts := group[0]._get_distribution_key():
                weights[accounts] = sum(entry._get_minutes_to_invoice() for entry in group)
        digits = self.env["decimal.precision"].precision_get("Percentage Analytic")
        return split_percent(weights, digits)

    def _describe_charge(self, scope, rate, minutes):
        """Text of an invoice line in the customer's language: ticket, days and hours."""
        env = self.env
        first, last = min(self.mapped("date")), max(self.mapped("date"))
        days = format_date(self.env, first)
        if last != first:
            days = env._("%(first)s to %(last)s", first=days, last=format_date(self.env, last))
        product = rate.product_id.with_context(lang=env.lang).name
        facts = {"product": product, "days": days, "hours": format_hours(minutes)}
        detail = env._("%(product)s, %(days)s, %(hours)s h", **facts)
        if self._get_exact_quantity(minutes, 0)[1] == self._get_time_unit("minute"):
            # Not everybody is shown the unit of the quantity beside it.
            detail = env._(
                "%(product)s, %(days)s, %(hours)s h (%(minutes)s minutes)",
                minutes=minutes,
                **facts,
            )
        tickets = self.ticket_id
        if scope is None:
            numbers = ", ".join(tickets.sorted("id").mapped("number"))
            lines = [detail, env._("Tickets: %s", numbers)]
        else:
            lines = [f"{tickets.number} {tickets.name}", detail]
            if scope == self:
                lines.append(self.name)
        lines += [
            env._(
                "%(hours)s h more are covered by %(coverer)s",
                hours=format_hours(covered),
                coverer=coverer,
            )
            for coverer, covered in self._find_coverers().items()
        ]
        return "\n".join(lines)

    def _describe_covered(self, coverers):
        tickets = ", ".join(self.ticket_id.sorted("id").mapped("number"))
        if not coverers:
            return self.env._("Nothing more to pay (tickets: %s)", tickets)
        return self.env._(
            "Covered by %(coverer)s: %(hours)s h (tickets: %(tickets)s)",
            coverer=", ".join(coverers),
            hours=format_hours(sum(to_minutes(entry.billed_hours) for entry in self)),
            tickets=tickets,
        )
