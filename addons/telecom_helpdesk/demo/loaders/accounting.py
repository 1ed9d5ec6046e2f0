"""The operator's books: a chart of accounts, and invoices for what the customers have."""

import csv
from datetime import timedelta

from odoo import Command, fields
from odoo.tools.misc import file_open


def load_chart(env):
    """Give the operator the generic chart of accounts, in euros and with French VAT."""
    company, france = env.company, env.ref("base.fr")
    if company.chart_template:
        return
    # try_loading() warns when the registry is still being built, as it is for demo data.
    env["account.chart.template"]._load("generic_coa", company, install_demo=False)
    company.currency_id = env.ref("base.EUR")
    # Products that companies share have their price in the main company's currency.
    main = env["res.company"].sudo()._get_main_company()
    if not main._existing_accounting():
        main.currency_id = company.currency_id
    ours = [("company_id", "=", company.id)]
    env["account.tax.group"].search(ours).country_id = france
    company.account_fiscal_country_id = france
    taxes = env["account.tax"].search(ours)
    taxes.country_id = france
    taxed = taxes.filtered("amount")
    taxed.write({"name": "20%", "amount": 20})
    # As it stands below an invoice.
    taxed.tax_group_id.name = "VAT 20%"
    domestic = env["account.fiscal.position"].search([*ours, ("country_id", "!=", False)])
    domestic.country_id = france


def load_invoices(env):
    """Post the invoices of ``invoices.csv`` and record what was paid.

    A row says how many days ago the customer was invoiced for a month of their active
    services, and ``paid``: after how many days, or nothing.
    """
    if env["account.move"].search_count([("company_id", "=", env.company.id)], limit=1):
        return
    with file_open("telecom_helpdesk/demo/stories/invoices.csv") as source:
        rows = list(csv.DictReader(source))
    env = env(context={**env.context, "tracking_disable": True})
    today = fields.Date.today()
    terms = env.ref("account.account_payment_term_30days")
    invoices = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": env.ref(f"telecom_helpdesk.{row['customer']}").id,
                "invoice_date": today - timedelta(days=int(row["days_ago"])),
                "invoice_payment_term_id": terms.id,
                "invoice_line_ids": _lines(env, row["customer"]),
            }
            for row in rows
        ]
    )
    invoices.filtered(lambda invoice: invoice.invoice_date < today).action_post()
    _pay(
        {
            invoice: invoice.invoice_date + timedelta(days=int(row["paid"]))
            for invoice, row in zip(invoices, rows, strict=True)
            if row["paid"]
        }
    )


def _lines(env, customer):
    partner = env.ref(f"telecom_helpdesk.{customer}")
    services = env["telecom.service"].search(
        [("commercial_partner_id", "=", partner.id), ("state", "in", ("active", "suspended"))]
    )
    lines = []
    for service_type, same in services.grouped("type_id").items():
        xmlid = service_type.get_external_id()[service_type.id]
        product = env.ref(xmlid.replace("service_type", "product"))
        lines.append(Command.create({"product_id": product.id, "quantity": len(same)}))
    return lines


def _pay(days):
    """Book the money as it comes: lines of the bank statement, matched to the invoices.

    :param days: ``{invoice: day on which it was paid}``
    """
    [env] = {invoice.env for invoice in days}
    journal = env["account.journal"].search(
        [("company_id", "=", env.company.id), ("type", "=", "bank")], limit=1
    )
    receivables = [
        invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        for invoice in days
    ]
    payments = env["account.bank.statement.line"].create(
        [
            {
                "journal_id": journal.id,
                "date": day,
                "payment_ref": invoice.name,
                "partner_id": invoice.partner_id.id,
                "amount": invoice.amount_total,
                "counterpart_account_id": receivable.account_id.id,
            }
            for (invoice, day), receivable in zip(days.items(), receivables, strict=True)
        ]
    )
    for payment, receivable in zip(payments, receivables, strict=True):
        matched = payment.line_ids.filtered(
            lambda line, account=receivable.account_id: line.account_id == account
        )
        (receivable + matched).reconcile()
