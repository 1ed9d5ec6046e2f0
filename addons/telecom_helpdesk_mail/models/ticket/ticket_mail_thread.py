from odoo import api, models
from odoo.tools.mail import email_split

from ...tools.incoming_mail import IncomingMail
from ..team.company_partner import known_to
from .ticket_outgoing import LAYOUT


class TelecomTicket(models.Model):
    """What a ticket does otherwise than Odoo's mixins: ``mail.thread`` above all.

    Only what needs Odoo's own method stands here; the rest is in the file of its subject.
    """

    _inherit = "telecom.ticket"

    # What comes in

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A mail opens a ticket: of which customer, and of which of our addresses.

        Relies on: it is called once for each new ticket, with what ``message_parse`` gave and the
        alias's values; what it returns gets the mail by ``message_post``.
        """
        tickets, values = self._prepare_opening(msg_dict, custom_values)
        return super(TelecomTicket, tickets).message_new(
            {
                **msg_dict,
                "subject": (msg_dict.get("subject") or "").strip(),
                "email_from": values["partner_email"],
                "cc": msg_dict.get("cc_filtered"),
            },
            values,
        )

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Odoo's ``message_new`` asks for everything about every field, to learn whether there is
        a field for the subject: a tenth of the time that a mail takes.

        Relies on: it looks at the names alone.
        """
        if attributes is None and self._is_being_opened():
            attributes = ["type"]
        return super().fields_get(allfields, attributes)

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        """Of those whom an answer is copied to, our own addresses are left out (``email_cc``).

        Relies on: it is called for each answer, before ``message_post``, and reads ``cc``.
        """
        self._note_answer(msg_dict)
        return super().message_update({**msg_dict, "cc": msg_dict.get("cc_filtered")}, update_vals)

    def _message_receive_bounce(self, email, partner):
        """Mark the address, and notify the agent in charge that the mail did not arrive.

        Relies on: the gateway calls it for the record of the mail that came back.

        :param email: the address, or False where nobody knows which it was
        """
        super()._message_receive_bounce(email, partner)
        self._tell_bounced(email, partner)

    # What is said

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        """Agents speak for their team; a mail may be less than it seems.

        Relies on: all that is said on a ticket passes here, what comes by mail with
        ``message_type`` "email" and ``incoming_email_cc``; ``subtype_id``, ``is_internal`` and
        ``partner_ids`` decide who reads it.
        """
        if self._is_public_post(kwargs):
            author_id, email_from = self._speak_for_team(author_id, email_from, kwargs)
        if kwargs.get("message_type") != "email":
            return super().message_post(author_id=author_id, email_from=email_from, **kwargs)
        ticket = self._in_company_lang()
        is_finished = ticket.sudo().state in ("closed", "cancelled")
        author_id, email_from = ticket._check_mail_author(author_id, email_from, kwargs)
        message = super(TelecomTicket, ticket).message_post(
            author_id=author_id, email_from=email_from, **kwargs
        )
        if incoming := IncomingMail.of(self.env):
            # A late answer may have gone on to a follow-up.
            landed = ticket.browse(message.res_id) if is_finished else ticket
            landed.sudo()._after_mail(incoming, kwargs.get("incoming_email_cc"))
        return message

    def _message_compute_parent_id(self, parent_id):
        """No question to the database where the answer is known.

        Relies on: it takes the id of a message and gives that of one on this ticket, or False.
        """
        if self._is_being_opened():
            # Nothing was said before.
            return False
        if self._is_parent_known(parent_id):
            return parent_id
        return super()._message_compute_parent_id(parent_id)

    def _message_compute_subject(self):
        """The conversation keeps one subject, with the number in front.

        Relies on: messages without a subject get this one.
        """
        subject = self._get_thread_subject(self._get_public_ancestors(None))
        return self._number_subject(subject)

    def _track_template(self, changes):
        """Mails of a stage are messages, also for several tickets at once: Odoo's mass mailing
        knows neither the thread nor the address that the customer wrote to.

        Relies on: it gives pairs (template, options) by field, for ``message_post_with_source``.
        """
        result = super()._track_template(changes)
        if "stage_id" in result:
            template, options = result["stage_id"]
            options = {**options, "composition_mode": "comment", "email_layout_xmlid": LAYOUT}
            result["stage_id"] = (template, options)
        return result

    # Whose address it is

    def _partner_find_from_emails(
        self, records_emails, filter_found=None, ban_emails=None, no_create=False, **kwargs
    ):
        """Contacts of the ticket's company alone, and no contact is made of an unknown customer.

        Relies on: gateway, composer and suggestions find contacts by this, and make one for each
        address that is not in ``ban_emails`` unless ``no_create``.
        """
        if no_create and (customer := self._find_customer(records_emails, filter_found)):
            return {self.id: customer}
        if not no_create:
            ban_emails = [*(ban_emails or ()), *self._get_unknown_addresses()]
        return super()._partner_find_from_emails(
            records_emails,
            filter_found=known_to(self.sudo().company_id, filter_found),
            ban_emails=ban_emails,
            no_create=no_create,
            **kwargs,
        )

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        """Odoo proposes an address with a name and the same without as two people.

        Relies on: it gives lists of dicts with ``email`` and ``name`` by id.
        """
        suggested = super()._message_get_suggested_recipients_batch(*args, **kwargs)
        for ticket_id, recipients in suggested.items():
            by_email = {}
            for recipient in recipients:
                known = by_email.setdefault(recipient["email"] or id(recipient), recipient)
                known["name"] = known["name"] or recipient["name"]
            suggested[ticket_id] = list(by_email.values())
        return suggested

    # What goes out

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Those who are no contacts are written to in the customer's language, not the agent's.

        Relies on: it gives dicts in which ``id`` is false for them, and takes ``lang``.
        """
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        for data in recipients:
            if self and not data["id"]:
                data["lang"] = self._get_customer_lang()
        return recipients

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Answers go to the address that the customer wrote to.

        Relies on: ``defaults`` and ``author_ids`` are by id, False where there is no record; what
        it gives is by id too.
        """
        addresses = self._get_reply_addresses(author_ids or {})
        others = self.filtered(lambda ticket: ticket.id not in addresses)
        if others or not self:
            ids = others.ids or [False]
            addresses |= super(TelecomTicket, others)._notify_get_reply_to_batch(
                defaults and {id_: defaults[id_] for id_ in ids},
                author_ids and {id_: author_ids[id_] for id_ in ids},
            )
        return addresses

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        """One thread in every mail program, and headers by which no robot answers.

        Relies on: ``headers`` in ``additional_values`` end up in the mail; what it gives are values
        of ``mail.mail``, with ``references`` and ``subject``.
        """
        headers, thread = self._prepare_thread(message) if self else ({}, {})
        additional = dict(additional_values or {})
        additional["headers"] = {
            **headers,
            **self._get_sender_headers(message),
            **(additional.get("headers") or {}),
        }
        values = super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional
        )
        return {**values, **thread}

    def _notify_by_email_prepare_rendering_context(self, message, **kwargs):
        """The team's signature stands in the layout (``team_signature``).

        Relies on: what it gives are the values of the layout, with ``record``.
        """
        values = super()._notify_by_email_prepare_rendering_context(message, **kwargs)
        team = values["record"].sudo().team_id if self._is_agent(message.author_id) else None
        values["team_signature"] = team and team.mail_signature
        return values

    def _notify_by_email_get_headers(self, headers=None):
        """Odoo adds everybody outside to To; alone there, the customer gets a stray comma.

        Relies on: it does so by ``X-Msg-To-Add``.
        """
        headers = super()._notify_by_email_get_headers(headers=headers)
        if len(email_split(headers.get("X-Msg-To-Add"))) == 1:
            del headers["X-Msg-To-Add"]
        return headers

    def _notify_by_email_get_final_mail_values(
        self, recipient_ids, mail_values, additional_values=None
    ):
        """Mails to colleagues alone bear what proves an answer theirs.

        Relies on: it is called for each mail with its recipients; ``headers`` is the text of a
        dict.
        """
        values = super()._notify_by_email_get_final_mail_values(
            recipient_ids, mail_values, additional_values=additional_values
        )
        recipients = self.env["res.partner"].sudo().browse(recipient_ids)
        if self and recipients and all(self._is_agent(partner) for partner in recipients):
            self._add_proof(values)
        return values
