from markupsafe import Markup, escape
from psycopg2.extensions import TransactionRollbackError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.hours import to_hours, to_minutes
from .contract_period import format_hours


class TelecomBillingRunLine(models.Model):
    """One customer's time in a billing run: the invoice that it went on, or why not."""

    _name = "telecom.billing.run.line"
    _description = "Billing Run: Customer"
    _inherit = ["telecom.due.mixin"]
    _order = "id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_billing_run_line_due"
    _due_together = True

    run_id = fields.Many2one("telecom.billing.run", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("billed", "Billed"),
            ("covered", "Covered by Contract"),
            ("left", "Left"),
        ],
        required=True,
        default="waiting",
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", readonly=True
    )
    entry_count = fields.Integer(string="Entries", readonly=True)
    billed_hours = fields.Float(string="Time to Bill", readonly=True)
    included_hours = fields.Float(string="Included", readonly=True)
    invoiced_hours = fields.Float(string="Invoiced", readonly=True)
    amount = fields.Monetary(string="Untaxed Amount", readonly=True)
    problem = fields.Text(readonly=True)

    # Clockwork

    def _get_next_due(self):
        if self.state == "waiting" and self.run_id.origin == "automatic":
            return self.run_id.begun_at
        return super()._get_next_due()

    def _on_due(self, now):
        for company, lines in self.grouped("company_id").items():
            company_lines = lines.with_company(company)
            if len(self) == 1:
                company_lines._bill()
            else:
                company_lines._bill_together()

    def _get_due_responsible(self):
        group = self.env.ref("account.group_account_invoice")
        users = group.all_user_ids.filtered(lambda user: self.company_id in user.company_ids)
        return users[:1] or super()._get_due_responsible()

    # Billing

    def _bill(self):
        """Bill these customers: all as one, and each by itself where one of them fails."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._bill_together()
        except TransactionRollbackError:
            raise
        except Exception as error:
            if len(self) > 1:
                for line in self:
                    line._bill()
            elif isinstance(error, UserError):
                self.sudo().write({"state": "left", "problem": str(error)})
            else:
                raise

    def _bill_together(self):
        """Bill these customers of one company, all or nothing."""
        waiting = self.sudo().filtered(lambda line: line.state == "waiting")
        free = self.env["telecom.billing.lock"].sudo()._take(self.company_id, waiting.partner_id)
        held = waiting.filtered(lambda line: line.partner_id not in free)
        held.write(
            {
                "state": "left",
                "problem": self.env._("Somebody else is billing this customer at this moment."),
            }
        )
        self._bill_free(waiting - held)

    def _bill_free(self, lines):
        bills = []
        for line, entries in lines._get_entries().items():
            charges, problems = line._plan(entries._lock_to_bill())
            line.problem = "\n".join(problems)
            if any(charge.minutes for charge in charges) or line._get_preset_draft():
                bills.append((line, charges))
            else:
                self._cover(line, charges)
        self._put_on_invoices(bills)

    def _get_entries(self):
        """Approved entries of these lines: ``{line: entries}``."""
        found = {}
        for run, lines in self.grouped("run_id").items():
            entries = self.env["account.analytic.line"]._find_to_bill(
                run.company_id, run.date_until, lines.partner_id
            )
            groups = entries._group_by_account()
            for line in lines:
                found[line] = groups.get((line.partner_id, line.currency_id), entries.browse())
        return found

    def _plan(self, entries):
        """What is put on the invoice of this customer, and what not.

        :return: ``(charges, problems)``: list of ``Charge``, list of texts
        """
        self.ensure_one()
        if problem := self._find_customer_problem():
            names = ", ".join(entry._describe_for_billing() for entry in entries[:5])
            more = len(entries) - 5
            if more > 0:
                names = self.env._("%(names)s and %(count)s more", names=names, count=more)
            return [], [self.env._("%(problem)s Left: %(names)s.", problem=problem, names=names)]
        problems = []
        good = entries.browse()
        for entry in entries:
            if problem := entry._find_billing_problem():
                problems.append(
                    self.env._(
                        "%(entry)s: %(problem)s.",
                        entry=entry._describe_for_billing(),
                        problem=problem,
                    )
                )
            else:
                good += entry
        grouping = self.run_id.grouping or "ticket"
        return good._prepare_charges(grouping, self.currency_id), problems

    def _find_customer_problem(self):
        """Why this customer gets no invoice, in words; or False."""
        partner = self.partner_id
        address = self._get_invoice_address()
        if not partner.active or not address.active:
            return self.env._("The customer's invoicing address is archived.")
        if not any((address.street, address.city, address.zip, address.country_id)):
            return self.env._("The customer has no invoicing address.")
        return False

    def _get_invoice_address(self):
        return self.partner_id.browse(self.partner_id.address_get(["invoice"])["invoice"])

    def _cover(self, line, charges):
        """Nothing is to be sent: the contract covers it all."""
        for charge in charges:
            charge.entries._tie_to_invoice(self.env["account.move.line"])
        line._note_result(charges, "covered" if charges else "left")

    def _put_on_invoices(self, bills):
        """Put each line's charges on the customer's next open draft, or on a new one."""
        drafts = self._find_drafts([line for line, _charges in bills])
        new = [(line, charges) for line, charges in bills if line not in drafts]
        moves = self.env["account.move"].create(
            [line._prepare_invoice(charges) for line, charges in new]
        )
        made = [
            (
                line,
                charges,
                move,
                move.invoice_line_ids.sorted(lambda each: (each.sequence, each.id)),
            )
            for (line, charges), move in zip(new, moves, strict=True)
        ]
        for line, charges in bills:
            if move := drafts.get(line):
                start = max(move.invoice_line_ids.mapped("sequence"), default=0)
                values = self._prepare_invoice_lines(charges, start)
                before = move.invoice_line_ids
                move.write({"invoice_line_ids": [Command.create(vals) for vals in values]})
                added = (move.invoice_line_ids - before).sorted(
                    lambda each: (each.sequence, each.id)
                )
                made.append((line, charges, move, added))
        bodies = {}
        for line, charges, move, invoice_lines in made:
            for charge, invoice_line in zip(charges, invoice_lines, strict=True):
                charge.entries._tie_to_invoice(invoice_line)
            line._note_result(charges, "billed", move)
            bodies[move.id] = line._describe_result()
        self.env["account.move"].browse(bodies)._message_log_batch(bodies=bodies)

    def _get_preset_draft(self):
        """The draft that was chosen for this line, if any."""
        return self.run_id.move_id

    def _find_drafts(self, lines):
        """The next open draft of each customer: ``{line: account.move}``.

        It is of the same company and currency, and not dated in a closed period.
        """
        moves = self.env["account.move"]
        found = {line: moves.browse(line._get_preset_draft().id) for line in lines}
        found = {line: move for line, move in found.items() if move}
        rest = [line for line in lines if line not in found]
        if not rest:
            return found
        candidates = moves.search(
            [
                ("move_type", "=", "out_invoice"),
                ("state", "=", "draft"),
                ("company_id", "=", self.company_id.id),
                ("journal_id.type", "=", "sale"),
                ("commercial_partner_id", "in", [line.partner_id.id for line in rest]),
            ],
            order="invoice_date, id",
        )
        by_account = {}
        for move in candidates:
            day = move.invoice_date
            if not day or not move._get_violated_lock_dates(day, True):
                by_account.setdefault((move.commercial_partner_id, move.currency_id), move)
        for line in rest:
            if move := by_account.get((line.partner_id, line.currency_id)):
                found[line] = move
        return found

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
            {**charge.values, "sequence": start + number, "is_support_time": True}
            for number, charge in enumerate(charges, 1)
        ]

    def _note_result(self, charges, state, move=None):
        entries = self.env["account.analytic.line"].sudo().union(*[c.entries for c in charges])
        minutes = sum(to_minutes(entry.billed_hours) for entry in entries)
        included = sum(to_minutes(entry.included_hours) for entry in entries)
        self.write(
            {
                "state": state,
                "move_id": move and move.id,
                "entry_count": len(entries),
                "billed_hours": to_hours(minutes),
                "included_hours": to_hours(included),
                "invoiced_hours": to_hours(minutes - included),
                "amount": sum(charge.amount for charge in charges),
            }
        )

    def _describe_result(self):
        text = escape(self.env._("Support time added: %(hours)s h, %(count)s entries."))
        hours = format_hours(to_minutes(self.invoiced_hours))
        return Markup("<p>%s</p>") % (text % {"hours": hours, "count": self.entry_count})
