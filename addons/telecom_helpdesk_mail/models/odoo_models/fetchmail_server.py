import logging
from functools import partial

from odoo import api, fields, models
from odoo.service.model import retrying

from ...tools.delivery import Delivery
from ...tools.mailbox import Fetch, Mailbox

_logger = logging.getLogger(__name__)


class ServerStoppedError(Exception):
    """A mail is too much for the server: out of memory, or out of time."""


class FetchmailServer(models.Model):
    """A mailbox that Odoo fetches from, where nothing is marked as seen before it is safe.

    Odoo's own fetch goes on doing the work. It marks every mail that it read, also one that it
    failed to process; here a mail is only marked once its transaction is committed, be it as a
    message or in quarantine. Whoever processes a mail says "not kept" by raising.

    While a fetch runs, the context key ``telecom_fetch`` holds what it knows (see ``Fetch``).
    """

    _name = "fetchmail.server"
    _inherit = ["fetchmail.server", "telecom.guard.mixin"]

    telecom_team_id = fields.Many2one(
        "telecom.ticket.team",
        string="Team",
        index="btree_not_null",
        help="Gets the mails in this mailbox that name none of your addresses: blind copies, say.",
    )

    @api.onchange("telecom_team_id")
    def _onchange_telecom_team_id(self):
        if self.telecom_team_id:
            self.object_id = self.env["ir.model"]._get("telecom.ticket")

    def _connect__(self, allow_archived=False):
        connection = super()._connect__(allow_archived)
        fetch = self.env.context.get("telecom_fetch")
        if not fetch:
            return connection
        fetch.open_mailbox(self.id, self.telecom_team_id.id)
        return Mailbox(connection, fetch)

    def _fetch_mail(self, batch_limit=50):
        fetch = Fetch()
        servers = self.with_context(telecom_fetch=fetch)
        error = super(FetchmailServer, servers)._fetch_mail(batch_limit)
        for server in self.browse(fetch.left):
            count = fetch.left[server.id]
            _logger.warning("%s mail(s) stay unread in mailbox %s", count, server.name)
            server.error_date = fields.Datetime.now()
            server.error_message = self.env._(
                "Mails that could be neither processed nor stored: %s. They stay unread, and the "
                "next fetch tries them again. The server's log says why.",
                count,
            )
        if fetch.left:
            # The button would undo it when it shows the error of another mailbox.
            self.env["ir.cron"]._commit_progress()
        return error


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, custom_values=None, **kwargs):
        """In a fetch, each mail is a transaction, tried again like a request where another one
        was in its way. What is raised leaves the mail unread in its mailbox.
        """
        fetch = self.env.context.get("telecom_fetch")
        if not fetch:
            return super().message_process(model, message, custom_values, **kwargs)
        if fetch.unreadable:
            raise fetch.unreadable
        if fetch.team_id:
            model, custom_values = "telecom.ticket", {"team_id": fetch.team_id}
        # Mails that are processed on the way are no business of the fetch.
        threads = self.with_context(telecom_fetch=False)
        process = super(MailThread, threads).message_process
        result = threads._process_fetched(
            message, partial(process, model, message, custom_values, **kwargs)
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
            self.env["telecom.mail.quarantine"]._keep(Delivery(raw), error)

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
