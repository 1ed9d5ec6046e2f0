from functools import partial

from odoo import api, models
from odoo.service.model import retrying

from ...tools.incoming_mail import IncomingMail


class ServerStoppedError(Exception):
    """A mail is too much for the server: out of memory, or out of time."""


class MailThread(models.AbstractModel):
    """Mails that Odoo fetches from a mailbox (see ``fetchmail_server.py``)."""

    _inherit = "mail.thread"

    @api.model
    def _receive_fetched_mail(self, model, message, custom_values=None, **kwargs):
        """``_receive_mail`` in a transaction of its own, tried again like a request where another
        one was in its way. What is raised leaves the mail unread in its mailbox.
        """
        fetch = self.env.context["telecom_fetch"]
        if fetch.unreadable:
            raise fetch.unreadable
        if fetch.team_id:
            model, custom_values = "telecom.ticket", {"team_id": fetch.team_id}
        # Mails that are processed on the way are no business of the fetch.
        threads = self.with_context(telecom_fetch=False)
        result = threads._process_fetched(
            message, partial(threads._receive_mail, model, message, custom_values, **kwargs)
        )
        fetch.handled = True
        return result

    @api.model
    def _process_fetched(self, raw, process):
        """``process()`` a mail (bytes) and commit, but not one that stops the server each time."""
        attempts = self.env["telecom.mail.attempt"]
        begun = attempts._begin(raw)
        if not begun:
            error = ServerStoppedError(self.env._("The server stopped whenever it processed this."))
            self.env["telecom.mail.quarantine"]._keep(IncomingMail(raw), error)

        def process_and_forget():
            result = begun and process()
            attempts._end(raw)
            return result

        try:
            return retrying(process_and_forget, self.env)
        except Exception:
            # Whatever it was, the server lives.
            self.env.cr.rollback()
            attempts._end(raw)
            self.env.cr.commit()  # pylint: disable=invalid-commit
            raise
