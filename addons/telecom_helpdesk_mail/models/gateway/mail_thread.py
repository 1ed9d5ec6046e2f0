import xmlrpc.client
from contextlib import suppress

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize, email_normalize_all

from ...filters import read_mail
from ...filters.incoming import raw_header, set_header
from ...filters.raw import mend_raw
from ...filters.text import ADDRESS
from ...tools.delivery import AlreadyTaken, Delivery, SetAside, shorten_headers
from .gateway_errors import in_transaction, is_transient

# Mails above this size (bytes) are not even parsed: the worker would run out of memory, and the
# next one that fetches them as well. Providers take between 25 and 150 MB.
MAX_SIZE = 100 * 2**20
# Entered instead of a server that writes no name of its own into Authentication-Results.
NAMELESS = "-"


class MailThread(models.AbstractModel):
    """The gateway, made so that it loses no mail.

    Odoo's gateway raises for a mail that it cannot process, and ignores some without a word;
    what then becomes of it is up to who fetched it. Here it is kept in the quarantine.
    """

    _inherit = "mail.thread"

    # In

    @api.model
    def message_process(self, model, message, custom_values=None, **kwargs):
        if isinstance(message, xmlrpc.client.Binary):
            message = message.data
        raw = message.encode() if isinstance(message, str) else bytes(message)
        delivery = Delivery(raw)
        try:
            try:
                return self._take_in(delivery, model, custom_values, **kwargs)
            except UniqueViolation:
                # Two mails may do the same at once, such as begin a clock. Whose fault it is,
                # a transaction that sees the other one shows.
                return self._take_in_anew(delivery, model, custom_values, **kwargs)
        except Exception as error:
            if isinstance(error, AccessError) and not self.env.su:
                # Anybody may call this method, but not fill the quarantine.
                raise
            self._keep_unprocessed(delivery, error)
            return False

    @api.model
    def _take_in(self, delivery, model=False, custom_values=None, **kwargs):
        """Process a mail (:class:`Delivery`) all or not at all.

        :return: id of the record that took it; False where none had to
        :raises SetAside: it is not to become a ticket, for now
        """
        self._check_hands_over_mail()
        threads = self.with_context(telecom_mail=delivery)
        if len(delivery.raw) > MAX_SIZE:
            raise SetAside("too_large")
        raw, delivery.is_whole = mend_raw(shorten_headers(delivery.raw))
        parent = super(MailThread, threads)

        def process():
            with suppress(AlreadyTaken):
                return parent.message_process(model, raw, custom_values, **kwargs)
            return False

        with self.env.cr.savepoint():
            result = process()
            if not delivery.is_new and not self._is_copy(delivery, custom_values):
                # Another mail, or the same for another company: it is known by an id of its own.
                companies = "".join(f".{company.id}" for company in delivery.companies)
                delivery.message_id = f"<{delivery.digest}{companies}@content.invalid>"
                result = process()
            if not delivery.is_new:
                self.env["telecom.mail.receipt"].sudo()._note_copy(delivery)
        return result

    @api.model
    def _take_in_anew(self, delivery, *args, **kwargs):
        """``_take_in`` in a new transaction: it sees what others have committed meanwhile."""
        return in_transaction(
            self.env,
            lambda env: self.with_env(env)._take_in(Delivery(delivery.raw), *args, **kwargs),
        )

    @api.model
    def _keep_unprocessed(self, delivery, error):
        """Store a mail that could not be processed; the caller is not troubled.

        :raises Exception: where it is the database that has trouble, and where the mail cannot
            be stored either: whoever brought it has to come again with it
        """
        if is_transient(error):
            raise error
        self.env["telecom.mail.quarantine"]._keep(delivery, error)

    @api.model
    def message_parse(self, message, save_original=False):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super().message_parse(message, save_original=save_original)
        delivery.hints, delivery.content = read_mail(message)
        delivery.content.is_whole &= delivery.is_whole
        if "recipients" in delivery.hints:
            self._drop_crowd(message)
        if delivery.hints.get("list_address") in self.env["mail.alias"]._get_support_addresses():
            # Our address is that of a group, and all mail comes through it.
            delivery.hints.pop("no_acknowledgement", None)
        delivery.is_own_copy = "X-Odoo-Objects" in message
        result = super().message_parse(message, save_original=save_original)
        for name in ("recipients", "to"):
            result[name] = self.env["mail.alias.domain"]._without_tags(result[name])
        if delivery.message_id:
            result["message_id"] = delivery.message_id
        if result["references"] and result["in_reply_to"] not in result["references"]:
            # Odoo looks at the one or at the other; a list that a program cut may miss the last.
            result["references"] += f" {result['in_reply_to']}"
        self._limit_recipients(delivery, result)
        delivery.verdict = self._get_verdict(delivery.hints)
        self._name_sender(delivery, result)
        delivery.parsed = result
        return result

    @api.model
    def _get_verdict(self, hints):
        """What our own mail server says of the sender: "pass", "fail", "doubt" or None.

        Anybody can write such a header, so that of others counts neither way.
        """
        said = hints.get("authentication")
        if not said:
            return None
        parameter = self.env["ir.config_parameter"].sudo()
        server = parameter.get_param("telecom_helpdesk_mail.authentication_server") or ""
        server = "".join(server.lower().split())
        return said["verdicts"].get("" if server == NAMELESS else server) if server else None

    @api.model
    def _drop_crowd(self, mail):
        """Leave our own addresses alone of a crowd: Odoo looks at each of it many times."""
        for name in ("To", "Cc", "Delivered-To", "Resent-To", "Resent-Cc"):
            if name in mail:
                found = [address.lower() for address in ADDRESS.findall(raw_header(mail, name))]
                own = self.env["mail.alias.domain"]._find_aliases(found)
                set_header(mail, name, ", ".join(dict.fromkeys(own)))

    @api.model
    def _limit_recipients(self, delivery, msg_dict):
        """Nobody of a crowd becomes a follower, or is proposed for an answer."""
        if "recipients" in delivery.hints:
            recipients = email_normalize_all(msg_dict["recipients"])
            own = self.env["mail.alias.domain"]._find_aliases(recipients)
            msg_dict.update(
                recipients=",".join(own), to=",".join(own), cc="", cc_filtered="", to_filtered=""
            )

    @api.model
    def _name_sender(self, delivery, msg_dict):
        """What the form on our website sends in our own name comes from who filled it in."""
        reply_to = delivery.hints.get("reply_to")
        if reply_to and email_normalize(msg_dict["email_from"]) in (
            self.env["mail.alias"]._get_support_addresses()
        ):
            msg_dict["email_from"] = msg_dict["from"] = reply_to

    # The way

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        if not self.env["telecom.mail.receipt"].sudo()._claim(delivery):
            raise AlreadyTaken
        delivery.is_new = True
        failure = ""
        try:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError as error:
            routes, failure = [], str(error)
        if message_dict["is_bounce"]:
            self._take_bounce(delivery, message_dict)
            return routes
        routes = self.env["telecom.ticket"]._choose_routes(message, message_dict, routes)
        if not routes and not delivery.routed:
            raise SetAside("no_route", failure)
        return routes

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        if delivery := self.env.context.get("telecom_mail"):
            if delivery.is_forged:
                # Whoever has that address wrote nothing; the mail goes to the quarantine.
                return None
            delivery.routed = True
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    @api.model
    def _detect_loop_headers(self, msg_dict):
        if not super()._detect_loop_headers(msg_dict):
            return False
        if delivery := self.env.context.get("telecom_mail"):
            if not delivery.released:
                raise SetAside("loop")
            return False
        return True

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        delivery = self.env.context.get("telecom_mail")
        ours = [route for route in routes or () if route[0] == "telecom.ticket"]
        others = [route for route in routes or () if route[0] != "telecom.ticket"]
        if delivery and ours:
            if not delivery.released:
                self.env["telecom.ticket"]._check_flood(message_dict, ours)
            if not others:
                return False
            routes = others
        return super()._detect_loop_sender(message, message_dict, routes)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        delivery = self.env.context.get("telecom_mail")
        threads = self
        if delivery:
            delivery.routed = True
            threads = self.with_context(telecom_mail_hints=delivery.hints)
        return super(MailThread, threads)._message_route_process(message, message_dict, routes)
