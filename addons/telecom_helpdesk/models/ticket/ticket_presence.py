from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

# Without a heartbeat for this long a viewer is gone; pages send one every 25 seconds.
LIFETIME = timedelta(seconds=60)
# A browser starts to listen a moment after it asked to; what was said then is repeated.
SUBSCRIPTION_GAP = timedelta(seconds=3)
# Rows nobody looks at any more are kept this long, away from those still being renewed.
RETENTION = timedelta(hours=1)
MODES = [("viewing", "Viewing"), ("writing", "Writing an answer")]


class TelecomTicketPresence(models.Model):
    """Who has a ticket on the screen, and who is answering it, at this moment.

    The rows are the truth for all servers on the database. The bus only says what changes:
    a message that got lost is made good by the answer to the next heartbeat. Users have no
    rights on the rows; they go through ``announce`` and ``withdraw``, which ask whether
    the ticket may be read.
    """

    _name = "telecom.ticket.presence"
    _description = "Ticket Presence"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _log_access = False
    _rec_name = "user_id"

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    mode = fields.Selection(MODES, required=True)
    seen_at = fields.Datetime(required=True)

    _ticket_user_unique = models.UniqueIndex("(ticket_id, user_id)")

    @api.model
    def announce(self, ticket_id, mode, heartbeat=False):
        """Announce that the current user has a ticket open; return who else has.

        :param str mode: ``viewing`` or ``writing``
        :param bool heartbeat: nothing has changed on the page that speaks. Such a page
            leaves it alone that another page of the same user is being written on.
        :return: the others: dicts as ``_describe`` makes them
        :raises AccessError: the user may not read the ticket, it is gone, or they are no colleague
        """
        ticket = self._get_readable_ticket(ticket_id)
        if mode not in dict(MODES):
            raise ValueError(f"Unknown presence mode {mode!r}")
        alive = self._get_alive(ticket)
        mine = alive.filtered(lambda presence: presence.user_id == self.env.user)
        if not (heartbeat and mode == "viewing" and mine.mode == "writing"):
            was = mine.mode
            self._renew(ticket, mode)
            if was != mode:
                ticket._bus_send(
                    "telecom.ticket/presence", self._describe(ticket, self.env.user, mode)
                )
        return [
            self._describe(ticket, presence.user_id, presence.mode) for presence in alive - mine
        ]

    @api.model
    def withdraw(self, ticket_id, mode):
        """Say that a page of the current user, which was in ``mode``, has closed.

        It is their own row alone: who may not read the ticket any more leaves it, too.
        """
        if not isinstance(ticket_id, int) or mode not in dict(MODES):
            return
        # Another page of theirs, on which they are writing, still stands.
        self.env.cr.execute(
            SQL(
                """DELETE FROM telecom_ticket_presence
                    WHERE ticket_id = %s AND user_id = %s
                      AND (mode = %s OR %s = 'writing')""",
                ticket_id,
                self.env.uid,
                mode,
                mode,
            ),
            log_exceptions=False,
        )
        if self.env.cr.rowcount:
            self.sudo().invalidate_model()
            ticket = self.env["telecom.ticket"].browse(ticket_id)
            ticket._bus_send(
                "telecom.ticket/presence", self._describe(ticket, self.env.user, False)
            )

    @api.model
    def _get_readable_ticket(self, ticket_id):
        """Return the ticket; the error does not reveal whether it is deleted or not readable."""
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only colleagues see who is viewing a ticket."))
        tickets = self.env["telecom.ticket"]
        tickets.check_access("read")
        ticket = isinstance(ticket_id, int) and tickets.browse(ticket_id).exists()
        if not ticket or not ticket.has_access("read"):
            raise AccessError(self.env._("Only those who can open a ticket see who is viewing it."))
        return ticket

    @api.model
    def _get_alive(self, ticket):
        return self.sudo().search(
            [
                ("ticket_id", "=", ticket.id),
                ("seen_at", ">", fields.Datetime.now() - LIFETIME),
            ],
            order="id",
        )

    @api.model
    def _repeat_latest(self, tickets):
        """Tell the current user, who just began to listen, what they may have missed."""
        latest = self.sudo().search(
            [
                ("ticket_id", "in", tickets.ids),
                ("user_id", "!=", self.env.uid),
                ("seen_at", ">", fields.Datetime.now() - SUBSCRIPTION_GAP),
            ]
        )
        for presence in latest:
            self.env.user.partner_id._bus_send(
                "telecom.ticket/presence",
                self._describe(presence.ticket_id, presence.user_id, presence.mode),
            )

    @api.model
    def _renew(self, ticket, mode):
        # One statement, since two pages of one user may arrive together.
        self.env.cr.execute(
            SQL(
                """INSERT INTO telecom_ticket_presence (ticket_id, user_id, mode, seen_at)
                   VALUES (%s, %s, %s, %s)
                   ON CONFLICT (ticket_id, user_id)
                   DO UPDATE SET mode = EXCLUDED.mode, seen_at = EXCLUDED.seen_at""",
                ticket.id,
                self.env.uid,
                mode,
                fields.Datetime.now(),
            ),
            log_exceptions=False,
        )
        self.sudo().invalidate_model()

    @api.model
    def _describe(self, ticket, user, mode):
        """What pages are told of ``user``; a false ``mode`` means that they left."""
        return {
            "ticket_id": ticket.id,
            "user_id": user.id,
            "name": user.sudo().name,
            "mode": mode,
        }

    @api.autovacuum
    def _gc_expired(self):
        self.search([("seen_at", "<", fields.Datetime.now() - RETENTION)]).unlink()
