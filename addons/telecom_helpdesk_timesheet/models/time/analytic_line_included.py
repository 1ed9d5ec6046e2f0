from collections import Counter

from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.tools.durations import to_hours, to_minutes

from ...tools.allotment import Entry
from .analytic_line_guard import LOCKED_STATES

BILLED_STATES = ("invoiced", "included")
PACK = "pack-"  # what keys of packs begin with, where those of contract periods are numbers
ALLOTMENT_FIELDS = (
    "billing_state",
    "billed_hours",
    "company_id",
    "contract_id",
    "date",
    "hours_period",
    "included_hours",
    "included_periods",
    "partner_id",
    "started_at",
)


class AccountAnalyticLine(models.Model):
    """Hours that the contract includes are used up first, then those of the customer's packs."""

    _inherit = "account.analytic.line"

    included_hours = fields.Float(
        string="Included",
        readonly=True,
        copy=False,
        help="Part of the time to bill that the contract's hours, or packs of hours, cover.",
    )
    # Whose hours they are: {contract period id (text), or "pack-" and the pack's: minutes}.
    included_periods = fields.Json(readonly=True, copy=False)

    @api.model
    def _get_allotted(self, contracts):
        """Work that included hours of ``contracts`` cover, or may cover: ``{contract: lines}``."""
        lines = self.search_fetch(
            [
                ("contract_id", "in", contracts.ids),
                "|",
                ("billing_state", "in", LOCKED_STATES),
                ("included_hours", ">", 0),
            ],
            ALLOTMENT_FIELDS,
            order="id",
        )
        return lines.grouped("contract_id")

    @api.model
    def _get_allotted_to_packs(self, packs):
        """Work that ``packs`` cover, or may cover: ``{(customer, company): lines}``."""
        lines = self.search_fetch(
            [
                ("partner_id", "in", packs.partner_id.ids),
                ("ticket_id", "!=", False),
                ("date", ">=", min(packs.mapped("date_start"))),
                "|",
                ("billing_state", "in", LOCKED_STATES),
                ("included_hours", ">", 0),
            ],
            ALLOTMENT_FIELDS,
            order="id",
        )
        return lines.grouped(lambda line: (line.partner_id, line.company_id))

    def _get_coverage(self):
        """What covers this entry: ``({contract period id: minutes}, {pack id: minutes})``."""
        periods, packs = {}, {}
        for key, minutes in (self.included_periods or {}).items():
            if key.startswith(PACK):
                packs[int(key.removeprefix(PACK))] = minutes
            else:
                periods[int(key)] = minutes
        return periods, packs

    def _is_billed(self):
        return self.billing_state in BILLED_STATES

    def _is_allottable(self):
        """Whether hours of the contract cover this entry, or may cover it."""
        if self._is_billed():
            return True
        return self.billing_state == "approved" and (
            self.hours_period != "out" or self.contract_id.included_out_of_hours
        )

    def _find_coverers(self):
        """Contracts and packs that cover these entries, as the customer knows them:
        ``{text: minutes}``."""
        minutes = Counter()
        bought = Counter()
        for entry in self:
            periods, packs = entry._get_coverage()
            if periods:
                minutes[self.env._("contract %s", entry.contract_id.sudo().name)] += sum(
                    periods.values()
                )
            bought.update(packs)
        for pack in self.env["telecom.hour.pack"].sudo().browse(sorted(bought)):
            minutes[self.env._("the hours bought with invoice %s", pack.name)] += bought[pack.id]
        return dict(minutes)

    def _as_allotment_entry(self):
        """This entry for the fold (``tools.allotment.Entry``)."""
        return Entry(
            key=self.id,
            day=self.date,
            minutes=to_minutes(self.billed_hours),
            at=self.started_at or None,
            fixed=self._get_coverage()[0] if self._is_billed() else None,
        )

    def _as_pack_entry(self):
        """What contracts leave of this entry, for the fold of packs."""
        periods, packs = self._get_coverage()
        return Entry(
            key=self.id,
            day=self.date,
            minutes=to_minutes(self.billed_hours) - sum(periods.values()),
            at=self.started_at or None,
            fixed=packs if self._is_billed() else None,
        )

    def _write_coverage(self, periods=None, packs=None):
        """Store which hours cover this entry; None: those of that kind stay.

        :param periods: ``{contract period id: minutes}``
        :param packs: ``{pack id: minutes}``
        """
        if self._is_billed():
            return
        of_periods, of_packs = self._get_coverage()
        of_periods = of_periods if periods is None else periods
        of_packs = of_packs if packs is None else packs
        used = {str(key): minutes for key, minutes in sorted(of_periods.items())}
        used.update({f"{PACK}{key}": minutes for key, minutes in sorted(of_packs.items())})
        if used != (self.included_periods or {}):
            self._write_billing(
                {"included_hours": to_hours(sum(used.values())), "included_periods": used or False}
            )
