from odoo import api, models
from odoo.tools import ormcache

AGENT = "telecom_helpdesk.group_agent"
MANAGER = "telecom_helpdesk.group_manager"
ADMINISTRATOR = "base.group_system"
# At most so many stand-ins are notified: with more, each would wait for another to act.
MAX_NOTIFIED = 10


class TelecomAgent(models.Model):
    """Who works at the helpdesk, and who is notified: the one place that answers both.

    Nothing else in the suite reads a team's leader, a group's members or the administrator to find
    somebody (``tests/test_pointers.py``).
    """

    _inherit = "telecom.agent"

    @api.model
    @ormcache()
    def _get_left_ids(self):
        """Hook: ids (frozenset) of users who left for good although their login is still there."""
        return frozenset()

    @api.model
    def _filter_at_work(self, users, company=None, group=AGENT):
        """Those of ``users`` who are still there, for ``company`` where one is given, in ``group``.

        Archived, gone, moved to another company or no longer in the group: they are left out.
        """
        left = self._get_left_ids()
        return users.filtered(
            lambda user: (
                user.sudo().active
                and user.id not in left
                and user.sudo().has_group("base.group_user")
                and user.sudo().has_group(group)
                and (not company or company.id in user.sudo()._get_company_ids())
            )
        )

    @api.model
    def _get_members(self, group, company=None):
        """Who is in ``group`` (external id) and still there, for ``company`` where it is given."""
        return self._filter_at_work(self.env.ref(group).sudo().all_user_ids, company, group)

    @api.model
    def _pick_people(self, *choices, company=None, group=AGENT, may=None):
        """Those of the first of ``choices`` (``res.users``) in whom somebody is still at work, and
        ``may`` (a function of one user, if it is given) do what is wanted; perhaps nobody.
        """
        for users in choices:
            people = self._filter_at_work(users, company, group)
            if people := people.filtered(may) if may else people:
                return people
        return self.env["res.users"]

    @api.model
    def _get_people_to_notify(self, *choices, company=None, group=AGENT, fallback=MANAGER):
        """Users to notify, or to give an activity: never empty, and nobody who has left.

        :param choices: ``res.users``, the best choice first: the first one counts in which
            somebody in ``group`` is still at work
        :param company: ``res.company`` that it is about; empty: any
        :param fallback: external id of the group whose members stand in; after them, the
            administrator
        """
        if people := self._pick_people(*choices, company=company, group=group):
            return people
        if people := self._get_members(fallback, company)[:MAX_NOTIFIED]:
            return people
        administrator = self.env.ref("base.user_admin")
        others = self._get_members(ADMINISTRATOR)
        return self._pick_people(administrator, others, group=ADMINISTRATOR)[:1] or administrator
