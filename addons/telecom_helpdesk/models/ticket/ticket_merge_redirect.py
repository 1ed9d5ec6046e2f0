from odoo import models
from odoo.exceptions import RedirectWarning


class TelecomTicket(models.Model):
    """A ticket that was merged into another: whoever comes to it goes on there."""

    _inherit = "telecom.ticket"

    def _get_living(self):
        """The ticket that this one was merged into in the end; itself if it was not."""
        ticket = seen = self
        while ticket.merged_into_id and ticket.merged_into_id not in seen:
            ticket = ticket.merged_into_id
            seen |= ticket
        return ticket

    def _continue_in(self, author, kwargs):
        target = self.sudo()._get_living()
        if target == self:
            return super()._continue_in(author, kwargs)
        target = target.with_env(self.env)
        if not target.has_access("read"):
            # The customer of a merged ticket speaks to it, whether they see the whole or not.
            target = target.sudo()
        return target._continue_in(author, kwargs)

    def message_post(self, **kwargs):
        is_colleagues = kwargs.get("message_type") == "comment" and self.env.user._is_internal()
        if is_colleagues and self.sudo().merged_into_id:
            self.check_access("read")
            self._refuse_as_merged()
        return super().message_post(**kwargs)

    def _before_write(self, vals):
        if "stage_id" in vals and not self.env.context.get("telecom_merging"):
            self.sudo().filtered("merged_into_id")[:1]._refuse_as_merged()
        return super()._before_write(vals)

    def _refuse_as_merged(self):
        """:raises RedirectWarning: this ticket, if any, was merged; its target is offered"""
        if self:
            target = self.sudo()._get_living().with_env(self.env)
            raise RedirectWarning(
                self.env._(
                    "%(ticket)s was merged into %(target)s. Go on there.",
                    ticket=self.number,
                    target=target.sudo().number,
                ),
                target.get_formview_action(),
                self.env._("Open %(target)s", target=target.sudo().number),
            )
