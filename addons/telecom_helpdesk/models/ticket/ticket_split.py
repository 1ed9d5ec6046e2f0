from markupsafe import escape

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, is_html_empty
from odoo.tools.mail import parse_contact_from_email


class TelecomTicket(models.Model):
    """A message that is about something else becomes a ticket of its own."""

    _inherit = "telecom.ticket"

    def _split(self, message, values=None):
        """Move ``message`` (mail.message of this ticket) to a new ticket.

        :param values: what the new ticket has of its own (dict): subject, team, category
        :return: the new ticket
        :raises UserError: the message cannot be moved
        """
        self.ensure_one()
        self.check_access("write")
        message.check_access("read")
        self._check_can_split(message)
        # Rules for new tickets look at what is written in it.
        opened = self.with_context(telecom_opening=(message.body, False))
        new = opened.create({**self._prepare_split_values(message), **(values or {})})
        new = new.with_env(self.env)
        self.sudo()._move_message(message.sudo(), new.sudo())
        for log, text, other in (
            (new, self.env._("Split off from %(ticket)s."), self),
            (self, self.env._("A message was split off into %(ticket)s."), new),
        ):
            log._message_log(body=escape(text) % {"ticket": other._get_html_link()})
        return new

    def _check_can_split(self, message):
        kinds = ("customer", "supplier", "note", "automatic")
        if (message.model, message.res_id) != (self._name, self.id):
            raise UserError(self.env._("The message is no longer on this ticket."))
        if message._get_telecom_kind() not in kinds or message.message_type == "auto_comment":
            raise UserError(
                self.env._("Only messages from outside and internal notes can be split off.")
            )

    @api.model
    def _get_split_subject(self, message):
        """What a ticket made of ``message`` is called unless somebody says otherwise."""
        ticket = self.browse(message.res_id)
        return message.subject or ticket.name

    def _prepare_split_values(self, message):
        """Values of the ticket that ``message`` becomes: the customer and what they have."""
        ticket, author = self.sudo(), message.sudo().author_id
        values = {
            "name": self._get_split_subject(message),
            "partner_id": ticket.partner_id.id,
            "partner_name": ticket.partner_name,
            "partner_email": ticket.partner_email,
            "partner_phone": ticket.partner_phone,
            "team_id": ticket.team_id._get_current().id,
            "company_id": ticket.company_id.id,
            "category_id": ticket.category_id.filtered("active").id,
            "service_id": ticket.service_id.id,
            "contract_id": ticket.contract_id.id,
            "channel": ticket.channel,
        }
        if message.sudo()._get_telecom_kind() != "customer":
            return values
        if author and author.commercial_partner_id == ticket.commercial_partner_id:
            # A colleague of theirs wrote: the new ticket is that one's.
            values["partner_id"] = author.id
            if author != ticket.partner_id:
                values.update(partner_name=author.name, partner_email=author.email)
                values["partner_phone"] = author.phone
        elif not ticket.partner_id and message.email_from:
            name, address = parse_contact_from_email(message.email_from)
            if address and email_normalize(address) != email_normalize(ticket.partner_email):
                values.update(partner_name=name, partner_email=address, partner_phone=False)
        return values

    def _move_message(self, message, new):
        """Have ``message`` be the first word of the ticket ``new``; with its attachments."""
        kind = message._get_telecom_kind()
        message.write({"res_id": new.id, "parent_id": False})
        # Of messages that answer it, the rest of the old thread is no part.
        message.child_ids.write({"parent_id": False})
        message.attachment_ids.filtered(
            lambda file: (file.res_model, file.res_id) == (self._name, self.id)
        ).write({"res_id": new.id})
        if kind == "customer":
            self._hand_over_question(message, new)
        for ticket in self + new:
            ticket._bus_send("telecom.ticket/message", {"ticket_id": ticket.id})

    def _hand_over_question(self, message, new):
        """The customer's ``message`` is on the ticket ``new`` now: on both, when they wrote and
        since when they wait for an answer follows the messages."""
        new._write_due({"last_customer_message_at": message.date})
        written = self._find_customer_messages()
        vals = {"last_customer_message_at": max(written, default=False)}
        if waiting_since := self.unanswered_since:
            asked_at = message.create_date.replace(microsecond=0)
            if asked_at >= waiting_since:
                new._write_due({"unanswered_since": asked_at})
            # One that no message opened says itself what they wait for.
            opened_by_message = self.channel in ("email", "portal")
            if self.first_response_at or (opened_by_message and is_html_empty(self.description)):
                waiting = [at for at in written if at >= waiting_since]
                vals["unanswered_since"] = min(waiting, default=False)
        self._write_due(vals)

    def _find_customer_messages(self):
        """When the customer's messages on this ticket came in, in whole seconds."""
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id", "=", self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")),
            ]
        )
        return [
            message.create_date.replace(microsecond=0)
            for message in messages
            if message._get_telecom_kind() == "customer"
        ]
