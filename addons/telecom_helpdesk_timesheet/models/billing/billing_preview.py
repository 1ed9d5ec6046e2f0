import psycopg2

from odoo import models


class TelecomBillingRun(models.Model):
    """What a run would do, before anything is written."""

    _inherit = "telecom.billing.run"

    def _preview(self, partners=None):
        """What this run (a new record) would do: values of ``telecom.bill.time.line``."""
        entries = self.env["account.analytic.line"]._find_to_bill(
            self.company_id, self.date_until, partners and partners._origin
        )
        lines = self.env["telecom.billing.run.line"]
        groups = entries._group_by_account()
        hidden = entries.partner_id._find_hidden()
        return self._preview_customers(
            {
                lines.new(
                    {"run_id": self.id, "partner_id": partner.id, "currency_id": currency.id}
                ): groups[partner, currency]
                for partner, currency in entries._get_accounts()
            },
            hidden,
        )

    def _get_fingerprint(self, partners=None):
        """Text that is another one once other time is waiting for this run, a new record."""
        entries = self.env["account.analytic.line"].sudo()
        domain = entries._get_to_bill_domain(
            self.company_id, self.date_until, partners and partners._origin
        )
        [numbers] = entries._read_group(
            domain, [], ["__count", "id:max", "id:sum", "billed_hours:sum", "included_hours:sum"]
        )
        return " ".join(map(str, numbers))

    def _preview_customers(self, planned, hidden):
        """Values of the preview for ``planned``: ``{run line: entries}``.

        Where one of them fails, each is looked at by itself: it stops no other.

        :param hidden: customers (res.partner) whom the present user may not see
        """
        describe = self.env["telecom.bill.time.line"]._describe
        try:
            return [
                describe(line, *plan, line.partner_id in hidden)
                for line, plan in self._plan_customers(planned, hidden).items()
            ]
        except psycopg2.Error:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is said)
            if len(planned) > 1:
                return [
                    values
                    for line, entries in planned.items()
                    for values in self._preview_customers({line: entries}, hidden)
                ]
            [line] = planned
            problems = [line._explain_failure(error)]
            return [describe(line, [], problems, None, line.partner_id in hidden)]

    def _plan_customers(self, planned, hidden):
        """``{run line: (charges, problems, draft)}`` for ``planned``, see ``_plan``."""
        if not planned:
            return {}
        planned_lines = self.env["telecom.billing.run.line"].union(*planned)
        drafts = planned_lines._find_drafts(list(planned))
        days = planned_lines._get_price_days(drafts)
        prices = self.env["account.analytic.line"].union(*planned.values())._find_prices(days)
        plans = {}
        for line, entries in planned.items():
            draft = drafts.get(line)
            plans[line] = (*line._plan(entries, prices, draft, hidden), draft)
        return plans
