from odoo import api, fields, models

from ..tools.allotment import Entry
from ..tools.hours import to_hours, to_minutes
from .analytic_line_guard import LOCKED_STATES

BILLED_STATES = ("invoiced", "included")


class AccountAnalyticLine(models.Model):
    """Hours that the contract includes are used up first."""

    _inherit = "account.analytic.line"

    included_hours = fields.Float(
        string="Included",
        readonly=True,
        copy=False,
        help="Part of the time to bill that the contract's hours cover.",
    )
    # Which periods' hours they are: {contract period id (text): minutes}.
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
            [
                "contract_id",
                "billing_state",
                "billed_hours",
                "date",
                "started_at",
                "hours_period",
                "included_hours",
                "included_periods",
            ],
            order="id",
        )
        return lines.grouped("contract_id")

    def _is_allottable(self):
        """Whether hours of the contract cover this entry, or may cover it."""
        if self.billing_state in BILLED_STATES:
            return True
        return self.billing_state == "approved" and (
            self.hours_period != "out" or self.contract_id.included_out_of_hours
        )

    def _as_allotment_entry(self):
        """This entry for the fold (``tools.allotment.Entry``)."""
        return Entry(
            key=self.id,
            day=self.date,
            minutes=to_minutes(self.billed_hours),
            at=self.started_at or None,
            fixed=(
                {int(key): minutes for key, minutes in (self.included_periods or {}).items()}
                if self.billing_state in BILLED_STATES
                else None
            ),
        )

    def _write_included(self, used):
        """Store which included hours cover this entry: ``{contract period id: minutes}``."""
        if self.billing_state in BILLED_STATES:
            return
        used = {str(key): minutes for key, minutes in sorted(used.items())}
        if used != (self.included_periods or {}):
            self._write_billing(
                {"included_hours": to_hours(sum(used.values())), "included_periods": used or False}
            )
