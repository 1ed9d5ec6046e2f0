import xmlrpc.client

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize, email_normalize_all

from ..filters import read_mail
from ..filters.incoming import raw_header, set_header
from ..filters.raw import mend_raw
from ..filters.text import ADDRESS
from ..tools.delivery import Delivery, SetAside, digest, shorten_headers
from .gateway_errors import is_transient

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
            return self._take_in(delivery, model, custom_values, **kwargs)
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
        process = super(MailThread, threads).message_process
        with self.env.cr.savepoint():
            result = process(model, raw, custom_values, **kwargs)
            if not delivery.routed and self._has_other_mails_id(delivery):
                # A device that gives all its mails one Message-ID. Odoo takes the second for
                # the first.
                delivery.message_id = f"<{digest(delivery.raw)}@content.invalid>"
                result = process(model, raw, custom_values, **kwargs)
        return result

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
    def _has_other_mails_id(self, delivery):
        """Whether a mail that Odoo took for a copy has but the Message-ID of another one.

        Copies of one mail, by whatever way they came, have its sender and date.
        """
        parsed = delivery.parsed
        if not parsed or not parsed.get("date"):
            return False
        known = (
            self.env["mail.message"]
            .sudo()
            .search([("message_id", "=", parsed["message_id"])], limit=1)
        )
        return (
            known.message_type == "email"
            and not delivery.is_own_copy
            and (
                email_normalize(known.email_from) != email_normalize(parsed["email_from"])
                or str(known.date) != parsed["date"]
            )
        )

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

        Anybody can write such a header. While our server's name is not known, the topmost one
        proves nothing, and harms a mail only if it speaks for the domain's owner (DMARC).
        """
        said = hints.get("authentication")
        if not said:
            return None
        parameter = self.env["ir.config_parameter"].sudo()
        server = parameter.get_param("telecom_helpdesk_mail.authentication_server") or ""
        server = "".join(server.lower().split())
        if server:
            return said["verdicts"].get("" if server == NAMELESS else server)
        return "fail" if said["verdicts"].get(said["first"]) == "fail" else None

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

    # Bounces

    @api.model
    def _detect_is_bounce(self, message, message_dict):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super()._detect_is_bounce(message, message_dict)
        bounce = delivery.hints.get("bounce")
        if bounce:
            return not bounce["temporary"]
        # A read receipt is a report as well.
        if delivery.hints.get("automatic"):
            return False
        book = self.env["mail.alias.domain"]._get_address_book()
        return (
            not book.bounces.isdisjoint(email_normalize_all(message_dict["to"]))
            or message.get_content_type() == "multipart/report"
            or (email_normalize(message_dict["email_from"]) or "").startswith("mailer-daemon@")
        )

    @api.model
    def _message_parse_extract_bounce(self, email_message, message_dict):
        result = super()._message_parse_extract_bounce(email_message, message_dict)
        delivery = self.env.context.get("telecom_mail")
        bounce = delivery.hints.get("bounce") if delivery else None
        if not bounce:
            return result
        messages = self.env["mail.message"].sudo()
        if bounce["message_ids"]:
            messages = messages.search(
                [("message_id", "in", bounce["message_ids"])], order="id desc", limit=1
            )
        if not result["is_bounce"]:
            # The mail is late, not lost: a line in the thread that it belongs to.
            if messages and not message_dict.get("parent_id"):
                message_dict["references"] = " ".join(bounce["message_ids"])
            delivery.hints.setdefault("automatic", "notice")
            return result
        if not result["bounced_message"]:
            result["bounced_message"] = messages
            result["bounced_msg_ids"] = bounce["message_ids"]
        if not result["bounced_email"] and bounce["addresses"]:
            address = bounce["addresses"][0]
            result["bounced_email"] = address
            result["bounced_partner"] = (
                self.env["res.partner"].sudo().search([("email_normalized", "=", address)])
            )
        return result

    # The way

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        failure = ""
        try:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError as error:
            routes, failure = [], str(error)
        if message_dict["is_bounce"]:
            delivery.routed = bool(message_dict["bounced_message"].res_id)
            if not delivery.routed:
                raise SetAside("bounce", delivery.hints.get("bounce", {}).get("reason", ""))
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
