from datetime import date

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.allotment import Pack, allot_packs, make_balances
from ..time.analytic_line_guard import LOCKED_STATES


class TelecomHourPack(models.Model):
    """Packs are used up by approved work, after what contracts include: the oldest pack first."""

    _inherit = "telecom.hour.pack"

    @api.model
    def _allot(self, customers):
        """Count anew which work the packs of ``customers`` (res.partner) cover: a fold over what
        there is, like that of contracts, which comes first."""
        packs = self.sudo().search([("partner_id", "in", customers.ids)], order="id")
        if not packs:
            return
        packs._lock_allotment()
        lines = self.env["account.analytic.line"].sudo()._get_allotted_to_packs(packs)
        for account, group in packs.grouped(
            lambda pack: (pack.partner_id, pack.company_id)
        ).items():
            group._allot_lines(lines.get(account, []))
        packs._plan_due()

    def _allot_lines(self, lines):
        """Allot the hours of these packs of one customer to ``lines``, and balance them."""
        today = self.env["telecom.contract"]._get_today()
        packs = {
            pack: Pack(
                pack.id,
                pack.date_start,
                pack.date_end or date.max,
                to_minutes(pack.bought_hours) - to_minutes(pack.credited_hours),
            )
            for pack in self
        }
        counting = [packs[pack] for pack in self if pack.state != "waiting"]
        entries = [line._as_pack_entry() for line in lines if line.billing_state in LOCKED_STATES]
        usage = allot_packs(counting, entries)
        for line in lines:
            line._write_coverage(packs=usage.get(line.id, {}))
        balances = make_balances(packs.values(), usage, today)
        for pack in self:
            pack._write_balance(balances[pack.id])

    def _write_balance(self, balance):
        """Store what became of this pack's hours (``tools.allotment.Balance``)."""
        granted = sum(balance)
        if balance.lost + balance.left < 0:
            raise UserError(
                self.env._(
                    "%(pack)s: its hours cover other work that was billed by now; %(hours)s h are "
                    "missing. Take that off its invoice first.",
                    pack=self.display_name,
                    hours=format_hours(-balance.lost - balance.left),
                )
            )
        if self.state == "waiting":
            state = "waiting"
        elif not granted:
            state = "cancelled"
        elif balance.lost or (self.date_end and self.date_end < self._due_now().date()):
            state = "expired"
        else:
            state = "active" if balance.left else "used"
        vals = {f"{name}_hours": to_hours(value) for name, value in balance._asdict().items()}
        vals = {
            name: value for name, value in {**vals, "state": state}.items() if self[name] != value
        }
        if vals:
            models.BaseModel.write(self, vals)

    def _get_billed_minutes(self):
        """Minutes of these packs that cover work billed already, which stays so: ``{id: int}``."""
        billed = dict.fromkeys(self.ids, 0)
        if self:
            lines = self.env["account.analytic.line"].sudo()._get_allotted_to_packs(self)
            for group in lines.values():
                for line in group.filtered(lambda line: line._is_billed()):
                    for id_, minutes in line._get_coverage()[1].items():
                        if id_ in billed:
                            billed[id_] += minutes
        return billed
