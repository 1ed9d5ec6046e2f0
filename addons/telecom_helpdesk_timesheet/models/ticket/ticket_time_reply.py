import re
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ...tools.hours import LONGEST_ENTRY


class TelecomTicket(models.Model):
    """Time is logged with the answer that it was spent on."""

    _inherit = "telecom.ticket"

    def _get_allowed_message_params(self):
        """The chatter's route passes on nothing to ``message_post`` but what is named here."""
        params = super()._get_allowed_message_params()
        if self.env.user.has_group("telecom_helpdesk.group_agent"):
            params |= {"telecom_minutes", "telecom_timer"}
        return params

    def message_post(self, *, telecom_minutes=None, telecom_timer=False, **kwargs):
        """Post a message and log the time that it took: both, or neither.

        Nothing of the time is in the message: customers read it, and get it by mail.

        :param telecom_minutes: how long it took (int, or text of one); nothing: no time is logged
        :param telecom_timer: whether it is what the author's timer on the ticket has
            measured, which ends by it
        :raises UserError: why the time cannot be logged; nothing is posted then
        """
        if telecom_minutes is None or telecom_minutes is False or telecom_minutes == "":
            return super().message_post(**kwargs)
        minutes = self._read_minutes(telecom_minutes)
        message = super().message_post(**kwargs)
        # Not as superuser, which is how the chatter posts: time is its author's.
        self.with_user(self.env.user)._log_reply(minutes, telecom_timer, message)
        return message

    def _message_update_content(self, message, /, **kwargs):
        """The route that edits a message passes on the same: it was answered long ago."""
        kwargs.pop("telecom_minutes", None)
        kwargs.pop("telecom_timer", None)
        return super()._message_update_content(message, **kwargs)

    def _read_minutes(self, minutes):
        """Whole minutes (int) of what was entered.

        :raises UserError: it is no number of minutes that somebody works
        """
        text = str(minutes).strip()
        if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= LONGEST_ENTRY:
            raise UserError(
                self.env._(
                    "“%(minutes)s” is no number of minutes. Enter a whole number from 1 to "
                    "%(maximum)s, or leave it empty.",
                    minutes=minutes,
                    maximum=LONGEST_ENTRY,
                )
            )
        return int(text)

    def _log_reply(self, minutes, use_timer, message):
        """Log ``minutes`` spent on this ticket with ``message`` (mail.message, or empty)."""
        self.ensure_one()
        if use_timer:
            self._get_own_timer()._log(minutes, message=message)
            self._push_timers()
        else:
            started_at = self._due_now() - timedelta(minutes=minutes)
            self._log_time(minutes, started_at=started_at, message=message)
