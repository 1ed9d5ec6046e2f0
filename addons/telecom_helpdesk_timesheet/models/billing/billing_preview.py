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
        return self._preview_customers(
            {
                lines.new(
                    {"run_id": self.id, "partner_id": partner.id, "currency_id": currency.id}
                ): found
                for (partner, currency), found in entries._group_by_account().items()
            }
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

    def _preview_customers(self, groups):
        """Values of the preview for ``groups``: ``{run line: entries}``.

        Where one of them fails, each is looked at by itself: it stops no other.
        """
        lines = self.env["telecom.billing.run.line"]
        describe = self.env["telecom.bill.time.line"]._describe
        try:
            # The drafts that the present user finds are those that they bill onto.
            drafts = lines.union(*groups).sudo(False)._find_drafts(list(groups))
            plans = lines._plan_all(groups, drafts)
            return [describe(line, *plan) for line, plan in plans.items()]
        except psycopg2.Error:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is said)
            if len(groups) > 1:
                return [
                    values
                    for line, entries in groups.items()
                    for values in self._preview_customers({line: entries})
                ]
            [line] = groups
            is_hidden = bool(line.partner_id._find_hidden())
            return [describe(line, [], [line._explain_failure(error)], None, is_hidden)]
