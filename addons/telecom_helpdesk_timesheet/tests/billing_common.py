from odoo.fields import Command
from odoo.tests import Form

from .rates_common import RatesCommon

ADDRESS = {"street": "Main Street 1", "city": "Brussels"}


class BillingCommon(RatesCommon):
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

    def support_lines(self, move):
        return move.invoice_line_ids.filtered("is_support_time").sorted(
            lambda line: (line.sequence, line.id)
        )

    def assert_states(self, lines, state):
        lines.invalidate_recordset()
        self.assertEqual(set(lines.mapped("billing_state")), {state})
