from odoo import api, models


class AccountMoveLine(models.Model):
    """What happens to support time and to packs of hours when a line of an invoice is copied,
    changed or deleted; each step is in ``billing/`` or ``pack/``."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "telecom.guard.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        """Values of ``copy_data`` come here, also by way of a credit note or of a new invoice in
        its place: Odoo tells a line by nothing else what it was copied from."""
        values, origins = self._take_out_origins(vals_list)
        lines = super().create(values)
        lines._note_origins(origins)
        return lines

    def copy_data(self, default=None):
        """Odoo copies, credits and replaces an invoice by the values that its lines give here."""
        vals_list = super().copy_data(default)
        for line, vals in zip(self, vals_list, strict=True):
            line._add_origin(vals)
        return vals_list

    def copy(self, default=None):
        """Odoo copies a line by itself here, and by ``copy_data`` with its invoice: by itself, it
        bills no time, and corrects none."""
        lines = super().copy(default)
        models.BaseModel.write(lines.sudo(), {"support_origin_id": False, "is_support_time": False})
        return lines

    def write(self, vals):
        """Odoo lets a line move to another document; what bills time stays. And it writes to each
        line of a new invoice whose it is already."""
        if self._is_known_customer(vals):
            return True
        self._refuse_other_move(vals)
        return super().write(vals)

    def unlink(self):
        """Lines are deleted here by hand, with their invoice, and by other apps: what they billed
        or sold is released first, as their rows are referred to."""
        self.check_access("unlink")
        self.sudo().pack_ids._withdraw()
        self._note_removed_time()
        self.sudo().support_time_ids._release_from_invoice()
        return super().unlink()

    def _related_analytic_distribution(self):
        """Odoo's hook for distributions that follow from elsewhere, asked whenever it works one out
        anew: another account or customer on the line does not change whose time it is."""
        distribution = super()._related_analytic_distribution()
        if self.is_support_time:
            entries = self.sudo().support_time_ids
            return {**distribution, **entries._get_billed_distribution()}
        return distribution
