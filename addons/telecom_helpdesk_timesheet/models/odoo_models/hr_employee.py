from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import ormcache


class HrEmployee(models.Model):
    """An employee who is archived has left for good, although their login may still be there."""

    _inherit = "hr.employee"

    def write(self, vals):
        """Odoo's departure wizard archives an employee by it, and the form gives a login: what
        ``telecom.agent`` keeps in the registry's cache is found anew."""
        if {"active", "user_id"}.isdisjoint(vals):
            return super().write(vals)
        users = self.sudo().user_id | self.env["res.users"].sudo().browse(vals.get("user_id"))
        with users._handle_leaving():
            result = super().write(vals)
            self.env.registry.clear_cache()
            users.invalidate_recordset(["telecom_support_level"])
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """A new employee of somebody who had left: they are back."""
        employees = super().create(vals_list)
        self.env.registry.clear_cache()
        return employees

    def unlink(self):
        """Who has no employee any more is not known to have left."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_time(self):
        # Odoo's dialog asks, and deletes: nobody would know any more whose time it was.
        entries = self.env["account.analytic.line"].sudo()
        for employee in self:
            domain = [("ticket_id", "!=", False), ("employee_id", "=", employee.id)]
            if entries.search_count(domain, limit=1):
                raise UserError(
                    self.env._(
                        "%s logged time on tickets, which stays theirs. Archive the employee "
                        "instead.",
                        employee.name,
                    )
                )


class TelecomAgent(models.Model):
    _inherit = "telecom.agent"

    @api.model
    @ormcache()
    def _get_left_ids(self):
        """Users all of whose employees were archived; who never was one is not meant."""
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        present = employees._search([("active", "=", True), ("user_id", "!=", False)])
        left = employees.search_fetch(
            [
                ("active", "=", False),
                ("user_id", "!=", False),
                ("user_id", "not in", present.subselect("user_id")),
            ],
            ["user_id"],
        )
        return super()._get_left_ids() | frozenset(left.user_id.ids)
