from odoo import models
from odoo.exceptions import RedirectWarning


class TelecomTicket(models.Model):
    """A merged ticket: messages and users are redirected to the ticket that it was merged into."""

    _inherit = "telecom.ticket"

    def _get_merge_target(self):
        """The ticket that this one was finally merged into; itself if it was not merged."""
        ticket = seen = self
        while ticket.merged_into_id and ticket.merged_into_id not in seen:
            ticket = ticket.merged_into_id
            seen |= ticket
        return ticket

    def _get_living_to_speak_to(self):
        """The ticket that this one was merged into, for whoever writes; empty: it lives itself."""
        target = self.sudo()._get_merge_target()
        if target == self:
            return self.browse()
        target = target.with_env(self.env)
        # The customer of a merged ticket speaks to it, whether they see the whole or not.
        return target if target.has_access("read") else target.sudo()

    def _refuse_post_on_merged(self, kwargs):
        """:raises RedirectWarning: a colleague writes on a ticket that was merged"""
        is_colleagues = kwargs.get("message_type") == "comment" and self.env.user._is_internal()
        if is_colleagues and self.sudo().merged_into_id:
            self.check_access("read")
            self._redirect_if_merged()

    def _refuse_stage_of_merged(self, change):
        if not self.env.context.get("telecom_merging"):
            self.sudo().filtered("merged_into_id")[:1]._redirect_if_merged()

    def _redirect_if_merged(self):
        """:raises RedirectWarning: this ticket, if any, was merged; its target is offered"""
        if self:
            target = self.sudo()._get_merge_target().with_env(self.env)
            raise RedirectWarning(
                self.env._(
                    "%(ticket)s was merged into %(target)s. Go on there.",
                    ticket=self.number,
                    target=target.sudo().number,
                ),
                target.get_formview_action(),
                self.env._("Open %(target)s", target=target.sudo().number),
            )
