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

    @api.model
    def _take_off_order(self, vals):
        """``vals`` (dict); if they are of time on a ticket, without a sales order item.

        :raises UserError: somebody has chosen one; what software chooses is left out
        """
        if "so_line" not in self._fields or not vals.get("ticket_id"):
            return vals
        self._refuse_chosen_order(vals)
        return {**vals, **NO_ORDER}

    def _split_by_order(self, vals):
        """These entries in groups: ``vals``, with a sales order item, mean something else to time
        on tickets than to other time."""
        if not self._is_order_alone(vals):
            return [self]
        entries = self.sudo().filtered("ticket_id").with_env(self.env)
        return [self - entries, entries] if entries and entries != self else [self]

    def _refuse_order(self, vals):
        """What of ``vals`` is written on these entries, one group of ``_split_by_order``.

        :raises UserError: somebody has chosen a sales order item for time on a ticket, or one of
            these entries is billed with an order and would come on a ticket
        """
        if "so_line" in self._fields and vals.get("ticket_id"):
            self.check_access("write")
            self._refuse_ordered()
            return self._take_off_order(vals)
        if not self._is_order_alone(vals) or not self.sudo().filtered("ticket_id"):
            return vals
        self._refuse_chosen_order(vals)
        return {name: value for name, value in vals.items() if name not in NO_ORDER}

    @api.model
    def _is_order_alone(self, vals):
        """Whether ``vals`` change the sales order item, and no ticket."""
        return (
            "so_line" in self._fields
            and "ticket_id" not in vals
            and not NO_ORDER.keys().isdisjoint(vals)
        )

    @api.model
    def _refuse_chosen_order(self, vals):
        if vals.get("so_line") and not self.env.su:
            raise UserError(
                self.env._(
                    "Time on tickets is billed by the helpdesk, not with a sales order. Leave the "
                    "sales order item empty."
                )
            )

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
