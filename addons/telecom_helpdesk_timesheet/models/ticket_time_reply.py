from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError


class TelecomTicket(models.Model):
    """Time that is logged with the answer."""

    _inherit = "telecom.ticket"

    def _get_allowed_message_params(self):
        return super()._get_allowed_message_params() | {"telecom_minutes", "telecom_timer"}

    def message_post(self, *, telecom_minutes=None, telecom_timer=False, **kwargs):
        """Post a message; log time with it, all of it or nothing.

        :param telecom_minutes: minutes (int) that the present user worked for it
        :param telecom_timer: whether that is what their timer on this ticket counted: it ends
        :raises UserError: that is no time to log
        """
        message = super().message_post(**kwargs)
        if telecom_minutes and self.env.user.has_group("telecom_helpdesk.group_agent"):
            # As the agent: the web client posts with the server's rights.
            ticket = self.browse(message.res_id).with_user(self.env.user)
            ticket._log_reply(self._check_minutes(telecom_minutes), telecom_timer, message)
        return message

    def _check_minutes(self, minutes):
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= 1440:
            raise UserError(self.env._("Log whole minutes, from 1 to 1440."))
        return minutes

    def _log_reply(self, minutes, is_timer, message):
        if message._get_telecom_kind() == "note":
            name = self.env._("Internal note")
        else:
            name = self.env._("Answer to the customer")
        if is_timer and self._get_own_timer():
            return self._log_timer(minutes, name, message=message)
        started_at = self.env.cr.now().replace(microsecond=0) - timedelta(minutes=minutes)
        return self._log_time(minutes, name, started_at=started_at, message=message)
