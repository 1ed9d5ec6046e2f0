from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import to_minutes

from ...tools.allotment import Grant, allot, make_statements
from ...tools.periods import find_first, find_last, iterate
from ..time.analytic_line_guard import LOCKED_STATES

ONE_DAY = timedelta(days=1)


class TelecomContract(models.Model):
    """Periods of included hours are made as time goes by, and used up by the work."""

    _inherit = "telecom.contract"

    # Using hours up

    def _allot_included(self, customers=None):
        """Count anew which work the included hours of these contracts cover, and which the packs
        of their customers cover of the rest.

        Call it when work was approved, unlocked, billed or freed. What was billed stays as it
        is; of the rest, the oldest work gets the oldest hours. It is a fold over what there is:
        the order of the events makes no difference, nor does calling it twice.

        :param customers: more customers (res.partner) whose packs are to be counted
        """
        self._allot_periods()
        accounts = self.sudo().commercial_partner_id
        self.env["telecom.hour.pack"]._allot(accounts | (customers or accounts.browse()))

    def _allot_periods(self):
        contracts = self.sudo().filtered(
            lambda contract: contract.included_hours or contract.period_ids
        )
        if not contracts:
            return
        contracts._lock_allotment()
        contracts.period_ids.fetch(["date_start", "date_end", "hours", "unit", "carry_over"])
        contracts._make_periods()
        lines = self.env["account.analytic.line"].sudo()._get_allotted(contracts)
        for contract in contracts:
            contract._allot_lines(lines.get(contract, []))
        contracts._plan_due()

    def _allot_lines(self, lines):
        """Allot the hours of this one contract to ``lines``, and balance its periods."""
        self.ensure_one()
        today = self._get_today()
        last_day = self._get_last_day()
        grants = [
            Grant(
                period.id,
                period.date_start,
                period.date_end,
                to_minutes(period.hours),
                period.carry_over,
            )
            for period in self.period_ids
        ]
        entries = [line._as_allotment_entry() for line in lines if line._is_allottable()]
        usage = allot(grants, entries)
        for line in lines:
            line._write_coverage(periods=usage.get(line.id, {}))
        ended = self.state in ("expired", "cancelled") or bool(last_day and last_day < today)
        statements = make_statements(grants, entries, usage, today, ended)
        for period in self.period_ids:
            period._write_statement(statements[period.id])

    # Making periods

    def _make_periods(self):
        """Make the periods of these contracts up to today, and end the last with the contract."""
        today = self._get_today()
        values = []
        for contract in self:
            if contract.state == "draft":
                continue
            last_day = contract._get_last_day()
            contract._end_periods(last_day)
            start = contract._get_period_start()
            if not start:
                continue
            until = min(today, last_day) if last_day else today
            terms = {
                "contract_id": contract.id,
                "unit": contract.included_unit,
                **contract._get_period_terms(),
            }
            values += [
                {
                    **terms,
                    "date_start": first,
                    "date_end": min(last, last_day) if last_day else last,
                }
                for first, last in iterate(
                    contract.date_start, contract.included_unit, start, until
                )
            ]
        if values:
            self.env["telecom.contract.period"].sudo().create(values)._grant_share()

    def _get_period_terms(self):
        """What a period takes from this contract (dict) as it stands."""
        return {
            "hours": self.included_hours,
            "full_hours": self.included_hours,
            "carry_over": self.included_carry_over,
            "short_periods": self.included_short_periods,
        }

    def _get_period_start(self):
        """First day of the next period to make, or None where no hours are granted."""
        if not self.included_hours or not self.included_since:
            return None
        since = max(self.included_since, self.date_start)
        first = find_first(self.date_start, self.included_unit, since)
        after = [period.date_end + ONE_DAY for period in self.period_ids]
        return max([first, *after])

    def _get_next_period_start(self):
        """When (naive UTC) the next period begins, or the last one's hours are lost; or None."""
        if self.state != "active":
            return None
        start = self._get_period_start()
        if not start:
            over = self.period_ids.filtered("left_hours").sorted("date_end")[-1:]
            start = over.date_end and over.date_end + ONE_DAY
        last_day = self._get_last_day()
        if not start or (last_day and start > last_day):
            return None
        return datetime.combine(start, time.min)

    def _end_periods(self, last_day):
        """Have the periods of this contract end with it, on ``last_day`` (False: no end)."""
        periods = self.period_ids.sorted("date_start")
        if last_day:
            later = periods.filtered(lambda period: period.date_start > last_day)
            # What was billed out of a period keeps it.
            later = later.filtered(lambda period: not period._get_billed_minutes())
            periods -= later
            later.unlink()
        period = periods[-1:]
        if period:
            end = find_last(self.date_start, period.unit, period.date_start)
            if last_day:
                end = max(period.date_start, min(end, last_day))
            if period.date_end != end:
                period._end_on(end)

    def _forget_periods(self, date_start):
        """Drop the periods of these contracts: they are to be counted from another day.

        :raises UserError: hours of them are billed already
        """
        for contract in self.sudo():
            if contract.date_start == fields.Date.to_date(date_start) or not contract.period_ids:
                continue
            if any(period._get_billed_minutes() for period in contract.period_ids):
                raise UserError(
                    self.env._(
                        "Contract %(contract)s began on %(date)s: its periods are counted from "
                        "that day, and hours of them are billed already.",
                        contract=contract.name,
                        date=format_date(self.env, contract.date_start),
                    )
                )
            contract.period_ids.unlink()

    def action_grant_now(self):
        """Have the present period follow the contract's terms, not only the ones to come."""
        self.check_access("write")
        for contract in self:
            contract._allot_included()
            period = contract.sudo().current_period_id
            if period:
                period.write(contract._get_period_terms())
                period._grant_share(period._get_billed_minutes())
                contract._allot_included()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_approved_time(self):
        lines = self.env["account.analytic.line"].sudo()
        for contract in self:
            domain = [("contract_id", "=", contract.id), ("billing_state", "in", LOCKED_STATES)]
            if lines.search_count(domain, limit=1):
                raise UserError(
                    self.env._(
                        "Time under contract %(contract)s was approved or billed. Terminate the "
                        "contract instead of deleting it.",
                        contract=contract.name,
                    )
                )
