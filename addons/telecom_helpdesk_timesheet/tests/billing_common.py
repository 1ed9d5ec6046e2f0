from collections import Counter

from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from .books_common import BooksCommon
from .rates_common import RatesCommon

ADDRESS = {"street": "Main Street 1", "city": "Brussels"}


class BillingCommon(BooksCommon, RatesCommon):
    """Customers with an address, and approved time that waits to be billed.

    Whatever else in the database waits is put away: ``bill`` bills what the test made.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.belgium = cls.env.ref("base.be")
        for partner in cls.customer + cls.other_customer:
            partner.write({**ADDRESS, "country_id": cls.belgium.id})
        cls.other_ticket = cls.make_ticket(partner_id=cls.other_customer.id, name="Slow line")
        cls.tax = cls.env["account.tax"].create(
            {"name": "21%", "amount": 21, "type_tax_use": "sale", "company_id": cls.company.id}
        )

    @classmethod
    def log_approved(cls, minutes=60, **values):
        """Time that ``agent_voice`` logged and the manager approved."""
        values = {"date": "2026-03-02", **values}
        line = cls.log(minutes, **values)
        cls.approve(line)
        return line

    @classmethod
    def include_hours(cls, hours, **values):
        """ACME's contract includes ``hours`` a month."""
        cls.contract.write(
            {
                "included_hours": hours,
                "included_unit": "month",
                "included_carry_over": "none",
                "included_since": "2026-01-01",
                **values,
            }
        )

    @classmethod
    def wizard(cls, user=None, **values):
        """The form "Bill Support Time", filled in by ``user`` (``accountant``)."""
        form = Form(cls.env["telecom.bill.time"].with_user(user or cls.accountant))
        for name, value in values.items():
            if name == "partners":
                for partner in value:
                    form.partner_ids.add(partner)
            else:
                form[name] = value
        return form.save()

    @classmethod
    def bill(cls, user=None, **values):
        """The accountant fills in the form and presses "Bill"; returns the run."""
        action = cls.wizard(user, **values).action_bill()
        run = cls.env["telecom.billing.run"].browse(action["res_id"])
        cls.env.invalidate_all()
        return run

    @classmethod
    def draft(cls, partner=None, **values):
        """A draft invoice of ``partner`` (ACME) with a line of its own, 100.00."""
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "invoice_line_ids": [
                    Command.create({"name": "Line rent", "price_unit": 100, "tax_ids": []})
                ],
                **values,
            }
        )

    @classmethod
    def credit(cls, moves, button="refund_moves", freed=None, **values):
        """The accountant credits ``moves`` in Odoo's dialog; the documents that it makes.

        :param freed: entries that may be billed again; None: as ``values`` have it
        """
        wizards = cls.env["account.move.reversal"].with_user(cls.accountant)
        form = Form(
            wizards.with_context(active_model="account.move", active_ids=moves.ids),
            view="account.view_account_move_reversal",
        )
        if freed is not None:
            form.free_support_time = True
            form.freed_time_ids.set(freed)
        for name, value in values.items():
            form[name] = value
        wizard = form.save()
        getattr(wizard, button)()
        return wizard.new_move_ids

    @classmethod
    def edit_line(cls, move, line, **values):
        """The accountant changes ``line`` on the form of ``move``, a draft."""
        position = move.invoice_line_ids.ids.index(line.id)
        form = Form(move.with_user(cls.accountant))
        with form.invoice_line_ids.edit(position) as line_form:
            for name, value in values.items():
                line_form[name] = value
        form.save()

    def assert_books(self, entries, amount, hours=None):
        """Everything that tells of the time of these customers says ``amount`` before taxes,
        in the company's currency, and ``hours``."""
        books = self.assert_books_agree(entries.partner_id)
        self.assertEqual(books["amount"], amount)
        if hours is not None:
            self.assertEqual(books["invoiced"], self.minutes(hours))

    def assert_portal_as_report(self, entries, rows):
        """The portal has the report's hours, for each entry and in sum: approved, covered, billed.

        :param rows: what the portal shows of each of ``entries``
        """
        report = self.env["telecom.billing.report"].with_user(self.accountant)
        by_entry = report.search([("entry_id", "in", entries.ids)]).grouped("entry_id")
        totals = Counter()
        for entry, row in zip(entries, rows, strict=True):
            found = by_entry[entry.with_env(report.env)]
            minutes = {
                "hours": to_minutes(found.approved_hours),
                "included": to_minutes(found.included_hours),
                "billed": to_minutes(found.invoiced_hours) + to_minutes(found.waiting_hours),
            }
            totals.update(minutes)
            for name, value in minutes.items():
                self.assertEqual(row[name] or "0:00", format_hours(value), name)
        shown = entries._prepare_portal_totals([("id", "in", entries.ids)])
        for name, value in totals.items():
            self.assertEqual(shown[name] or "0:00", format_hours(value), f"{name} in sum")

    def support_lines(self, move):
        return move.invoice_line_ids.filtered("is_support_time").sorted(
            lambda line: (line.sequence, line.id)
        )

    def assert_states(self, lines, state):
        lines.invalidate_recordset()
        self.assertEqual(set(lines.mapped("billing_state")), {state})
