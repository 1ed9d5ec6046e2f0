import logging

from odoo import api, fields, models

from ...tools.mailbox import Fetch, Mailbox

_logger = logging.getLogger(__name__)


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
        """In a fetch, the connection stands behind a ``Mailbox``, which marks nothing too early.

        Relies on: ``_fetch_mail`` gets its connection here, and asks it for
        ``retrieve_unread_messages``, ``handled_message`` and ``disconnect`` alone.
        """
        connection = super()._connect__(allow_archived)
        fetch = self.env.context.get("telecom_fetch")
        if not fetch:
            return connection
        fetch.open_mailbox(self.id, self.telecom_team_id.id)
        return Mailbox(connection, fetch)

    def _fetch_mail(self, batch_limit=50):
        """Says on the mailbox how many mails were left in it, and why.

        Relies on: it calls ``message_process`` for each mail in this context, goes on with the
        next where that raises, and returns the last error.
        """
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
