import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.telecom_helpdesk.tools.durations import to_hours, to_minutes

from .billing_run import PreviewOutdated

_logger = logging.getLogger(__name__)

# Odoo's queries on new invoices grow faster than their number.
TOGETHER = 100  # customers


class TelecomBillingRunLine(models.Model):
    """One customer's time in a billing run: the invoice that it went on, or why not."""

    _name = "telecom.billing.run.line"
    _description = "Billing Run: Customer"
    _inherit = ["telecom.guard.mixin", "telecom.due.mixin"]
    _order = "id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_billing_run_line_due"
    _due_together = True

    run_id = fields.Many2one(
        "telecom.billing.run", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    # Empty: their tickets have no customer, which is all that the line is there to say.
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("billed", "Billed"),
            ("covered", "Covered"),
            ("left", "Left Out"),
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

    # Scheduler

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

    def _on_due_failed(self, error):
        # The run notifies its responsible user of everything that was left out.
        self.write({"state": "left", "problem": error})

    # Billing

    def _bill(self, shown=None):
        """Bill these customers, some at a time, and each by itself where one of those fails.

        :param shown: what the preview showed: ``{line.id: tuple}``; None: there was no preview
        :raises PreviewOutdated: it would not be what was ``shown``
        """
        for lines in split_every(TOGETHER, self.ids, self.browse):
            lines._bill_what_can_be(shown)

    def _bill_what_can_be(self, shown=None):
        try:
            with self.env.cr.savepoint():
                self._bill_together(shown)
        except (TransactionRollbackError, PreviewOutdated):
            raise
        except Exception as error:
            if len(self) > 1:
                for line in self:
                    line._bill_what_can_be(shown)
            elif isinstance(error, UserError) or self.run_id.origin == "manual":
                self.sudo().write({"state": "left", "problem": self._explain_failure(error)})
            else:
                # The scheduler retries, and reports it.
                raise

    def _explain_failure(self, error):
        """What to tell of ``error``, an exception that billing this customer ended with."""
        if isinstance(error, UserError):
            return str(error)
        _logger.error("Support time of %s cannot be billed", self.partner_id, exc_info=error)
        return self.env._(
            "An unexpected error: %s. The server's log says more; tell an administrator.", error
        )

    def _bill_together(self, shown=None):
        """Bill these customers of one company, all or nothing."""
        waiting = self.sudo().filtered(lambda line: line.state == "waiting")
        free = self.env["telecom.billing.lock"].sudo()._take(self.company_id, waiting.partner_id)
        held = waiting.filtered(lambda line: line.partner_id and line.partner_id not in free)
        held.write(
            {
                "state": "left",
                "problem": self.env._("Somebody else is billing this customer at this moment."),
            }
        )
        self._bill_free(waiting - held, shown)

    def _bill_free(self, lines, shown):
        drafts = self._find_drafts(lines)
        self._lock_drafts(drafts)
        bills = []
        groups = lines._get_entries()
        waiting = self.env["account.analytic.line"].union(*groups.values())
        free = waiting._lock_to_bill()
        if shown is not None and free != waiting:
            # Some of it will be left. What was shown is all of it.
            self._check_shown(self._plan_all(groups, drafts), shown)
            shown = None
        plans = self._plan_all({line: found & free for line, found in groups.items()}, drafts)
        if shown is not None:
            self._check_shown(plans, shown)
        for line, (charges, problems, *_rest) in plans.items():
            if held := groups[line] - free:
                problems.append(
                    self.env._(
                        "Somebody is changing this time at the moment: %s.", held._name_some()
                    )
                )
            line.problem = "\n".join(problems)
            if any(charge.minutes for charge in charges):
                bills.append((line, charges))
            else:
                self._cover(line, charges)
        self._put_on_invoices(bills, drafts)

    def _get_entries(self):
        """Approved entries of these lines: ``{line: entries}``."""
        found = {}
        for run, lines in self.grouped("run_id").items():
            entries = self.env["account.analytic.line"]._find_to_bill(
                run.company_id, run.date_until, lines.partner_id if all(lines.partner_id) else None
            )
            groups = entries._group_by_account()
            for line in lines:
                found[line] = groups.get((line.partner_id, line.currency_id), entries.browse())
        return found

    def _plan_all(self, groups, drafts):
        """What is put on the invoice of each customer, and what not.

        What they have in common is looked up once for all of them.

        :param groups: ``{line: entries}``
        :param drafts: ``{line: account.move}``; where a line is missing, it gets a new invoice
        :return: ``{line: (charges, problems, draft, is_hidden)}``: list of ``Charge``, list of
            texts, account.move or None, whether the present user may not see the customer
        """
        lines = self.sudo().union(*groups)
        entries = self.env["account.analytic.line"].sudo().union(*groups.values())
        entries.ticket_id.fetch(["name", "number"])  # all that is told of them
        prices = entries._find_prices(lines._get_price_days(drafts))
        hidden = lines.partner_id._find_hidden()
        obstacles = {run: run._find_obstacle() for run in lines.run_id}
        plans = {}
        for line, found in groups.items():
            draft, is_hidden = drafts.get(line), line.partner_id in hidden
            obstacle = not draft and obstacles[line.run_id]
            problem = line._find_customer_problem(found, draft, is_hidden, obstacle)
            plans[line] = (*line._plan(found, prices, draft, problem), draft, is_hidden)
        return plans

    @api.model
    def _check_shown(self, plans, shown):
        """:raises PreviewOutdated: ``plans``, see ``_plan_all``, are not what was ``shown``"""
        preview = self.env["telecom.bill.time.line"]
        for line, plan in plans.items():
            if preview._tell_apart(preview._describe_amounts(line, *plan)) != shown[line.id]:
                raise PreviewOutdated

    def _plan(self, entries, prices, draft, problem):
        """What is put on the invoice of this customer, and what not.

        :param prices: see ``account.analytic.line._find_prices``
        :param draft: the invoice (account.move) that it goes on, or empty: a new one
        :param problem: why nothing of it can be billed, in words; or False
        :return: ``(charges, problems)``: list of ``Charge``, list of texts
        """
        self.ensure_one()
        if problem:
            text = self.env._(
                "%(problem)s Left out: %(names)s.", problem=problem, names=entries._name_some()
            )
            return [], [text]
        found = entries._find_billing_problems(prices)
        problems = [
            self.env._(
                "%(entry)s: %(problem)s.", entry=entry._describe_for_billing(), problem=problem
            )
            for entry, problem in found.items()
        ]
        charges = entries.filtered(lambda entry: entry not in found)._prepare_charges(
            prices,
            self.run_id.grouping or "ticket",
            self.currency_id,
            lambda: self._get_fiscal_position(draft),
            draft,
        )
        return charges, problems

    def _cover(self, line, charges):
        """Nothing is to be sent: contract or packs cover it all."""
        if not (charges or line.problem):
            line.problem = self.env._(
                "Nothing waits any more: it was billed or unlocked in the meantime."
            )
        for charge in charges:
            charge.entries._link_to_invoice(self.env["account.move.line"])
        line._note_result(charges, "covered" if charges else "left")

    def _note_result(self, charges, state, added=None):
        """Note what came of this customer: of ``charges``, as lines ``added`` to an invoice."""
        entries = self.env["account.analytic.line"].sudo().union(*[c.entries for c in charges])
        minutes = sum(to_minutes(entry.billed_hours) for entry in entries)
        included = sum(to_minutes(entry.included_hours) for entry in entries)
        self.write(
            {
                "state": state,
                "move_id": added and added.move_id.id,
                "entry_count": len(entries),
                "billed_hours": to_hours(minutes),
                "included_hours": to_hours(included),
                "invoiced_hours": to_hours(minutes - included),
                "amount": -sum(added.mapped("amount_currency")) if added else 0,
            }
        )
