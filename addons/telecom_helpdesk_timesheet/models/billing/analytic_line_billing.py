from bisect import bisect
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.telecom_helpdesk.tools.durations import to_hours, to_minutes

# So many entries does a message name.
NAMED = 5


class AccountAnalyticLine(models.Model):
    """From approved time to the line of an invoice, and back."""

    _inherit = "account.analytic.line"

    invoice_line_id = fields.Many2one(
        "account.move.line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")
    # Agents read on which invoice their time is, and nothing else of it.
    invoice_label = fields.Char(related="invoice_line_id.move_id.display_name", string="Billed on")

    _invoiced_on_a_line = models.Constraint(
        "CHECK (billing_state <> 'invoiced' OR invoice_line_id IS NOT NULL)",
        "Invoiced time is on a line of an invoice.",
    )
    _on_a_line_when_billed = models.Constraint(
        "CHECK (invoice_line_id IS NULL OR billing_state IS NOT DISTINCT FROM 'invoiced' "
        "OR billing_state IS NOT DISTINCT FROM 'included')",
        "Time on an invoice is invoiced, or covered.",
    )
    _waiting = models.Index("(company_id, partner_id, date) WHERE billing_state = 'approved'")

    def action_open_billed_ticket(self):
        """Open what accountants see of this entry's ticket."""
        self.ensure_one()
        self.check_access("read")
        return self.ticket_id._get_billing_action()

    def action_open_invoice(self):
        """Open the invoice that this entry is billed on."""
        self.ensure_one()
        self.check_access("read")
        move = self.invoice_line_id.move_id
        move.check_access("read")
        return move.get_formview_action()

    # Which entries

    def _find_to_bill(self, company, until=None, partners=None):
        """Approved entries of ``company`` up to the day ``until``, of ``partners`` if given."""
        return self.sudo().search(
            self._get_to_bill_domain(company, until, partners), order="date, id"
        )

    @api.model
    def _get_to_bill_domain(self, company, until, partners):
        domain = [("billing_state", "=", "approved"), ("company_id", "=", company.id)]
        if until:
            domain.append(("date", "<=", until))
        if partners:
            domain.append(("partner_id", "in", partners.ids))
        return domain

    def _lock_to_bill(self):
        """Those of these entries that are still approved, locked until the transaction ends.

        Those that somebody else is changing at this moment are left out.
        """
        if not self:
            return self
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM account_analytic_line
                    WHERE id IN %s AND billing_state = 'approved' ORDER BY id
                      FOR UPDATE SKIP LOCKED""",
                tuple(self.ids),
            )
        )
        still = {id_ for (id_,) in rows}
        return self.filtered(lambda entry: entry.id in still)

    def _group_by_account(self):
        """``{(customer, currency): entries}``: what goes on one invoice, by the customer's name."""
        groups = self.grouped("partner_id")
        return {
            (partner, groups[partner][0]._get_billing_currency()): groups[partner]
            for partner in sorted(groups, key=lambda one: ((one.name or "").lower(), one.id))
        }

    def _find_billing_problems(self, prices):
        """Why some of these entries cannot be billed at ``prices``: ``{entry: text}``.

        What contract or packs cover wholly needs neither a product nor a price.
        """
        problems = {}
        known = {}  # problem by product and company
        for entry in self.filtered(lambda entry: entry._get_minutes_to_invoice()):
            key = product, company = entry.support_rate_id.product_id, entry.company_id
            if key not in known:
                known[key] = self._find_product_problem(product, company)
            if problem := entry._get_order_problem() or known[key]:
                problems[entry] = problem
            elif prices[entry.id] <= 0:
                problems[entry] = self.env._(
                    "“%s” has no price: set one on the product, or in the customer's pricelist",
                    product.display_name,
                )
        return problems

    @api.model
    def _find_product_problem(self, product, company):
        """Why time of ``company`` cannot be billed as ``product``, in words; or None."""
        if not product:
            return self.env._("no rate says what it is billed as")
        if not product.active:
            return self.env._("the product “%s” of its rate is archived", product.display_name)
        if product.company_id not in (product.company_id.browse(), company):
            return self.env._(
                "the product “%s” of its rate belongs to another company", product.display_name
            )
        if not product.uom_id._has_common_reference(self._get_time_unit("hour")):
            return self.env._(
                "the product “%(product)s” of its rate is sold by %(unit)s, not by time",
                product=product.display_name,
                unit=product.uom_id.name,
            )
        return None

    def _get_minutes_to_invoice(self):
        return to_minutes(self.billed_hours) - to_minutes(self.included_hours)

    def _find_prices(self, days):
        """Price of an hour of those of these entries that are billed: ``{entry.id: float}``.

        A pricelist may have prices by quantity: what counts is all of the customer's work under
        the same product, of whichever day and however it is put on the invoice.

        :param days: whose prices and exchange rates count: ``{customer: date}``; for a customer
            with None, or who is missing, those of the day of the work
        """
        paid = self.filtered(
            lambda entry: entry._get_minutes_to_invoice() and entry.support_rate_id.product_id
        )
        hour = self._get_time_unit("hour")
        groups = paid.grouped(
            lambda entry: (
                entry.partner_id,
                entry.support_rate_id.product_id,
                days.get(entry.partner_id) or entry.date,
            )
        )
        minutes, pricelists = Counter(), {}
        for (partner, product, _day), group in groups.items():
            minutes[partner, product] += sum(entry._get_minutes_to_invoice() for entry in group)
            if partner not in pricelists:
                pricelists[partner] = group[0]._get_pricelist()
        steps = self._find_quantity_steps()
        known, prices = {}, {}
        for (partner, product, day), group in groups.items():
            quantity = to_hours(minutes[partner, product])
            unit = product.sudo().uom_id
            sold = hour._compute_quantity(quantity, unit, raise_if_failure=False)
            # Customers with the same pricelist pay the same: it is looked up once.
            key = pricelists[partner], product, day, bisect(steps, sold)
            if key not in known:
                known[key] = group[0]._get_billing_price(quantity, hour, day)
            prices.update(dict.fromkeys(group.ids, known[key]))
        return prices

    @api.model
    def _find_quantity_steps(self):
        """Quantities from which on any pricelist has another price, in order."""
        items = self.env["product.pricelist.item"].sudo()
        rows = items._read_group([("min_quantity", ">", 0)], ["min_quantity"])
        return sorted(quantity for (quantity,) in rows)

    def _describe_for_billing(self):
        """How a message names this entry: ticket, date and agent."""
        return self.env._(
            "%(ticket)s, %(date)s, %(agent)s",
            ticket=self.ticket_id.number,
            date=format_date(self.env, self.date),
            agent=self.employee_id.name or self.user_id.name,
        )

    def _name_some(self):
        """The first of these entries as a message names them, and how many there are more."""
        names = "; ".join(entry._describe_for_billing() for entry in self[:NAMED])
        if len(self) > NAMED:
            return self.env._("%(names)s; and %(count)s more", names=names, count=len(self) - NAMED)
        return names

    # Linked to an invoice, and released

    def _link_to_invoice(self, line):
        """These entries are on ``line`` (account.move.line, or empty: covered, nothing to send)."""
        for state, entries in self.grouped(
            lambda entry: "invoiced" if entry._get_minutes_to_invoice() else "included"
        ).items():
            entries._write_billing({"billing_state": state, "invoice_line_id": line.id})

    def _release_from_invoice(self):
        """These entries are not on an invoice any more: they wait to be billed again."""
        bound = self.sudo().filtered("invoice_line_id")
        if not bound:
            return
        bound._write_billing({"billing_state": "approved", "invoice_line_id": False})
        bound._recount_billed()
