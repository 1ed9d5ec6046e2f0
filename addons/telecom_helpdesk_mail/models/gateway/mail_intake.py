import base64
import binascii
import xmlrpc.client
from contextlib import suppress

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError

from ...filters.raw import mend_raw
from ...tools.incoming_mail import (
    IncomingMail,
    MailAlreadyReceived,
    MailQuarantined,
    shorten_headers,
)
from .gateway_errors import in_transaction, is_transient

# Mails above this size (bytes) are not even parsed: the worker would run out of memory, and the
# next one that fetches them as well. Providers take between 25 and 150 MB.
MAX_SIZE = 100 * 2**20


class MailThread(models.AbstractModel):
    """The mail gateway, extended so that no mail is lost.

    Odoo's gateway raises for a mail that it cannot process, and ignores some without a word;
    what then becomes of it is up to who fetched it. Here it is kept in the quarantine.
    """

    _inherit = "mail.thread"

    @api.model
    def telecom_receive_mail(self, mail):
        """Entry point for `telecom-mailgate.py`, which a mail server pipes mails to.

        True means that the mail is kept, once this transaction is committed.

        Odoo's JSON-2 API carries no bytes, hence ``mail`` is the raw mail in base64. (XML-RPC
        does, but is to go, and answers with a fault where ``message_process`` returns nothing.)

        :raise AccessError: the user is neither in the group "Mail Gateway" nor an administrator.
            Such a user needs no other rights: as with Odoo's fetch, the system does the work.
        :raise UserError: ``mail`` is no base64
        """
        self._check_hands_over_mail()
        try:
            raw = base64.b64decode(mail, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise UserError(self.env._("The mail has to be in base64.")) from error
        self.with_user(SUPERUSER_ID).message_process(False, raw)
        return True

    @api.model
    def _check_hands_over_mail(self):
        """:raises AccessError: this user is not one by whom mail comes in

        Whoever hands over a raw mail says who wrote it, and what our mail server thought of that.
        """
        if not (
            self.env.su
            or self.env.user.has_group("telecom_helpdesk_mail.group_mail_gateway")
            or self.env.is_system()
        ):
            raise AccessError(self.env._("You may not hand over incoming mail."))

    @api.model
    def _receive_mail(self, model, message, custom_values=None, **kwargs):
        """Take in a raw mail, or keep it in the quarantine; parameters are ``message_process``'s.

        :return: id of the record that took it, or False
        :raises Exception: see ``_keep_unprocessed``
        """
        if isinstance(message, xmlrpc.client.Binary):
            message = message.data
        raw = message.encode() if isinstance(message, str) else bytes(message)
        incoming = IncomingMail(raw)
        try:
            try:
                return self._take_in(incoming, model, custom_values, **kwargs)
            except UniqueViolation:
                # Two mails may do the same at once, such as begin a clock. A new transaction that
                # sees the other one shows whether the mail itself is the cause.
                return self._retry_in_new_transaction(incoming, model, custom_values, **kwargs)
        except Exception as error:
            if isinstance(error, AccessError) and not self.env.su:
                # Anybody may call this method, but not fill the quarantine.
                raise
            self._keep_unprocessed(incoming, error)
            return False

    @api.model
    def _take_in(self, incoming, model=False, custom_values=None, **kwargs):
        """Process a mail (:class:`IncomingMail`) all or not at all.

        :return: id of the record that took it; False where none had to
        :raises MailQuarantined: it is not to become a ticket, for now
        """
        self._check_hands_over_mail()
        if len(incoming.raw) > MAX_SIZE:
            raise MailQuarantined("too_large")
        raw, incoming.is_whole = mend_raw(shorten_headers(incoming.raw))
        threads = self.with_context(telecom_mail=incoming)

        def process():
            with suppress(MailAlreadyReceived):
                return threads._process_by_odoo(model, raw, custom_values, **kwargs)
            return False

        with self.env.cr.savepoint():
            result = process()
            if not incoming.is_new and not self._is_copy(incoming, custom_values):
                # Another mail, or the same for another company: it is known by an id of its own.
                companies = "".join(f".{company.id}" for company in incoming.companies)
                incoming.message_id = f"<{incoming.digest}{companies}@content.invalid>"
                result = process()
            if not incoming.is_new:
                self.env["telecom.mail.receipt"].sudo()._note_copy(incoming)
        return result

    @api.model
    def _retry_in_new_transaction(self, incoming, *args, **kwargs):
        """``_take_in`` in a new transaction: it sees what others have committed meanwhile."""
        return in_transaction(
            self.env,
            lambda env: self.with_env(env)._take_in(IncomingMail(incoming.raw), *args, **kwargs),
        )

    @api.model
    def _keep_unprocessed(self, incoming, error):
        """Store a mail that could not be processed, without an error for the caller.

        :raises Exception: where it is the database that has trouble, and where the mail cannot
            be stored either: whoever brought it has to come again with it
        """
        if is_transient(error):
            raise error
        self.env["telecom.mail.quarantine"]._keep(incoming, error)

    @api.model
    def _claim_mail(self, incoming):
        """Have the mail be this transaction's.

        :raises MailAlreadyReceived: one with this Message-ID is here
        """
        if not self.env["telecom.mail.receipt"].sudo()._claim(incoming):
            raise MailAlreadyReceived
        incoming.is_new = True
