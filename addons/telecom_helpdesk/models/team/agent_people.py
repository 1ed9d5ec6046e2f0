from odoo import api, models
from odoo.tools import ormcache

AGENT = "telecom_helpdesk.group_agent"
MANAGER = "telecom_helpdesk.group_manager"
ADMINISTRATOR = "base.group_system"
# Who is told in the place of others: more would each wait for another.
MOST_TOLD = 10


class TelecomAgent(models.Model):
    """Who works at the helpdesk, and who is to be told: the suite's one answer to both.

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
    def _get_people_to_tell(self, *choices, company=None, group=AGENT, fallback=MANAGER):
        """Who is told of something, or gets an activity: never nobody, and nobody who has left.

        :param choices: ``res.users``, the best choice first: the first one counts in which
            somebody in ``group`` is still at work
        :param company: ``res.company`` that it is about; empty: any
        :param fallback: external id of the group whose members stand in; after them, the
            administrator
        """
        for users in choices:
            if people := self._filter_at_work(users, company, group):
                return people
        members = self.env.ref(fallback).sudo().all_user_ids
        if people := self._filter_at_work(members, company, fallback)[:MOST_TOLD]:
            return people
        administrator = self.env.ref("base.user_admin")
        members = administrator | self.env.ref(ADMINISTRATOR).sudo().all_user_ids
        return self._filter_at_work(members, group=ADMINISTRATOR)[:1] or administrator
