from odoo import api, models
from odoo.exceptions import UserError

# What ``sale_timesheet`` would have on time on tickets.
NO_ORDER = {"so_line": False, "is_so_line_edited": False}


class AccountAnalyticLine(models.Model):
    """Time on a ticket is billed by the helpdesk alone, never by a sales order as well.

    Odoo's ``sale_timesheet`` gives the entries of a project the sales order item of project or
    employee, and bills them with the order. It may be installed beside this addon, before it or
    after: the fields are its own, and looked at only where they are there.
    """

    _inherit = "account.analytic.line"

    def _compute_field_value(self, field):
        # Not in the method that computes it: which of the two addons is asked first is open.
        super()._compute_field_value(field)
        if field.name == "so_line":
            self.filtered("ticket_id").so_line = False

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_ticket_id")
        return super().create(
            [
                self._take_off_order(vals) if vals.get("ticket_id", default) else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "so_line" not in self._fields or {*NO_ORDER, "ticket_id"}.isdisjoint(vals):
            return super().write(vals)
        if vals.get("ticket_id"):
            self.check_access("write")
            self._refuse_ordered()
            return super().write(self._take_off_order(vals))
        entries = self.sudo().filtered("ticket_id").with_env(self.env)
        if "ticket_id" in vals or not entries:
            return super().write(vals)
        if others := self - entries:
            others.write(vals)
            return entries.write(vals)
        vals = self._take_off_order(vals)
        rest = {name: value for name, value in vals.items() if name not in NO_ORDER}
        return super().write(rest) if rest else True

    @api.model
    def _take_off_order(self, vals):
        """``vals`` of time on a ticket, without a sales order item.

        :raises UserError: somebody has chosen one; what software chooses is left out
        """
        if "so_line" not in self._fields:
            return vals
        if vals.get("so_line") and not self.env.su:
            raise UserError(
                self.env._(
                    "Time on tickets is billed by the helpdesk, not with a sales order. Leave the "
                    "sales order item empty."
                )
            )
        return {**vals, **NO_ORDER}

    def _refuse_ordered(self):
        """:raises UserError: one of these entries is billed with a sales order"""
        for line in self.sudo():
            if problem := line._get_order_problem():
                raise UserError(
                    self.env._("%(entry)s: %(problem)s.", entry=line._get_label(), problem=problem)
                )

    def _get_order_problem(self):
        """Why this entry is not the helpdesk's to bill, in words; or None."""
        if "timesheet_invoice_id" not in self._fields:
            return None
        invoice = self.sudo().timesheet_invoice_id
        if not invoice or invoice.state == "cancel":
            return None
        return self.env._("it is billed with a sales order, on %s", invoice.display_name)
