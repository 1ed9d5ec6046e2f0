from odoo import models


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """People leave the helpdesk by way of a group, too: Odoo writes ``user_ids`` there past
        ``res.users``, and groups imply one another."""
        agents = self.env.ref("telecom_helpdesk.group_agent", raise_if_not_found=False)
        if not agents or vals.keys().isdisjoint({"user_ids", "implied_ids", "implied_by_ids"}):
            return super().write(vals)
        with agents.sudo().all_user_ids._watch_leaving():
            return super().write(vals)
