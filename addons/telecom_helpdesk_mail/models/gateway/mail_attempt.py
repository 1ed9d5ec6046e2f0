from datetime import timedelta

from odoo import api, fields, models

from ...tools.incoming_mail import digest

# A mail that was begun so often and never came to an end is not begun again.
MAX_ATTEMPTS = 3


class TelecomMailAttempt(models.Model):
    """A fetched mail that is being processed, or was when the server was stopped.

    A mail may be too much for the server: out of memory or time, the worker is killed and cannot
    report it. The mail is still unread then, the next fetch begins with it, and no mail after it
    would ever come in. So each one is noted before it is begun.
    """

    _name = "telecom.mail.attempt"
    _description = "Mail in Processing"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _log_access = False

    digest = fields.Char(required=True, help="The same for every copy of the mail.")
    attempts = fields.Integer(required=True)
    last_at = fields.Datetime(required=True)

    _digest_unique = models.UniqueIndex("(digest)")

    @api.model
    def _begin(self, raw):
        """Note, for good, that a mail (bytes) is begun. Returns whether it should be."""
        self.env.cr.execute(
            """
            INSERT INTO telecom_mail_attempt (digest, attempts, last_at)
                 VALUES (%s, 1, now() AT TIME ZONE 'UTC')
            ON CONFLICT (digest) DO UPDATE
                    SET attempts = telecom_mail_attempt.attempts + 1,
                        last_at = excluded.last_at
              RETURNING attempts
            """,
            [digest(raw)],
        )
        [attempts] = self.env.cr.fetchone()
        # Each fetched mail is a transaction; this is the one before it.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return attempts <= MAX_ATTEMPTS

    @api.model
    def _end(self, raw):
        """Forget the mail, in the transaction that keeps it."""
        self.env.cr.execute("DELETE FROM telecom_mail_attempt WHERE digest = %s", [digest(raw)])

    @api.autovacuum
    def _gc_attempts(self):
        # Somebody took the mail out of the mailbox.
        self.search([("last_at", "<", fields.Datetime.now() - timedelta(days=30))]).unlink()
