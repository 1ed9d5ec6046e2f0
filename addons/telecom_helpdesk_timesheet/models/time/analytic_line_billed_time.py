from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.billed_time import CALL_OUT, DAY, ENTRY, Terms, Work, count_together, group
from ..billing.analytic_line_billing import NAMED
from .analytic_line_billable import describe_multipliers
from .analytic_line_guard import LOCKED_STATES


class AccountAnalyticLine(models.Model):
    """What is billed of approved time: minimum and step, once for what belongs together."""

    _inherit = "account.analytic.line"

    # Of entries that were logged as one: the id of the first, which may be gone.
    piece = fields.Integer(readonly=True, copy=False)
    # Where it counts as something else than its approved minutes, or others count with it:
    # {"counting", "entries", "minutes", "billed"}, minutes of all; where there is a share or a
    # factor, its own "factor", and "parts": of all, a list of [minutes, share, factor] in percent.
    reckoning = fields.Json(string="Calculation", readonly=True, copy=False)

    calculation_explanation = fields.Char(
        string="How It Counts",
        compute="_compute_calculation_explanation",
        help="How the approved time, with whatever counts together with it, becomes the time to "
        "bill.",
    )

    @api.depends("reckoning", "billed_hours", "approved_hours")
    def _compute_calculation_explanation(self):
        for line in self.sudo():
            line.calculation_explanation = (
                line.billing_state in LOCKED_STATES and line._describe_calculation()
            )

    def _recount_billed(self, before=None):
        """Count anew what is billed of the approved time on the tickets of these entries, and what
        contracts and packs cover of it, as they were approved, unlocked, freed or moved.

        What was billed stays as it is, and so does what was counted by itself, whatever its rate
        says by now.

        :param before: ``(contracts, customers)`` that these entries had, if they may have changed
        """
        lines = self.sudo()
        lines._lock_billed_time()
        approved = lines.search(
            [
                ("ticket_id", "in", lines.ticket_id.ids),
                ("billing_state", "in", LOCKED_STATES),
                ("billable", "=", True),
            ],
            order="id",
        )
        terms = approved.support_rate_id._get_terms()
        changed = lines.browse()
        for of_ticket in approved.grouped("ticket_id").values():
            for works in group([line._as_work(terms) for line in of_ticket]):
                together = lines.browse(work.key for work in works)
                if together._has_to_be_recounted(lines):
                    changed |= together._write_billed_time(works)
        contracts, customers = before or (lines.contract_id, lines.partner_id)
        counted = lines | changed
        (counted.contract_id | contracts)._allot_included(counted.partner_id | customers)

    def _has_to_be_recounted(self, lines):
        """Whether these entries, which count together, have changed with ``lines``."""
        if len(self) == 1:
            known = self.reckoning
            return known["entries"] > 1 if known else not self.billed_hours
        return any(
            line in lines or not line.reckoning or line.reckoning["entries"] != len(self)
            for line in self
        )

    def _lock_billed_time(self):
        """Keep others from counting on the same tickets until the transaction ends.

        Somebody whose transaction began before this one ended gets a serialization failure and is
        tried again: two who approve at once never both charge the minimum.
        """
        tickets = self.filtered(
            lambda line: line.piece or line.support_rate_id.counting not in (False, ENTRY)
        ).ticket_id
        if tickets:
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    """UPDATE telecom_ticket SET total_hours = total_hours
                        WHERE id IN (SELECT id FROM telecom_ticket WHERE id IN %s
                                      ORDER BY id FOR NO KEY UPDATE)
                    RETURNING id""",
                    tuple(tickets.ids),
                )
            )

    def _as_work(self, terms):
        """This entry for the reckoning (``tools.billed_time.Work``).

        :param terms: ``{rate: Terms}``
        """
        stop = self.started_at and self.started_at + timedelta(hours=self.unit_amount)
        return Work(
            key=self.id,
            terms=terms.get(self.support_rate_id) or Terms(None),
            minutes=to_minutes(self.approved_hours),
            day=self.date,
            piece=self.piece or self.id,
            start=self.started_at or None,
            stop=stop or None,
            billed=None if self.billing_state == "approved" else to_minutes(self.billed_hours),
            share=self.billable_percent,
        )

    def _write_billed_time(self, works):
        """Store what is billed of ``works``, a group; returns the entries that changed."""
        billed = count_together(works)
        whole = {
            "counting": works[0].terms.counting,
            "entries": len(works),
            "minutes": sum(work.minutes for work in works),
            "billed": sum(billed.values()),
        }
        parts = defaultdict(int)
        for work in works:
            parts[work.share, work.terms.factor] += work.minutes
        is_plain = set(parts) == {(100, 100)}
        if not is_plain:
            whole["parts"] = [[minutes, *part] for part, minutes in parts.items()]
        changed = self.browse()
        for work in works:
            line = self.browse(work.key)
            if work.billed is not None:
                continue
            if len(works) == 1 and is_plain and billed[work.key]:
                reckoning = False
            else:
                reckoning = whole if is_plain else {**whole, "factor": work.terms.factor}
            if to_minutes(line.billed_hours) != billed[work.key] or line.reckoning != reckoning:
                line._write_billing(
                    {"billed_hours": to_hours(billed[work.key]), "reckoning": reckoning}
                )
                changed |= line
        return changed

    def _summarize_calculation(self):
        """How these entries are counted where that is not what was approved, in words."""
        texts = list(dict.fromkeys(filter(None, (line._describe_calculation() for line in self))))
        if len(texts) > NAMED:
            texts[NAMED:] = [self.env._("and %s more", len(texts) - NAMED)]
        return "\n".join(texts)

    def _describe_calculation(self):
        """How this entry is counted, in words; or False: as it was approved."""
        whole = self.reckoning or {
            "counting": ENTRY,
            "entries": 1,
            "minutes": to_minutes(self.approved_hours),
            "billed": to_minutes(self.billed_hours),
        }
        parts = whole.get("parts") or [[whole["minutes"], 100, 100]]
        if whole["minutes"] == whole["billed"] and len(parts) == 1 and parts[0][1:] == [100, 100]:
            return False
        facts = {
            "ticket": self.ticket_id.number,
            "count": whole["entries"],
            "work": " + ".join(
                f"{format_hours(minutes)} h {describe_multipliers(self.env, *part)}".strip()
                for minutes, *part in parts
            ),
            "billed": format_hours(whole["billed"]),
        }
        if whole["entries"] == 1:
            return self.env._("%(ticket)s: %(work)s count as %(billed)s h", **facts)
        if whole["counting"] == DAY:
            return self.env._(
                "%(ticket)s: %(work)s of a day (entries: %(count)s) count as %(billed)s h", **facts
            )
        if whole["counting"] == CALL_OUT:
            return self.env._(
                "%(ticket)s: %(work)s of a call-out (entries: %(count)s) count as %(billed)s h",
                **facts,
            )
        return self.env._(
            "%(ticket)s: %(work)s of one entry (parts: %(count)s) count as %(billed)s h", **facts
        )
