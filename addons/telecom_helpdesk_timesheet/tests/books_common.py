from collections import Counter, defaultdict

from odoo.tools import formatLang

from odoo.addons.telecom_helpdesk.tools.durations import format_hours

from ..models.time.analytic_line_guard import LOCKED_STATES


class BooksCommon:
    """One check of everything that tells of support time: it all says the same."""

    def roll_back(self, story):
        """A subtest that leaves nothing behind."""
        savepoint = self.env.cr.savepoint()
        self.addCleanup(self.env.invalidate_all)
        return RolledBack(self, savepoint, story)

    def assert_books_agree(self, customers, step=""):
        """Documents, time sheets, report, lists, portal, contracts and what waits agree, to the
        cent and the minute, on all support time of ``customers`` (res.partner, accounts).

        :param step: what was done last, for whoever reads a failure
        :return: ``{"amount", "invoiced", "waiting", "covered"}``: sums before taxes in the
            company's currency, and in minutes
        """
        self.env.flush_all()
        self.env.invalidate_all()
        entries = self.env["account.analytic.line"].search(
            [("partner_id", "in", customers.ids), ("ticket_id", "!=", False)]
        )
        rows = self.read_report(entries)
        sheets = self.check_time_sheets(customers, rows, step)
        self.check_lists(customers, entries, rows, sheets, step)
        self.check_waiting(entries, rows, step)
        for customer in customers:
            self.check_portal(customer, entries, rows, sheets, step)
        return {
            "amount": round(sum(row["amount"] for row in rows.values()), 2),
            "invoiced": self.add_minutes(rows.values(), "invoiced_hours"),
            "waiting": self.add_minutes(rows.values(), "waiting_hours"),
            "covered": self.add_minutes(rows.values(), "included_hours"),
        }

    def add_minutes(self, rows, name):
        return sum(self.minutes(row[name]) for row in rows)

    def read_report(self, entries):
        """Rows of the report as the accountant reads them: ``{entry.id: {field: value}}``."""
        report = self.env["telecom.billing.report"].with_user(self.accountant)
        report = report.with_context(allowed_company_ids=self.accountant.company_ids.ids)
        rows = report.search_read(
            [("entry_id", "in", entries.ids)],
            [
                "billing_state",
                "billed_hours",
                "included_hours",
                "invoiced_hours",
                "waiting_hours",
                "amount",
            ],
        )
        return {row["id"]: row for row in rows}

    # Documents

    def find_billing_lines(self, customers):
        """Lines of invoices that bill support time of ``customers``, drafts included."""
        return self.env["account.move.line"].search(
            [
                ("move_id.commercial_partner_id", "in", customers.ids),
                ("parent_state", "in", ("draft", "posted")),
                ("display_type", "=", "product"),
                ("is_support_time", "=", True),
            ]
        )

    def find_corrections(self, line):
        """Lines of posted documents that credit ``line``, or undo that."""
        return line.correction_ids.filtered(
            lambda own: (
                own.parent_state == "posted"
                and not own.is_support_time
                and own.company_id == line.company_id
                and own.move_id.commercial_partner_id == line.move_id.commercial_partner_id
            )
        )

    def check_time_sheets(self, customers, rows, step):
        """Documents, time sheets and report; what the sheets say: ``{entry.id: {move: Share}}``."""
        lines = self.find_billing_lines(customers)
        told = defaultdict(dict)
        for move, own in lines.grouped("move_id").items():
            sheet = move._get_time_sheet()
            of_sheet = [pair for _ticket, pairs in sheet["tickets"] for pair in pairs]
            documents = own.union(*map(self.find_corrections, own))
            same_currency = documents.currency_id == move.currency_id
            where = f"{step}: {move.display_name}"
            for name, place in (("amount", "balance"), ("amount_currency", "amount_currency")):
                if name == "amount" or same_currency:
                    self.assertAlmostEqual(
                        sum(getattr(share, name) for _entry, share in of_sheet),
                        -sum(documents.mapped(place)),
                        4,
                        f"{where}: {name} of time sheet and documents",
                    )
            if documents == move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            ):
                self.assertAlmostEqual(
                    sheet["totals"]["amount"], move.amount_untaxed, 4, f"{where}: printed total"
                )
            self.assertEqual(
                self.minutes(sheet["totals"]["invoiced"]),
                sum(self.minutes(share.hours) for _entry, share in of_sheet),
                f"{where}: minutes of the time sheet's rows",
            )
            for entry, share in of_sheet:
                self.assertNotIn(move, told[entry.id], f"{where}: an entry twice")
                told[entry.id][move] = share
        self.assertEqual(told.keys() - rows.keys(), set(), f"{step}: entries of others")
        for id_, row in rows.items():
            shares = told[id_].values()
            self.assertAlmostEqual(
                row["amount"],
                sum(share.amount for share in shares),
                4,
                f"{step}: amount of {row} in report and time sheets",
            )
            self.assertEqual(
                self.minutes(row["invoiced_hours"]),
                sum(self.minutes(share.hours) for share in shares),
                f"{step}: minutes of {row} in report and time sheets",
            )
        return told

    # Lists

    def check_lists(self, customers, entries, rows, sheets, step):
        """What accountants read on the entries, contracts and packs of their hours."""
        for entry in entries.with_user(self.accountant):
            self.assertEqual(
                self.minutes(entry.invoiced_hours),
                self.minutes(rows[entry.id]["invoiced_hours"]),
                f"{step}: hours of the list and the report",
            )
            self.assertAlmostEqual(
                entry.invoiced_amount,
                sum(
                    share.amount_currency
                    for move, share in sheets[entry.id].items()
                    if move.currency_id == entry.invoice_currency_id
                ),
                4,
                f"{step}: amount of the list and the time sheets",
            )
        for contract in entries.contract_id:
            used = entries.filtered(lambda entry, own=contract: entry.contract_id == own)
            self.assertEqual(
                sum(self.minutes(period.used_hours) for period in contract.period_ids),
                sum(sum(entry._get_coverage()[0].values()) for entry in used),
                f"{step}: hours that {contract.name} covers",
            )
        for pack in self.env["telecom.hour.pack"].search([("partner_id", "in", customers.ids)]):
            self.assertEqual(
                self.minutes(pack.used_hours),
                sum(entry._get_coverage()[1].get(pack.id, 0) for entry in entries),
                f"{step}: hours of the pack of {pack.name}",
            )

    def check_waiting(self, entries, rows, step):
        """What was approved is billed, covered or waits; the preview shows what waits."""
        approved = entries.filtered(lambda entry: entry.billing_state in LOCKED_STATES)
        count = Counter()
        for entry in approved:
            to_pay = self.minutes(entry.billed_hours) - self.minutes(entry.included_hours)
            count["billed"] += self.minutes(entry.billed_hours)
            count["covered"] += self.minutes(entry.included_hours)
            count["waiting" if entry.billing_state == "approved" else "on invoices"] += to_pay
            self.assertEqual(
                entry.billing_state == "invoiced",
                bool(entry.invoice_line_id and to_pay),
                f"{step}: {entry.display_name} is {entry.billing_state}",
            )
            self.assertIn(entry.invoice_id.state, (False, "draft", "posted"), step)
        self.assertEqual(
            count["billed"], count["covered"] + count["waiting"] + count["on invoices"], step
        )
        self.assertEqual(
            count["waiting"],
            self.add_minutes(rows.values(), "waiting_hours"),
            f"{step}: what waits in report and list",
        )
        shown = 0
        for company in approved.company_id:
            wizard = self.env["telecom.bill.time"].with_user(self.accountant)
            wizard = wizard.with_context(allowed_company_ids=company.ids).create({})
            lines = wizard.line_ids.filtered(lambda line: line.partner_id in entries.partner_id)
            if not any(lines.mapped("problem")):
                shown += sum(self.minutes(line.invoiced_hours) for line in lines)
                continue
            waiting = approved.filtered(
                lambda entry, own=company: (
                    entry.company_id == own and entry.billing_state == "approved"
                )
            )
            shown += self.add_minutes([rows[id_] for id_ in waiting.ids], "waiting_hours")
        self.assertEqual(shown, count["waiting"], f"{step}: what waits in the preview")

    # Portal

    def check_portal(self, customer, entries, rows, sheets, step):
        """The customer's people read what the report says: all of it if they may."""
        own = entries.filtered(
            lambda entry: entry.partner_id == customer and entry.billing_state in LOCKED_STATES
        )
        users = self.env["res.users"].search(
            [("share", "=", True), ("partner_id.commercial_partner_id", "=", customer.id)]
        )
        lines = self.env["account.analytic.line"].sudo()
        for user in users:
            where = f"{step}: portal of {user.name}"
            domain = lines._get_portal_domain(user)
            found = lines.search(domain)
            self.assertFalse(found - own, f"{where}: time of others")
            if user.partner_id.telecom_portal_scope == "company":
                self.assertFalse(own - found, f"{where}: time that is missing")
            expected = Counter()
            for entry, shown in zip(found, found._prepare_portal_values(user), strict=True):
                row = rows[entry.id]
                billed = self.minutes(row["invoiced_hours"]) + self.minutes(row["waiting_hours"])
                included = self.minutes(row["included_hours"])
                expected.update(billed=billed, included=included)
                self.assertEqual(shown["billed"], format_hours(billed), f"{where}: hours")
                self.assertEqual(
                    shown["included"], included and format_hours(included), f"{where}: included"
                )
                self.assertEqual(
                    shown["amount"], self.format_amounts(sheets[entry.id]), f"{where}: amount"
                )
            totals = lines._prepare_portal_totals(domain)
            self.assertEqual(totals["billed"], format_hours(expected["billed"]), where)
            self.assertEqual(
                totals["included"],
                expected["included"] and format_hours(expected["included"]),
                where,
            )

    def format_amounts(self, shares):
        """What the portal shows of an entry's ``shares`` ({move: Share}) on posted invoices."""
        amounts = Counter()
        for move, share in shares.items():
            if move.state == "posted" and (share.hours or share.amount_currency):
                amounts[move.currency_id] += share.amount_currency
        texts = [
            formatLang(self.env, amount, currency_obj=currency)
            for currency, amount in sorted(amounts.items(), key=lambda item: item[0].name)
        ]
        return " + ".join(texts) or False


class RolledBack:
    """A subtest whose changes are undone."""

    def __init__(self, case, savepoint, story):
        self.savepoint, self.subtest = savepoint, case.subTest(story)
        self.case = case

    def __enter__(self):
        return self.subtest.__enter__()

    def __exit__(self, *error):
        self.case.env.flush_all()
        self.savepoint.close(rollback=True)
        self.case.env.invalidate_all()
        return self.subtest.__exit__(*error)
