from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .billing_common import BillingCommon

TODAY = "2026-03-31"


class StoryCommon(BillingCommon):
    """The doors through which support time passes, one method each, for stories told in a table.

    Entries and documents are named by their place in the story, from 0; -1 is the latest.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_contact.telecom_portal_scope = "company"
        cls.make_portal_user(cls.customer).partner_id.telecom_portal_scope = "company"

    def begin(self):
        """Everything is as at the beginning: ACME's ticket under a contract, at 80.00 an hour."""
        self.customers = self.customer
        self.tickets = {"own": self.ticket, "other": self.other_ticket}
        self.entries = self.env["account.analytic.line"]
        self.documents = self.env["account.move"]

    def take(self, step):
        """Do ``step`` (``unittest.mock.call``) and compare what the books say of it."""
        name, args, kwargs = step
        getattr(self, name)(*args, **kwargs)
        if name != "expect":
            self.books = self.assert_books_agree(self.customers, str(step))

    def pick_entries(self, places):
        return self.entries.browse(self.entries[place].id for place in places)

    def pick_document(self, place):
        return self.documents[place].with_user(self.accountant)

    def pick_line(self, move, place):
        return move.invoice_line_ids.filtered("product_id").sorted("sequence")[place]

    def expect(self, amount=0, invoiced=0, waiting=0, covered=0):
        """Sums of everything told so far: in the company's currency, and in minutes."""
        expected = {
            "amount": amount, "invoiced": invoiced, "waiting": waiting, "covered": covered
        }  # fmt: skip
        self.assertEqual(self.books, expected)

    def refuse(self, step):
        """``step`` is refused, and leaves nothing behind."""
        name, args, kwargs = step
        with self.assertRaises(UserError), self.env.cr.savepoint():
            getattr(self, name)(*args, **kwargs)

    # The desk

    def work(self, *minutes, on="own", **values):
        """An agent logs entries of so many ``minutes`` each, and the manager approves them."""
        for each in minutes:
            ticket = self.tickets[on].with_env(self.env)
            before = ticket.timesheet_ids
            self.log_approved(each, ticket=ticket, **values)
            added = ticket.timesheet_ids - before
            self.approve(added.filtered(lambda entry: entry.billing_state == "to_approve"))
            self.entries += added

    def unlock(self, *places):
        entries = self.pick_entries(places).with_user(self.manager)
        action = entries.action_unlock()
        dialogs = self.env[action["res_model"]].with_user(self.manager)
        form = Form(dialogs.with_context(**action["context"]))
        form.note = "Was another customer's"
        form.save().action_confirm()

    def correct(self, place, minutes):
        """The agent corrects an entry that was unlocked."""
        entry = self.pick_entries([place]).with_user(self.agent_voice)
        entry.unit_amount = minutes / 60

    def pass_again(self, *places):
        self.approve(self.pick_entries(places))

    def open_ticket(self, name, **values):
        self.tickets[name] = self.make_own_ticket(name=name, **values)

    def merge_tickets(self, name, target):
        wizards = self.env["telecom.ticket.merge"].with_user(self.agent_voice)
        form = Form(wizards.with_context(default_ticket_ids=[(6, 0, self.tickets[name].ids)]))
        form.target_id = self.tickets[target].with_user(self.agent_voice)
        form.save().action_merge()

    def give_ticket_to_globex(self, name="own"):
        ticket = self.tickets[name].with_user(self.manager)
        ticket.write({"partner_id": self.other_customer.id, "contract_id": False})
        self.customers |= self.other_customer

    def cover(self, hours):
        self.include_hours(hours)

    def renew(self, day, hours):
        """The contract ends, and another of its type begins on ``day``."""
        contract = self.contract.with_user(self.manager)
        contract.action_cancel()
        form = Form(contract.browse())
        form.partner_id = self.customer.with_user(self.manager)
        form.type_id = self.contract_type.with_user(self.manager)
        form.date_start = day
        form.included_hours = hours
        form.save().action_activate()

    def count(self, counting, minimum):
        self.rate_working.write({"counting": counting, "minimum_minutes": minimum})

    def multiply(self, factor):
        self.rate_working.factor = factor

    # The office

    def sell_pack(self, hours):
        """ACME buys so many hours beforehand."""
        product = self.make_product(
            "Hours", 70, uom_id=self.env.ref("uom.product_uom_unit").id, support_pack_hours=hours
        )
        move = self.draft(
            invoice_date="2026-03-01",
            invoice_line_ids=[Command.create({"product_id": product.id, "tax_ids": []})],
        )
        move.with_user(self.accountant).action_post()

    def price_of(self, day):
        self.company.telecom_price_day = day

    def make_twin(self):
        """The same customer once more, by mistake, with a ticket."""
        twin = self.make_partner("ACME Twin", is_company=True, city="Ghent")
        self.customers |= twin
        self.tickets["twin"] = self.make_ticket(partner_id=twin.id)

    def merge_customers(self):
        twin = self.customers - self.customer
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((twin | self.customer).ids)],
                "dst_partner_id": self.customer.id,
            }
        )
        wizard.action_merge()
        self.customers = self.customer

    def bill_in(self, code, rate):
        """ACME's prices are in another currency from now on."""
        currency = self.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", code)])
        currency.active = True
        currency.rate_ids.unlink()
        self.currency = currency
        self.set_rate("2026-01-01", rate)
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {"name": code, "currency_id": currency.id}
        )

    def bill_at_home(self):
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {"name": "Own", "currency_id": self.company.currency_id.id}
        )

    def set_rate(self, day, rate):
        self.env["res.currency.rate"].create(
            {"currency_id": self.currency.id, "name": day, "rate": rate}
        )

    def put_tax_in_price(self):
        self.tax.price_include_override = "tax_included"
        (self.product_working + self.product_out).taxes_id = self.tax

    def set_price(self, price):
        self.product_working.list_price = price

    def round_globally(self):
        self.company.tax_calculation_rounding_method = "round_globally"

    def open_second_company(self):
        """A company of the same operator, which ACME is a customer of as well."""
        company = self.env["res.company"].create({"name": "Operator Two"})
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        people = self.agent_voice + self.manager + self.accountant
        readers = self.env["res.users"].search([("partner_id", "child_of", self.customer.id)])
        (people + readers).company_ids = [Command.link(company.id)]
        team = self.make_team("Two", self.agent_voice, company_id=company.id)
        self.tickets["two"] = self.make_ticket(team_id=team.id)
        self.company_two = company

    # The accountant

    def bill(self, company=None, **values):
        """The accountant bills all that waits of these customers."""
        env = self.env
        companies = self.company_two if company == "two" else self.company
        wizard = Form(
            env["telecom.bill.time"]
            .with_user(self.accountant)
            .with_context(allowed_company_ids=companies.ids)
        )
        for name, value in {"invoice_date": TODAY, **values}.items():
            wizard[name] = value
        action = wizard.save().action_bill()
        run = env["telecom.billing.run"].browse(action["res_id"])
        lines = run.line_ids.filtered(lambda line: line.partner_id in self.customers)
        self.documents += lines.move_id - self.documents

    def add_waiting(self, doc=-1):
        """The button of a draft."""
        self.pick_document(doc).action_add_support_time()

    def post(self, doc=-1):
        move = self.pick_document(doc)
        move.invoice_date = move.invoice_date or TODAY
        move.action_post()

    def edit(self, line=0, doc=-1, **values):
        """A line is changed by hand, on the form of its draft."""
        move = self.pick_document(doc)
        self.edit_line(move, self.pick_line(move, line), **values)

    def change_unit(self, unit, quantity, price, line=0, doc=-1):
        line = self.pick_line(self.pick_document(doc), line)
        line.product_uom_id = self.env.ref(unit)
        line.write({"quantity": quantity, "price_unit": price})

    def remove(self, line=0, doc=-1):
        """A line is deleted, on the form of its draft."""
        move = self.pick_document(doc)
        with Form(move) as form:
            form.invoice_line_ids.remove(
                move.invoice_line_ids.ids.index(self.pick_line(move, line).id)
            )

    def add_goodwill(self, amount, doc=-1):
        """A line of the accountant's own, that has to do with no work."""
        with Form(self.pick_document(doc)) as form, form.invoice_line_ids.new() as line:
            line.name = "Sorry"
            line.price_unit = amount
            line.tax_ids.clear()

    def credit_invoice(self, *freed, doc=-1, **values):
        """A credit note, which gives the time back that is named; it is a draft.

        :param freed: entries by their place
        """
        move = self.documents[doc]
        entries = self.pick_entries(freed) if freed else None
        self.documents += self.credit(move, freed=entries, **{"date": TODAY, **values})

    def choose(self, *freed, doc=-1):
        """The credit note's button: which time it gives back."""
        action = self.pick_document(doc).action_choose_freed_time()
        dialogs = self.env[action["res_model"]].with_user(self.accountant)
        form = Form(dialogs.with_context(**action["context"]))
        form.freed_time_ids.set(self.pick_entries(freed))
        form.save().action_confirm()

    def replace(self, doc=-1):
        """Reverse and create invoice: the credit note, and the draft in place of it."""
        move = self.documents[doc]
        made = self.credit(move, "modify_moves", date=TODAY)
        self.documents += move.reversal_move_ids - self.documents
        self.documents += made

    def reset(self, doc=-1):
        self.pick_document(doc).button_draft()

    def cancel(self, doc=-1):
        self.pick_document(doc).button_cancel()

    def delete(self, doc=-1):
        move = self.documents[doc]
        self.pick_document(doc).unlink()
        self.documents -= move

    def duplicate(self, doc=-1):
        action = self.pick_document(doc).action_duplicate()
        self.documents += self.documents.browse(action["res_id"])
