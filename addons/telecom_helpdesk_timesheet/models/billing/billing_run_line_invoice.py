from markupsafe import Markup, escape

from odoo import models
from odoo.fields import Command
from odoo.tools import SQL, format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

# Context in which new invoices are made. Whoever looks after the customers is not mailed about each
# of these drafts, and each says by our own note where it comes from.
QUIETLY = {
    "mail_auto_subscribe_no_notify": True,
    "mail_create_nolog": True,
    "telecom_new_invoices": True,
}


class TelecomBillingRunLine(models.Model):
    """The invoice that a customer's time goes on: their next open draft, else a new one."""

    _inherit = "telecom.billing.run.line"

    # Which invoice

    def _find_drafts(self, lines):
        """The next open draft of each customer of ``lines``: ``{line: account.move}``.

        It is of the same company, invoicing address and currency, and of the same month, if it has
        a date. One that was posted before is being corrected, and the customer may have it already;
        one that repeats itself is the next one's model: nothing is added to them unasked.
        """
        moves = self.env["account.move"]
        found = {line: moves.browse(line._get_preset_draft().id) for line in lines}
        found = {line: move for line, move in found.items() if move}
        for move in found.values():
            move._check_takes_support_time()
        rest = [line for line in lines if line not in found]
        if not rest:
            return found
        candidates = moves.search(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "draft"),
                ("posted_before", "=", False),
                ("auto_post", "in", ("no", "at_date")),
                ("company_id", "=", self.company_id.id or rest[0].company_id.id),
                ("journal_id.type", "=", "sale"),
                ("commercial_partner_id", "in", [line.partner_id.id for line in rest]),
            ],
            order="invoice_date, id",
        )
        by_account = {}
        for move in candidates:
            by_account.setdefault((move.partner_id.id, move.currency_id.id), []).append(move)
        for line in rest:
            account = line._get_invoice_address().id, line.currency_id.id
            if move := next(filter(line._is_of_period, by_account.get(account, ())), None):
                found[line] = move
        return found

    def _is_of_period(self, move):
        """Whether ``move``, a draft, is of the month that this run is for, in an open period."""
        day, own = move.invoice_date, self.run_id._get_invoicing_day()
        if not day:
            # It is of the day on which it is confirmed, but for one that waits for a day.
            return move.auto_post == "no"
        return (day.year, day.month) == (own.year, own.month) and not (
            move._get_violated_lock_dates(day, True)
        )

    def _get_preset_draft(self):
        """The draft that was chosen for this line, if any."""
        return self.run_id.move_id

    def _lock_drafts(self, drafts):
        """Keep ``drafts`` (``{line: account.move}``) as they are until the transaction ends."""
        if drafts:
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    "SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                    tuple(move.id for move in drafts.values()),
                )
            )

    def _get_price_days(self, drafts):
        """``{customer: date}`` of these lines, see ``account.analytic.line._find_prices``.

        :param drafts: ``{line: account.move}``
        """
        return {line.partner_id: line.run_id._get_price_day(drafts.get(line)) for line in self}

    def _get_invoice_address(self):
        return self.partner_id.browse(self.partner_id.address_get(["invoice"])["invoice"])

    def _get_fiscal_position(self, draft):
        """That of the invoice (account.fiscal.position): ``draft``, or a new one."""
        if draft:
            return draft.sudo().fiscal_position_id
        address = self._get_invoice_address()
        return (
            self.env["account.fiscal.position"]
            .sudo()
            .with_company(self.company_id)
            ._get_fiscal_position(
                address, delivery=address.browse(address.address_get(["delivery"])["delivery"])
            )
        )

    # Why there is none

    def _find_customer_problem(self, entries, draft, is_hidden, obstacle):
        """Why ``entries`` of this customer cannot be billed, in words; or False.

        :param draft: the invoice (account.move) that they go on, or empty: a new one
        :param is_hidden: whether the present user may not see the customer
        :param obstacle: why there can be no new invoice, in words; or False
        """
        partner = self.partner_id
        if entries and not partner:
            return self.env._("The tickets have no customer.")
        if not any(entry._get_minutes_to_invoice() for entry in entries):
            # There is nothing to send.
            return False
        if problem := self._find_partner_problem(is_hidden):
            return problem
        address = self._get_invoice_address()
        if not any((address.street, address.city, address.zip, address.country_id)):
            return self.env._("The customer has no invoicing address.")
        return self._find_currency_problem(entries, draft) or obstacle

    def _find_partner_problem(self, is_hidden):
        partner = self.partner_id
        if not partner.filtered_domain(partner._check_company_domain(self.company_id)):
            return self.env._("The customer belongs to another company.")
        if is_hidden:
            return self.env._("You have no access to the customer.")
        if not partner.active:
            return self.env._("The customer is archived.")
        return False

    def _find_currency_problem(self, entries, draft):
        currency, day = self.currency_id, self.run_id._get_invoicing_day()
        day = min(day, self.run_id._get_price_day(draft) or min(entries.mapped("date")))
        if not currency.active:
            return self.env._("The currency %s is archived.", currency.name)
        if currency == self.company_id.currency_id:
            return False
        rates = self.env["res.currency.rate"].sudo()
        known = rates.search_count(
            [
                ("currency_id", "=", currency.id),
                ("company_id", "in", (False, self.company_id.root_id.id)),
                ("name", "<=", day),
            ],
            limit=1,
        )
        if known:
            return False
        return self.env._(
            "There is no exchange rate of %(currency)s on %(date)s.",
            currency=currency.name,
            date=format_date(self.env, day),
        )

    # Putting it on

    def _put_on_invoices(self, bills, drafts):
        """Put each line's charges on its draft, or on a new invoice; link them to each other.

        :param bills: pairs of line and charges
        :param drafts: ``{line: account.move}``
        """
        new = [(line, charges) for line, charges in bills if line not in drafts]
        quiet = self.env["account.move"].with_context(**QUIETLY)
        moves = quiet.create([line._prepare_invoice(charges) for line, charges in new])
        made = [
            (line, charges, move, move.invoice_line_ids)
            for (line, charges), move in zip(new, moves.with_env(self.env), strict=True)
        ]
        for line, charges in bills:
            if move := drafts.get(line):
                start = max(move.invoice_line_ids.mapped("sequence"), default=0)
                values = self._prepare_invoice_lines(charges, start)
                before = move.invoice_line_ids
                move.write({"invoice_line_ids": [Command.create(vals) for vals in values]})
                made.append((line, charges, move, move.invoice_line_ids - before))
        bodies = {}
        lines = self.env["account.move.line"].union(*[added for *_rest, added in made])
        models.BaseModel.write(lines.sudo(), {"is_support_time": True})
        for line, charges, move, added in made:
            in_order = added.sorted(lambda each: (each.sequence, each.id))
            for charge, invoice_line in zip(charges, in_order, strict=True):
                charge.entries._link_to_invoice(invoice_line)
            line._note_result(charges, "billed", added)
            bodies[move.id] = line._describe_result()
        self.env["account.move"].browse(bodies)._message_log_batch(bodies=bodies)

    def _prepare_invoice(self, charges):
        """Values of a new draft; what they leave out, Odoo works out from the customer."""
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "partner_id": self._get_invoice_address().id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.run_id.invoice_date,
            "invoice_line_ids": [
                Command.create(values) for values in self._prepare_invoice_lines(charges, 0)
            ],
        }

    def _prepare_invoice_lines(self, charges, start):
        return [
            {**charge.values, **self._prepare_amounts(charge), "sequence": start + number}
            for number, charge in enumerate(charges, 1)
        ]

    def _prepare_amounts(self, charge):
        """What the line comes to. Odoo works it out as well, but writes it line by line."""
        if not charge.minutes:
            return {}
        amounts = {"amount_currency": -charge.amount}
        if self.currency_id == self.company_id.currency_id:
            amounts["balance"] = -charge.amount
        return amounts

    def _describe_result(self):
        text = escape(self.env._("Support time added: %(hours)s h (entries: %(count)s)."))
        hours = format_hours(to_minutes(self.invoiced_hours))
        return Markup("<p>%s</p>") % (text % {"hours": hours, "count": self.entry_count})
