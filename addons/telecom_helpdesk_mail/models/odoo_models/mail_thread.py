from odoo import api, models

from ...tools.incoming_mail import IncomingMail


class MailThread(models.AbstractModel):
    """What Odoo's gateway does otherwise here, in the order in which a mail passes it.

    Only what needs Odoo's own method stands here. What is done about the mail is in ``gateway/``,
    by subject, and in ``ticket/`` what is done about the ticket. A mail on its way is an
    :class:`IncomingMail`; where there is none, each method is Odoo's.
    """

    _inherit = "mail.thread"

    # In

    @api.model
    def message_process(self, model, message, custom_values=None, **kwargs):
        """No mail is lost: what Odoo's gateway refuses, fails at or ignores is in quarantine.

        Relies on: every door calls this, with a raw mail; what is raised in a fetch leaves the
        mail unread.
        """
        receive = self._receive_mail
        if self.env.context.get("telecom_fetch"):
            receive = self._receive_fetched_mail
        return receive(model, message, custom_values, **kwargs)

    @api.model
    def _process_by_odoo(self, *args, **kwargs):
        """Odoo's own ``message_process``, which ours stands in front of."""
        # pylint: disable-next=super-method-mismatch
        return super().message_process(*args, **kwargs)

    # Reading

    @api.model
    def message_parse(self, message, save_original=False):
        """The filters mend the mail before Odoo reads it, and say what it says of itself.

        Relies on: it is called once for each mail, before anything is written, and gives a dict
        with ``message_id``, ``references``, ``in_reply_to``, ``email_from``, ``from``, ``to``,
        ``cc``, ``recipients``, ``to_filtered`` and ``cc_filtered``.
        """
        incoming = IncomingMail.of(self.env)
        if not incoming:
            return super().message_parse(message, save_original=save_original)
        self._read_hints(incoming, message)
        message_dict = super().message_parse(message, save_original=save_original)
        self._correct_message_dict(incoming, message_dict)
        return message_dict

    @api.model
    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Text and files as a mail program shows them; Odoo keeps the last HTML alone.

        Relies on: ``message_parse`` takes ``body`` and ``attachments`` from here.
        """
        incoming = IncomingMail.of(self.env)
        if not incoming:
            return super()._message_parse_extract_payload(message, message_dict, save_original)
        return self._extract_content(incoming, save_original)

    @api.model
    def _detect_is_bounce(self, message, message_dict):
        """Humans write to the bounce address as well, and reports say other things than that.

        Relies on: ``_message_parse_extract_bounce`` asks this, and takes a bool.
        """
        incoming = IncomingMail.of(self.env)
        if not incoming:
            return super()._detect_is_bounce(message, message_dict)
        return self._is_bounce(incoming, message, message_dict)

    @api.model
    def _message_parse_extract_bounce(self, email_message, message_dict):
        """Whom a report is about and which mail: Odoo takes whoever was notified besides.

        Relies on: ``is_bounce``, ``bounced_email``, ``bounced_partner``, ``bounced_message`` and
        ``bounced_msg_ids`` are what the rest of the gateway goes by.
        """
        result = super()._message_parse_extract_bounce(email_message, message_dict)
        if incoming := IncomingMail.of(self.env):
            self._correct_bounce(incoming, message_dict, result)
        return result

    @api.model
    def _detect_loop_headers(self, msg_dict):
        """What Odoo would drop goes to the quarantine, and comes in where somebody releases it.

        Relies on: ``message_process`` drops the mail without a word where this is true.
        """
        is_loop = super()._detect_loop_headers(msg_dict)
        incoming = IncomingMail.of(self.env)
        return self._is_loop(incoming) if is_loop and incoming else is_loop

    # The way

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Each mail is taken in once, and what tickets make of Odoo's routes is theirs to say.

        Relies on: routes are tuples (model, id, values, user id, alias); none, or a ValueError,
        where Odoo finds nowhere to go.
        """
        incoming = IncomingMail.of(self.env)
        if not incoming:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        self._claim_mail(incoming)
        failure = ""
        try:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError as error:
            routes, failure = [], str(error)
        return self._choose_way(incoming, message, message_dict, routes, failure)

    @api.model
    def _routing_reset_bounce(self, email_message, message_dict):
        """One question to the database instead of one for each model that counts bounces.

        Relies on: ``message_route`` calls this for each mail that is no bounce.
        """
        if IncomingMail.of(self.env):
            self._reset_bounces(message_dict)
        else:
            super()._routing_reset_bounce(email_message, message_dict)

    @api.model
    def _mail_find_user_for_gateway(self, email_value, alias=None):
        """Who makes a ticket is the author's user, see ``_routing_check_route``: not asked twice.

        Relies on: an empty user leaves the route with the one who runs the gateway.
        """
        if alias and self._is_ticket_alias(alias):
            return self.env["res.users"]
        return super()._mail_find_user_for_gateway(email_value, alias=alias)

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """The author is known once Odoo has checked a route, and with them who makes the ticket.

        Relies on: it sets ``message_dict["author_id"]`` and gives the route back, or nothing.
        """
        route = super()._routing_check_route(
            message, message_dict, route, raise_exception=raise_exception
        )
        if route and route[4] and self._is_ticket_alias(route[4]):
            return self._name_maker(message_dict, route)
        return route

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        """Nobody whose address was forged gets an answer; any other counts as one.

        Relies on: all that Odoo sends back to a sender goes through this.
        """
        incoming = IncomingMail.of(self.env)
        if incoming and incoming.is_forged:
            # The mail goes to the quarantine.
            return None
        if incoming:
            incoming.routed = True
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Floods of tickets go to the quarantine; Odoo would drop them and send another mail.

        Relies on: ``message_process`` drops the mail where this is true.
        """
        incoming = IncomingMail.of(self.env)
        if incoming:
            routes = self._check_ticket_flood(incoming, message_dict, routes or ())
            if not routes:
                return False
        return super()._detect_loop_sender(message, message_dict, routes)

    @api.model
    def _message_parse_post_process(self, message, message_dict, routes):
        """No contacts are looked for where nobody but us is addressed.

        Relies on: it looks for them in ``recipients``, and changes ``message_dict`` in no place.
        """
        if self._is_to_tickets_alone(message_dict, routes):
            message_dict = {**message_dict, "recipients": ""}
        return super()._message_parse_post_process(message, message_dict, routes)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """From here on the mail has a record, or raises.

        Relies on: it comes last, for a mail that is neither copy nor loop.
        """
        if incoming := IncomingMail.of(self.env):
            incoming.routed = True
        return super()._message_route_process(message, message_dict, routes)
