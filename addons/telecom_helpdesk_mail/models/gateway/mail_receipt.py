from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# As long as a copy of a mail may still come: servers give up after five days, people later.
RETENTION = timedelta(days=90)


class TelecomMailReceipt(models.Model):
    """One row per received mail, by whatever channel, and its result.

    Duplicates leave a row as well, so that one can verify that no mail was lost. The row of the
    first also keeps the others out while it is being processed, which asking for its Message-ID
    cannot: two deliveries at once would both find none.
    """

    _name = "telecom.mail.receipt"
    _description = "Mail Received"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _log_access = False
    _order = "id desc"
    _rec_name = "message_id"

    received_at = fields.Datetime(string="Received on", required=True, index=True)
    message_id = fields.Char(
        string="Message-ID",
        help="Identifier of the mail here. A device that gives all its mails the same has one "
        "made from the content.",
    )
    email_from = fields.Char(string="From")
    digest = fields.Char(required=True, help="The same for every copy of the mail.")
    state = fields.Selection(
        [("taken", "Accepted"), ("copy", "Copy"), ("quarantine", "In quarantine")],
        string="What Became of It",
        required=True,
    )
    copy_of_id = fields.Many2one(
        "telecom.mail.receipt", string="Copy of", ondelete="set null", index="btree_not_null"
    )
    quarantine_id = fields.Many2one(
        "telecom.mail.quarantine", ondelete="set null", index="btree_not_null"
    )
    ticket_id = fields.Many2one("telecom.ticket", compute="_compute_ticket_id")

    _taken_once = models.UniqueIndex("(message_id) WHERE state = 'taken'")

    @api.depends("message_id", "quarantine_id.ticket_id")
    def _compute_ticket_id(self):
        domain = [
            ("message_id", "in", self.mapped("message_id")),
            ("model", "=", "telecom.ticket"),
        ]
        messages = self.env["mail.message"].sudo().search(domain)
        ticket_ids = {message.message_id: message.res_id for message in messages}
        for receipt in self:
            ticket_id = ticket_ids.get(receipt.message_id)
            receipt.ticket_id = ticket_id or receipt.quarantine_id.ticket_id

    @api.model
    def _claim(self, incoming):
        """Note that a mail is taken in, in this transaction. Returns whether none has done so.

        Who brings the same mail at the same time waits here until this transaction ends. If it
        took the mail, PostgreSQL tells the other one that it began too early to see that (a
        serialization failure): both doors then begin anew, and find a copy.
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO telecom_mail_receipt
                               (message_id, email_from, digest, received_at, state)
                        VALUES (%s, %s, %s, %s, 'taken')
                   ON CONFLICT (message_id) WHERE state = 'taken' DO NOTHING""",
                incoming.message_dict["message_id"],
                incoming.message_dict["email_from"],
                incoming.digest,
                fields.Datetime.now(),
            )
        )
        return bool(self.env.cr.rowcount)

    @api.model
    def _find_taken(self, message_id):
        return self.search([("message_id", "=", message_id), ("state", "=", "taken")])

    @api.model
    def _note_copy(self, incoming):
        """Note a mail that is here already."""
        message_id = incoming.message_dict["message_id"]
        return self.create(
            {
                "received_at": fields.Datetime.now(),
                "message_id": message_id,
                "email_from": incoming.message_dict["email_from"],
                "digest": incoming.digest,
                "state": "copy",
                # None where the first came before there were such rows.
                "copy_of_id": self._find_taken(message_id).id,
            }
        )

    @api.model
    def _note_quarantine(self, mail):
        """Note that ``mail`` (telecom.mail.quarantine) came, for the first time or once more."""
        first = self.search([("quarantine_id", "=", mail.id)], order="id", limit=1)
        return self.create(
            {
                "received_at": mail.last_received_at,
                "message_id": mail.message_id,
                "email_from": mail.email_from,
                "digest": mail.digest,
                "state": "copy" if first else "quarantine",
                "copy_of_id": first.id,
                "quarantine_id": mail.id,
            }
        )

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - RETENTION
        self.search([("received_at", "<", limit)], limit=10_000).unlink()
