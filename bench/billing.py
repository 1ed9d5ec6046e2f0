"""Time becomes invoices: the same hours of the same customers by us and by `sale_timesheet`.

Odoo Community bills time through sales orders alone, so its hours hang on tasks of confirmed
orders, one order and one task a customer; ours hang on tickets, approved by a manager. Both
make one draft invoice a customer, at the same price. The bare third makes the invoices that ours
came to by Odoo's `create`: products, quantities, prices and texts, and nothing of ours around it.
"""

from odoo import SUPERUSER_ID, Command

from .contenders import Contender
from .works import Work

MODULES = ("sale_timesheet",)
CUSTOMERS = 500
TICKETS = 5  # of a customer
ENTRIES = 4  # of a ticket
HISTORY = 500  # posted invoices
PRICE = 90
ENTRIES_EACH = TICKETS * ENTRIES
QUARTERS = (1, 2, 3, 5)  # of an hour, in turn
# The highest good ratio of ours to each of the others, by what an invoice has a line for.
TARGETS = {
    "customer": {"odoo": 0.5, "bare": None},
    "ticket": {"bare": 1.25},
    "entry": {"bare": 1.25},
}
GROUPINGS = tuple(TARGETS)
TITLE = "Invoicing"
GROUPS = ("account.group_account_invoice", "sales_team.group_sale_salesman_all_leads")


class OdooTimesheet(Contender):
    key = "odoo"


class BareInvoices(Contender):
    key = "bare"


# What somebody who makes an invoice says of a line.
BARE_FIELDS = ("name", "product_id", "product_uom_id", "quantity", "price_unit", "sequence")


class Invoicing(Work):
    """An accountant has all waiting time billed: the wizard's button, up to the commit."""

    repeats = 3

    def __init__(self, books, grouping, quick=False):
        super().__init__(books, quick)
        self.title = f"{TITLE}, one line for each {grouping}"
        self.grouping = grouping
        self.uid, self.context = books.agent, {"allowed_company_ids": [1]}
        self.bare = []  # values of the invoices that ours came to

    def can(self, contender):
        # An order has one line for all of its hours.
        return contender.key != "odoo" or self.grouping == "customer"

    def prepare(self, env, contender, number):
        """Delete the drafts of the round before: their time is free again."""
        env = env(user=SUPERUSER_ID)
        self.find_drafts(env).unlink()

    def read_bare(self, draft):
        lines = [
            {name: line._fields[name].convert_to_write(line[name], line) for name in BARE_FIELDS}
            for line in draft.invoice_line_ids
        ]
        return {
            "move_type": "out_invoice",
            "partner_id": draft.partner_id.id,
            "invoice_line_ids": [Command.create(values) for values in lines],
        }

    def act(self, env, contender, subject):
        if contender.key == "ours":
            self.bill_tickets(env)
        elif contender.key == "bare":
            env["account.move"].create(self.bare)
        else:
            self.bill_orders(env)
        drafts = self.find_drafts(env)
        total = sum(drafts.mapped("amount_untaxed"))
        if (len(drafts), total) != (self.people.customers, self.people.total):
            raise ValueError(f"{contender.key}: {len(drafts)} invoices of {total} in all")
        if not self.bare:
            # In the round that does not count.
            self.bare = [self.read_bare(draft) for draft in drafts]

    def find_drafts(self, env):
        return env["account.move"].search(
            [("move_type", "=", "out_invoice"), ("state", "=", "draft")]
        )

    def bill_tickets(self, env):
        grouping = {"customer": "single"}.get(self.grouping, self.grouping)
        env["telecom.bill.time"].create({"grouping": grouping}).action_bill()

    def bill_orders(self, env):
        orders = env["sale.order"].search([("invoice_status", "=", "to invoice")])
        wizard = env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "delivered", "sale_order_ids": [Command.set(orders.ids)]}
        )
        wizard.create_invoices()


class Books:
    """What both bill: `agent`, the accountant (id), number of `customers`, `total` before taxes."""

    def __init__(self, env, customers=CUSTOMERS):
        self.customers = customers
        env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
        accountant = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Accountant",
                    "login": "accountant",
                    "email": "accountant@bench.example.com",
                    "group_ids": [Command.set([env.ref(group).id for group in GROUPS])],
                }
            )
        )
        self.agent = accountant.id
        self.total = self.hours_each() * customers * PRICE
        partners = env["res.partner"].create(
            [
                {
                    "name": f"Billed {i}",
                    "is_company": True,
                    "street": f"Main Street {i}",
                    "city": "Brussels",
                    "email": f"billed{i}@example.com",
                }
                for i in range(customers)
            ]
        )
        agent = env["res.users"].search([("login", "=", "agent0")])
        employee = env["hr.employee"].create({"name": agent.name, "user_id": agent.id})
        self.make_orders(env, partners, employee)
        self.make_tickets(env, partners, employee)
        self.make_history(env, partners)

    def hours_each(self):
        return sum(hours for _ticket, hours in self.entries())

    def entries(self):
        """The time of one customer: pairs of a ticket's number and hours."""
        for ticket in range(TICKETS):
            for entry in range(ENTRIES):
                yield ticket, QUARTERS[(ticket + entry) % len(QUARTERS)] / 4

    def make_orders(self, env, partners, employee):
        product = env["product.product"].create(
            {
                "name": "Support by the hour",
                "type": "service",
                "list_price": PRICE,
                "uom_id": env.ref("uom.product_uom_hour").id,
                "service_policy": "delivered_timesheet",
                "taxes_id": [Command.clear()],
            }
        )
        project = env["project.project"].create({"name": "Sold Support", "allow_billable": True})
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [Command.create({"product_id": product.id})],
                }
                for partner in partners
            ]
        )
        orders.action_confirm()
        tasks = env["project.task"].create(
            [
                {
                    "name": order.name,
                    "project_id": project.id,
                    "partner_id": order.partner_id.id,
                    "sale_line_id": order.order_line.id,
                }
                for order in orders
            ]
        )
        env["account.analytic.line"].create(
            [
                {
                    "name": "Looked into it",
                    "project_id": project.id,
                    "task_id": task.id,
                    "employee_id": employee.id,
                    "unit_amount": hours,
                }
                for task in tasks
                for _ticket, hours in self.entries()
            ]
        )

    def make_tickets(self, env, partners, employee):
        env["telecom.support.rate"].search([]).active = False
        product = env["product.product"].create(
            {
                "name": "Support",
                "type": "service",
                "list_price": PRICE,
                "uom_id": env.ref("uom.product_uom_hour").id,
                "taxes_id": [Command.clear()],
            }
        )
        env["telecom.support.rate"].create(
            {"name": "Support", "product_id": product.id, "rounding_minutes": 15}
        )
        tickets = env["telecom.ticket"].create(
            [
                {"name": f"No dial tone {number}", "partner_id": partner.id}
                for partner in partners
                for number in range(TICKETS)
            ]
        )
        entries = env["account.analytic.line"].create(
            [
                {
                    "name": "Looked into it",
                    "ticket_id": tickets[i * TICKETS + ticket].id,
                    "employee_id": employee.id,
                    "unit_amount": hours,
                }
                for i in range(len(partners))
                for ticket, hours in self.entries()
            ]
        )
        # Nobody approves what they logged themselves. All of it is one day's work.
        env["res.company"].search([]).telecom_long_day_hours = 0
        entries.with_user(env.ref("base.user_admin")).action_approve()

    def make_history(self, env, partners):
        """Former invoices: without any, PostgreSQL plans Odoo's own queries for empty tables."""
        invoices = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partners[number % len(partners)].id,
                    "invoice_date": "2026-01-01",
                    "invoice_line_ids": [
                        Command.create({"name": "Line rental", "price_unit": 30, "tax_ids": False})
                    ],
                }
                for number in range(HISTORY)
            ]
        )
        invoices.action_post()


def row(work, results) -> dict:
    """One line of the table, as plain data."""
    ratios = {}
    for other, target in TARGETS[work.grouping].items():
        ratio = results["ours"].median / results[other].median
        passed = None if target is None else ratio <= target
        ratios[other] = {"ratio": ratio, "target": target, "passed": passed}
    return {
        "work": work.title,
        "entries": work.people.customers * ENTRIES_EACH,
        "customers": work.people.customers,
        "results": {key: vars(result) for key, result in results.items()},
        "ratios": ratios,
    }
