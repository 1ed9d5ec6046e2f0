from odoo import fields, models

from .analytic_line_review import MANAGER


class AccountAnalyticLine(models.Model):
    """Present and former owners of an entry: nobody approves their own time by reassigning it."""

    _inherit = "account.analytic.line"

    # Ids of the users whose time this was said to be before.
    former_agents = fields.Json(readonly=True, copy=False)

    def _note_change_of_agent(self, vals):
        """Keep whose time these entries are, if ``vals`` may make it somebody else's."""
        if "employee_id" in vals or "user_id" in vals:
            self.sudo()._note_agents(lambda line: line.user_id | line.employee_id.user_id)

    def _note_agents(self, find_agents):
        """Keep whose time these entries are, as ``find_agents(line)`` (res.users) has it."""
        for line in self.filtered(lambda line: isinstance(line.id, int)):
            agents = {*(line.former_agents or ()), *find_agents(line).ids}
            if agents != set(line.former_agents or ()):
                models.BaseModel.write(line, {"former_agents": sorted(agents)})

    def _may_approve(self):
        """Whether the present user may approve this one entry, as far as it is up to them."""
        self.ensure_one()
        return self.env.user.has_group(MANAGER) and not self._get_owner_problem()

    def _get_owner_problem(self):
        """Why the present user does not decide about this entry, in words; or None."""
        line, user = self.sudo(), self.env.user
        if line.company_id.telecom_approve_own_time:
            return None
        if user in (line.user_id, line.employee_id.user_id):
            return self.env._("your own time is for another manager to approve")
        if user == line.create_uid or user.id in (line.former_agents or ()):
            return self.env._(
                "you logged it yourself, or it was yours before: it is for another manager to "
                "approve"
            )
        return None
