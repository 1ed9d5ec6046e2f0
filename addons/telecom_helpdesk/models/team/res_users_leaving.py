import contextlib

from odoo import api, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """Somebody leaves: what they had open is passed on at that moment, whichever way they go."""

    _inherit = "res.users"

    @contextlib.contextmanager
    def _watch_leaving(self):
        """Whoever of these stops working at the helpdesk inside, for a company or altogether, has
        their open tickets and activities passed on."""
        agents = self.env["telecom.agent"]

        def get_places():
            return {user: agents._filter_at_work(user).company_ids for user in self.sudo()}

        before = get_places()
        yield
        after = get_places()
        for user, companies in before.items():
            if lost := companies - after[user]:
                if not after[user]:
                    user._pass_on_activities()
                    user._unfollow_helpdesk()
                self.env["telecom.ticket"]._find_left_by(user, lost)._on_agent_left(user)

    def _pass_on_activities(self):
        """Give what these users have to do at the helpdesk to whoever decides about it."""
        activities = self.env["mail.activity"].sudo().search(self._get_passed_on_domain())
        for model, group in activities.grouped("res_model").items():
            for activity in group:
                if record := self.env[model].sudo().browse(activity.res_id).exists():
                    activity.user_id = record._get_due_responsible()

    def _unfollow_helpdesk(self):
        """No mail about the helpdesk's records reaches these users any more, unless they are the
        customer: Odoo would go on writing to the contact behind the login."""
        tickets = self.env["telecom.ticket"].sudo().with_context(active_test=False)
        own = tickets.search([("partner_id", "in", self.partner_id.ids)])
        self.env["mail.followers"].sudo().search(
            Domain("partner_id", "in", self.partner_id.ids)
            & Domain("res_model", "=like", "telecom.%")
            & ~(Domain("res_model", "=", own._name) & Domain("res_id", "in", own.ids))
        ).unlink()

    @api.model
    def _get_passed_on_models(self):
        return [
            model._name
            for model in self.env.values()
            if isinstance(model, self.pool["telecom.due.base"])
            and isinstance(model, self.pool["mail.activity.mixin"])
        ]

    def _get_passed_on_domain(self):
        """Hook: which activities of these users somebody else is to see to."""
        return Domain("user_id", "in", self.ids) & Domain(
            "res_model", "in", self._get_passed_on_models()
        )
