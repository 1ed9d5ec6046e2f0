"""Time that the agents spent, told after the stories were lived: some for each answer.

What is older than a week was reviewed by the manager; what is older than three is on invoices.
All is counted in days from the day of installation: on the first of a month, too, some time is
approved and not billed yet.
"""

import csv
import random
from datetime import timedelta
from math import ceil, floor

from odoo import fields
from odoo.fields import Command
from odoo.tools.misc import file_open

SINCE = timedelta(days=61)
REVIEWED = timedelta(days=7)
BILLED = timedelta(days=21)
PRICES = {"product_support_working": 95, "product_support_out": 145}
MINUTES = (5, 10, 10, 15, 15, 20, 25, 30, 45, 75)
# Customers whose contract includes hours: so many for each period, and what becomes of the rest.
INCLUDED = {
    "contract_kessler": (4, "month", "next"),
    "contract_vosges": (2, "month", "none"),
    "contract_hartmann": (10, "quarter", "end"),
    "contract_tilleuls": (3, "month", "next"),
    "contract_horizon": (2, "month", "next"),
}
# Hours that a customer bought in packs: the product, and how many days ago.
PACKS = {"customer_seidel": [("product_pack_3", 60), ("product_pack_10", 5)]}


def load(env):
    """Log, review and bill time on the operator's tickets, unless there is some."""
    ours = [("company_id", "=", env.company.id), ("ticket_id", "!=", False)]
    if env["account.analytic.line"].search_count(ours, limit=1):
        return
    env.company._create_support_project()
    for name, price in PRICES.items():
        env.ref(f"telecom_helpdesk_timesheet.{name}").list_price = price
    include_hours(env)
    sell_packs(env)
    log(env)
    review(env)
    bill(env)
    agree(env)


def include_hours(env):
    for name, (hours, unit, carry_over) in INCLUDED.items():
        env.ref(f"telecom_helpdesk.{name}").write(
            {
                "included_hours": hours,
                "included_unit": unit,
                "included_carry_over": carry_over,
                "included_since": fields.Date.today() - SINCE,
            }
        )


def sell_packs(env):
    today = fields.Date.today()
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": env.ref(f"telecom_helpdesk.{customer}").id,
                "invoice_date": today - timedelta(days=days),
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": env.ref(f"telecom_helpdesk_timesheet.{product}").id}
                    )
                ],
            }
            for customer, packs in PACKS.items()
            for product, days in packs
        ]
    )
    invoices.action_post()


def log(env):
    """Time of every answer, ending with it."""
    with file_open("telecom_helpdesk_timesheet/demo/stories/work.csv") as source:
        done = {}
        for row in csv.DictReader(source):
            done.setdefault(row["language"], []).append(row["text"])
    since = fields.Datetime.now() - SINCE
    tickets = env["telecom.ticket"].search([("company_id", "=", env.company.id)], order="id")
    for ticket in tickets:
        chance = random.Random(ticket.number)
        texts = done[(ticket.partner_id.lang or "en")[:2]]
        for message in ticket.message_ids.sorted("id"):
            agent = message.author_id.user_ids[:1]
            if message.date < since or message._get_telecom_kind() != "reply" or not agent:
                continue
            minutes = chance.choice(MINUTES)
            ticket.with_user(agent).sudo()._log_time(
                minutes,
                chance.choice(texts),
                started_at=message.date - timedelta(minutes=minutes),
                message=message,
            )


def review(env):
    manager = env.ref("telecom_helpdesk.user_agent_owen")
    before = fields.Date.today() - REVIEWED
    waiting = env["account.analytic.line"].search(
        [
            ("company_id", "=", env.company.id),
            ("billing_state", "=", "to_approve"),
            ("date", "<", before),
            ("user_id", "!=", manager.id),
        ]
    )
    waiting.with_user(manager).action_approve()
    recent = env["account.analytic.line"].search(
        [("company_id", "=", env.company.id), ("billing_state", "=", "to_approve")], limit=3
    )
    recent[:1].with_user(manager)._reject(
        "Zu lang für eine Rückfrage: bitte prüfen, ob der Timer vergessen wurde."
    )
    for entry in recent[1:2].with_user(manager):
        entry._correct_hours(entry.unit_amount, "Die Hälfte geht auf unsere Umstellung zurück.", 50)
    # Hardly true: it is marked, and looked at by itself.
    recent[2:].write({"started_at": False, "unit_amount": 13.5})


def bill(env):
    """Put what was approved long enough ago on the customers' drafts."""
    accountant = env.ref("telecom_helpdesk_timesheet.user_accountant_iris")
    wizard = env["telecom.bill.time"].with_user(accountant)
    wizard.create({"date_until": fields.Date.today() - BILLED}).action_bill()


def agree(env):
    """Hours agreed for two tickets, exceeded on one and nearly so on the other, and for a month."""
    tickets = env["telecom.ticket"].search(
        [("company_id", "=", env.company.id), ("is_done", "=", False)], order="id"
    )
    over, near = tickets.sorted("billable_hours", reverse=True)[:2]
    over.agreed_hours = max(floor(over.billable_hours * 3) / 4, 0.25)
    near.agreed_hours = max(ceil(near.billable_hours * 4.4) / 4, 0.25)
    near.commercial_partner_id.telecom_agreed_hours = 10
