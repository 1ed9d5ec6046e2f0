from lxml import etree

from odoo import api, models

# Who knows what work costs, in Odoo's own words: whoever approves timesheets or keeps the books.
COST_GROUPS = (
    "hr_timesheet.group_hr_timesheet_approver",
    "analytic.group_analytic_accounting",
    "account.group_account_readonly",
    "account.group_account_invoice",
)


class TelecomCostMixin(models.AbstractModel):
    """What an hour of a colleague costs is not for those who work beside them.

    Odoo shows people their own time alone, agents see that of the tickets they see. Managers of
    the helpdesk approve how long it took; what it cost is no part of that.
    """

    _name = "telecom.cost.mixin"
    _description = "Cost Mixin"

    # Fields that tell an hourly cost, for entries or in sum.
    _cost_fields = frozenset()

    @api.model
    def _has_field_access(self, field, operation):
        """Odoo asks here whether a user may read a field, whichever way."""
        if field.name in self._cost_fields and not self._knows_cost():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _knows_cost(self):
        user = self.env.user
        return (
            self.env.su
            or not user.has_group("telecom_helpdesk.group_agent")
            or any(user.has_group(group) for group in COST_GROUPS)
        )

    def copy_data(self, default=None):
        """Odoo reads what it copies as the user, who must not be stopped: what is not known is not
        copied, and Odoo counts it anew."""
        default = dict(default or {})
        if self._knows_cost():
            return super().copy_data(default)
        hidden = self._cost_fields - default.keys()
        vals_list = super().copy_data({**dict.fromkeys(hidden), **default})
        return [
            {name: value for name, value in vals.items() if name not in hidden}
            for vals in vals_list
        ]

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Odoo's views go without what the user does not know of: the web client would ask for it,
        and be refused."""
        result = super().get_view(view_id, view_type, **options)
        if self._knows_cost():
            return result
        arch = etree.fromstring(result["arch"])
        hidden = [
            node
            for name in self._cost_fields
            for node in arch.xpath("//field[@name=$name][not(ancestor::field)]", name=name)
        ]
        if not hidden:
            return result
        for node in hidden:
            node.getparent().remove(node)
        return {**result, "arch": etree.tostring(arch, encoding="unicode")}
