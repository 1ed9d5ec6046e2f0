from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import by_seed, frozen

from ...tools.shares import split_percent
from ..billing_common import BillingCommon

CENT = Decimal("0.01")
STEPS = 14


@by_seed("TELECOM_BILLING_SEED", 0, 1, 2, 3, 4, 5)
@tagged("post_install", "-at_install")
class TestExactness(BillingCommon, TransactionCase):
    """Whatever happens, in whichever order: nothing is lost, and every cent is accounted for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        cls.currencies = [cls.company.currency_id, *map(cls.make_currency, ("CHF", "JPY", "KWD"))]
        cls.tickets = [cls.make_account(currency) for currency in cls.currencies]

    @classmethod
    def make_currency(cls, name):
        currency = (
            cls.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
        )
        currency.active = True
        currency.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2026-01-01", "rate": 1.5}
        )
        return currency

    @classmethod
    def make_account(cls, currency):
        """A ticket of a customer who is billed in ``currency``, under a contract."""
        partner = cls.make_partner(f"Customer {currency.name}", is_company=True, city="Brussels")
        partner.property_product_pricelist = cls.env["product.pricelist"].create(
            {
                "name": currency.name,
                "currency_id": currency.id,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 13})],
            }
        )
        cls.make_portal_user(partner).partner_id.telecom_portal_scope = "company"
        contract = cls.make_contract(
            partner,
            type_id=cls.contract_type.id,
            date_start="2026-01-01",
            included_unit="month",
            included_since="2026-01-01",
        )
        return cls.make_ticket(partner_id=partner.id, contract_id=contract.id)

    def walk(self, seed):
        """A story of time that is logged, approved, billed, freed and billed again."""
        with frozen("2026-03-30 09:00:00"):
            self.tell(Random(seed))

    def tell(self, random):
        self.random = random
        self.entries = self.env["account.analytic.line"]
        self.moves = self.env["account.move"]
        self.credits = self.env["account.move"]
        self.changed = self.env["account.move.line"]  # by hand
        self.set_up_rates_anew()
        steps = [
            self.log_some,
            self.log_some,
            self.bill_some,
            self.bill_some,
            self.delete_a_line,
            self.delete_a_draft,
            self.cancel,
            self.reset,
            self.post_again,
            self.change_a_line,
            self.credit_some,
            self.credit_some,
            self.choose_anew,
            self.undo_a_credit_note,
            self.credit_a_credit_note,
            self.replace,
        ]
        self.log_some()
        told = ["log_some"]
        for _step in range(STEPS):
            step = random.choice(steps)
            told.append(step.__name__)
            step()
            self.check(", ".join(told))
        self.bill_all()
        self.check(", ".join([*told, "bill_all"]))
        self.assertFalse(self.entries.filtered(lambda e: e.billing_state == "approved"))

    def set_up_rates_anew(self):
        random = self.random
        for rate in self.rate_working + self.rate_out:
            rate.write(
                {
                    "rounding_minutes": random.choice([1, 5, 6, 15, 30]),
                    "minimum_minutes": random.choice([0, 7, 20, 60]),
                }
            )
        for product in self.product_working + self.product_out:
            product.list_price = random.choice([80, 99.99, 33.33, 61.7, 0.35])
        for ticket in self.tickets:
            ticket.contract_id.write(
                {
                    "included_hours": random.choice([0, 0.25, 1, 2.5]),
                    "included_carry_over": random.choice(["none", "next", "end"]),
                    "included_out_of_hours": random.random() < 0.5,
                }
            )

    # What may happen

    def log_some(self):
        random = self.random
        for _each in range(random.randint(1, 4)):
            self.entries |= self.log_approved(
                random.randint(1, 200),
                ticket=random.choice(self.tickets),
                date=f"2026-0{random.randint(1, 3)}-{random.randint(2, 28):02}",
                hours_period=random.choice(["working", "out"]),
            )

    def bill_some(self):
        random = self.random
        partners = self.env["res.partner"]
        if random.random() < 0.5:
            partners = random.choice(self.tickets).commercial_partner_id
        run = self.bill(
            partners=partners,
            grouping=random.choice(["ticket", "entry", "single"]),
            date_until=random.choice([False, "2026-02-15"]),
        )
        self.moves |= run.line_ids.move_id

    def bill_all(self):
        self.moves |= self.bill().line_ids.move_id

    def pick(self, state):
        moves = self.moves.exists().filtered(lambda move: move.state == state)
        return self.random.choice(moves) if moves else moves

    def delete_a_line(self):
        lines = self.support_lines(self.pick("draft"))
        if lines:
            self.random.choice(lines).unlink()

    def delete_a_draft(self):
        move = self.pick("draft")
        if not move.posted_before:
            move.unlink()

    def cancel(self):
        self.pick(self.random.choice(["draft", "posted"])).button_cancel()

    def reset(self):
        move = self.pick(self.random.choice(["posted", "cancel"]))
        if move and move.payment_state != "reversed":
            self.undo(move)

    def post_again(self):
        """An invoice is posted, as it is."""
        move = self.pick("draft")
        if move.invoice_line_ids.filtered("product_id"):
            self.post(move)

    def post(self, moves):
        for move in moves:
            move.invoice_date = "2026-03-30"
        moves.action_post()

    def change_a_line(self):
        """Quantity, price or discount of a line of a draft, by hand."""
        lines = self.support_lines(self.pick("draft")).filtered("product_id")
        if lines:
            self.change(self.random.choice(lines))

    def change(self, line):
        random = self.random
        name, value = random.choice(
            [
                ("quantity", random.choice([0, 0.5, 1, 7])),
                ("price_unit", random.choice([0, 10, 33.33])),
                ("discount", random.choice([0, 7.5, 50, 100])),
            ]
        )
        line[name] = value
        self.changed |= line

    def credit_some(self):
        """An invoice is credited: wholly or in part, with some of its time, all or none."""
        random = self.random
        self.post(
            self.moves.exists().filtered(
                lambda move: move.state == "draft" and move.invoice_line_ids.filtered("product_id")
            )
        )
        move = self.pick("posted")
        if not move:
            return
        freed = self.pick_some(move._get_support_time())
        credit = self.credit(move, freed=freed if freed and random.random() < 0.7 else None)
        self.credits |= credit
        lines = credit.invoice_line_ids.filtered("product_id")
        for line in self.pick_some(lines):
            self.change(line)
        if random.random() < 0.2:
            lines[:1].unlink()
        if random.random() < 0.2:
            credit.invoice_line_ids = [
                Command.create({"name": "Sorry", "price_unit": 12.34, "tax_ids": []})
            ]
        if random.random() < 0.8 and credit.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            credit.action_post()

    def pick_some(self, records):
        return records.filtered(lambda _record: self.random.random() < 0.5)

    def replace(self):
        """An invoice is reversed, and another one made in its place."""
        move = self.pick("posted")
        if not move:
            return
        copies = self.credit(move, "modify_moves")
        self.credits |= move.reversal_move_ids
        self.moves |= copies
        for line in copies.invoice_line_ids:
            origin = line.support_origin_id
            # Of what was given back before, the new invoice has the money and not the time.
            if origin in self.changed or len(origin.sudo().release_ids.move_id) > 1:
                self.changed |= line

    def pick_credit_note(self, *states):
        credits = self.credits.exists().filtered(lambda move: move.state in states)
        return self.random.choice(credits) if credits else credits

    def choose_anew(self):
        """The accountant says otherwise which time a credit note gives back."""
        credit = self.pick_credit_note("draft", "posted")
        if credit._get_credited_lines():
            entries = self.pick_some(credit._get_creditable_time())
            dialog = self.env["telecom.time.credit"].with_user(self.accountant)
            dialog = dialog.create({"move_id": credit.id})
            dialog.freed_time_ids = entries
            with suppress(UserError), self.env.cr.savepoint():
                dialog.action_confirm()

    def undo_a_credit_note(self):
        credit = self.pick_credit_note("posted", "cancel")
        if self.random.random() < 0.5:
            self.undo(credit)
        elif credit.state == "posted":
            with suppress(UserError), self.env.cr.savepoint():
                credit.button_cancel()

    def credit_a_credit_note(self):
        """A document against a credit note undoes it."""
        credit = self.pick_credit_note("posted")
        if credit:
            with suppress(UserError), self.env.cr.savepoint():
                self.credit(credit).action_post()

    def undo(self, move):
        """Reset to draft, unless its time went on elsewhere."""
        with suppress(UserError), self.env.cr.savepoint():
            move.button_draft()

    # What is true then

    def check(self, told):
        customers = self.env["res.partner"].union(
            *[ticket.commercial_partner_id for ticket in self.tickets]
        )
        self.assert_books_agree(customers, told)
        entries = self.entries
        for entry in entries:
            billed, included = (
                self.minutes(hours) for hours in (entry.billed_hours, entry.included_hours)
            )
            rate = entry.support_rate_id
            approved = self.minutes(entry.approved_hours)
            step = rate.rounding_minutes
            self.assertEqual(billed, max(rate.minimum_minutes, -(-approved // step) * step))
            self.assertLessEqual(0, included)
            self.assertLessEqual(included, billed)
        lines = entries.invoice_line_id.filtered(lambda line: line.display_type == "product")
        for line in lines - self.changed:
            self.check_line(line)

    def check_line(self, line):
        """Its hours are those of its entries, its amount is worked out with no rounding before."""

        def is_given_back(release):
            return release.move_id.state == "posted"

        minutes = sum(
            self.minutes(entry.billed_hours - entry.included_hours)
            for entry in line.support_time_ids
            | line.sudo().release_ids.filtered(is_given_back).entry_id
        )
        in_minutes = line.product_uom_id == self.env.ref("uom.product_uom_minute")
        self.assertAlmostEqual(line.quantity * (1 if in_minutes else 60), minutes, places=6)
        self.assertNotIn(line.parent_state, ("cancel",))
        hourly = line.support_time_ids[-1]._get_billing_price(
            minutes / 60, self.env.ref("uom.product_uom_hour")
        )
        exact = Decimal(repr(round(hourly, 10))) * minutes / 60
        unit = Decimal(repr(line.currency_id.rounding))
        rounded = (exact / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
        self.assertAlmostEqual(Decimal(repr(line.price_subtotal)), rounded, places=6)

    def test_shares_add_up(self):
        random = Random(1)
        for _each in range(500):
            weights = {key: random.randint(0, 500) for key in range(random.randint(1, 9))}
            shares = split_percent(weights)
            self.assertEqual(sum(Decimal(repr(share)) for share in shares.values()), 100)
        self.assertEqual(split_percent({}), {})
