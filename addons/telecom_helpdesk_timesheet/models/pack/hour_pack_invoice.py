from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.periods import add_months


class TelecomHourPack(models.Model):
    """What a pack holds follows from its invoice and the credit notes: the documents are the truth.

    What covers work that was billed stays. So an invoice is not cancelled, nor its line deleted or
    made smaller, below that; a credit note takes back the rest.
    """

    _inherit = "telecom.hour.pack"

    @api.model
    def _make(self, lines):
        """Make the packs that ``lines`` (account.move.line) of posted invoices sell."""
        return self.sudo().create(
            [
                {
                    "invoice_line_id": line.id,
                    "product_id": line.product_id.id,
                    "unit_hours": line.product_id.support_pack_hours,
                    "company_id": line.company_id.id,
                    **self._read_invoice(line),
                }
                for line in lines
            ]
        )

    @api.model
    def _read_invoice(self, line):
        """Whose pack ``line`` (account.move.line) of an invoice sells, and for how long."""
        move = line.move_id
        start = move.invoice_date or move.date
        months = line.product_id.support_pack_months
        return {
            "name": move.name,
            "partner_id": move.commercial_partner_id.id,
            "contact_id": move.partner_id.id,
            "date_start": start,
            "date_end": months and add_months(start, months) - timedelta(days=1),
        }

    def _follow_invoices(self):
        """Have these packs hold what invoices and credit notes say by now.

        :raises UserError: that is less than what covers work that was billed
        """
        self._lock_allotment()
        billed = self._get_billed_minutes()
        customers = self.partner_id
        for pack in self:
            models.BaseModel.write(pack, pack._read_documents(billed[pack.id]))
        self._allot(customers | self.partner_id)

    def _read_documents(self, billed):
        """Values of this pack as its documents have it.

        :param billed: minutes that cover work that was billed
        """
        line, move = self.invoice_line_id, self.invoice_line_id.move_id
        vals = {"state": {"draft": "waiting", "cancel": "cancelled"}.get(move.state, "active")}
        bought = to_minutes(self.bought_hours)
        if move.state == "posted":
            own = self._read_invoice(line)
            if line.product_id != self.product_id:
                vals["unit_hours"] = line.product_id.support_pack_hours
                vals["product_id"] = (line.product_id or self.product_id).id
            unit_hours = vals.get("unit_hours", self.unit_hours)
            bought = max(0, to_minutes(line._get_sold_quantity() * unit_hours))
            if billed and own["partner_id"] != self.partner_id.id:
                raise UserError(
                    self.env._(
                        "%(pack)s: its hours cover work of %(customer)s that was billed. It "
                        "cannot be another customer's.",
                        pack=self.display_name,
                        customer=self.partner_id.display_name,
                    )
                )
            vals.update(own)
            if billed:
                # It covers work of its days.
                vals.update(date_start=self.date_start, date_end=self.date_end)
        lasting = 0 if move.state == "cancel" else bought
        if lasting < billed:
            raise UserError(
                self.env._(
                    "%(pack)s: %(billed)s h cover work that was billed already, and it cannot hold "
                    "less. Credit the invoice instead: what is left is taken back.",
                    pack=self.display_name,
                    billed=format_hours(billed),
                )
            )
        credited = min(self._get_credited_minutes(bought), lasting - billed) + bought - lasting
        vals["bought_hours"] = to_hours(bought)
        vals["credited_hours"] = to_hours(credited)
        return vals

    def _get_credited_minutes(self, bought, drafts=None):
        """Minutes, of ``bought``, that credit notes take back.

        A credit at another price is money alone. An invoice against a credit note undoes it.

        :param drafts: credit notes (account.move) that are not posted, to be counted as well
        """
        line = self.invoice_line_id
        quantity = 0
        for own in line.correction_ids:
            if (
                (own.parent_state == "posted" or own.move_id in (drafts or ()))
                and own.company_id == line.company_id
                and own.move_id.commercial_partner_id == line.move_id.commercial_partner_id
                and own.product_id == line.product_id
                and own._has_price_of(line)
            ):
                sign = 1 if own.move_id.move_type == "out_refund" else -1
                quantity += sign * own._get_sold_quantity()
        sold = line._get_sold_quantity()
        return max(0, round(bought * quantity / sold)) if sold > 0 else 0

    def _withdraw(self):
        """The lines that sold these packs are deleted.

        :raises UserError: hours cover work that was billed
        """
        if not self:
            return
        self._lock_allotment()
        for id_, billed in self._get_billed_minutes().items():
            if billed:
                pack = self.browse(id_)
                raise UserError(
                    self.env._(
                        "%(pack)s: %(billed)s h cover work that was billed already. Its invoice "
                        "stays; credit what is left.",
                        pack=pack.display_name,
                        billed=format_hours(billed),
                    )
                )
        customers = self.partner_id
        models.BaseModel.write(self, {"state": "waiting"})
        self._allot(customers)
        self.unlink()

    def _describe(self):
        """What this pack holds, in words."""
        self.ensure_one()
        facts = {
            "bought": format_hours(to_minutes(self.bought_hours)),
            "used": format_hours(to_minutes(self.used_hours)),
            "credited": format_hours(to_minutes(self.credited_hours)),
            "left": format_hours(to_minutes(self.left_hours)),
        }
        if self.state == "waiting":
            return self.env._(
                "Hour pack of %(bought)s h on hold: %(used)s h are used and billed.", **facts
            )
        if self.credited_hours:
            return self.env._(
                "Hour pack of %(bought)s h: %(credited)s h taken back, %(used)s h used, %(left)s h "
                "left.",
                **facts,
            )
        if self.date_end:
            facts["until"] = format_date(self.env, self.date_end)
            return self.env._(
                "Hour pack of %(bought)s h until %(until)s: %(used)s h used, %(left)s h left.",
                **facts,
            )
        return self.env._("Hour pack of %(bought)s h: %(used)s h used, %(left)s h left.", **facts)

    def _describe_credit(self, credit_note):
        """What ``credit_note`` (account.move, a draft) will take of this pack, in words."""
        bought = to_minutes(self.bought_hours)
        kept = self._get_billed_minutes()[self.id]
        asked = self._get_credited_minutes(bought, credit_note)
        facts = {
            "pack": self.display_name,
            "kept": format_hours(kept),
            "credited": format_hours(min(asked, bought - kept) - to_minutes(self.credited_hours)),
        }
        if asked > bought - kept:
            return self.env._(
                "%(pack)s: once this is posted, %(credited)s h are taken back. %(kept)s h cover "
                "work that was billed and stay, although they are credited.",
                **facts,
            )
        return self.env._("%(pack)s: once this is posted, %(credited)s h are taken back.", **facts)
