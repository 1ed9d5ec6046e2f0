from markupsafe import escape

from odoo import fields, models
from odoo.tools import SQL, email_normalize, email_normalize_all, format_datetime


class TelecomTicket(models.Model):
    """Whether replies reach the customer: before they are written, and after they were sent."""

    _inherit = "telecom.ticket"

    reaches_nobody = fields.Boolean(
        string="Answers Reach Nobody", compute="_compute_mail_notices", compute_sudo=True
    )
    reach_notice = fields.Char(
        string="Who Gets Answers", compute="_compute_mail_notices", compute_sudo=True
    )
    unsent_notice = fields.Char(
        string="Unsent Answers", compute="_compute_mail_notices", compute_sudo=True
    )

    # Before

    def _compute_mail_notices(self):
        self.reaches_nobody = self.reach_notice = self.unsent_notice = False
        facts = self._read_mail_facts()
        for ticket in self.filtered("id"):
            has_reader, unsent_ids = facts.get(ticket._origin.id, (True, []))
            ticket.unsent_notice = ticket._describe_unsent(unsent_ids)
            if ticket.is_done or ticket.is_incident or ticket.merged_into_id:
                continue
            address = ticket._get_direct_address()
            ticket.reaches_nobody = not has_reader and not address
            if ticket.reaches_nobody:
                ticket.reach_notice = self.env._(
                    "No customer receives your replies: nobody with an email address follows "
                    "this ticket. They do not count as responses."
                )
            elif address and ticket.partner_id and not ticket.partner_id.active:
                ticket.reach_notice = self.env._(
                    "The contact %(name)s is archived. Answers go to %(address)s.",
                    name=ticket.partner_id.name,
                    address=address,
                )

    def _read_mail_facts(self):
        """What was said about the mails of these tickets, in one query.

        :return: ``{id: (whether a follower outside reads answers, ids of mails that did not
            leave)}``
        """
        ids = self._origin.ids
        if not ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT ticket.id,
                          EXISTS (
                              SELECT FROM mail_followers follower
                              JOIN mail_followers_mail_message_subtype_rel follows
                                   ON follows.mail_followers_id = follower.id
                                   AND follows.mail_message_subtype_id = %(comment)s
                              JOIN res_partner partner ON partner.id = follower.partner_id
                              WHERE follower.res_model = %(model)s
                                AND follower.res_id = ticket.id
                                AND partner.active
                                AND (partner.partner_share OR partner.id = ticket.partner_id)
                                AND (partner.email_normalized IS NOT NULL OR EXISTS (
                                    SELECT FROM res_users WHERE partner_id = partner.id AND active
                                ))
                          ),
                          ARRAY (
                              SELECT mail.id FROM mail_message message
                              JOIN mail_mail mail ON mail.mail_message_id = message.id
                              WHERE message.model = %(model)s AND message.res_id = ticket.id
                                AND mail.state IN ('outgoing', 'exception')
                                AND mail.failure_reason IS NOT NULL
                              ORDER BY mail.id
                          )
                   FROM telecom_ticket ticket WHERE ticket.id = ANY(%(ids)s)""",
                comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
                model=self._name,
                ids=ids,
            )
        )
        return {id_: (has_reader, mail_ids) for id_, has_reader, mail_ids in rows}

    def _get_direct_address(self):
        """The customer's address (normalized) where Odoo would not write to their contact.

        There is none, it is archived, or it has no address; the mail or the caller left one.
        False: the contact is written to, or no address is known.
        """
        partner = self.sudo().partner_id
        if partner.active and partner.email_normalized:
            return False
        return email_normalize(self.partner_email)

    def _find_people_outside(self):
        """Recipients other than colleagues.

        :return: followers (res.partner) who can read it, and an address to add or False
        """
        ticket = self.sudo()
        people = ticket.message_partner_ids.filtered(
            lambda partner: (
                partner.active
                and (partner.partner_share or partner == ticket.partner_id)
                and (partner.email_normalized or partner.user_ids)
            )
        )
        return people, self._get_direct_address() and self.partner_email

    def _reaches_customer(self, message, told):
        """Whether ``message`` reaches the customer's side.

        By mail, by the portal, or by the mail that it came as, which its author sent to the
        customer as well. What only the supplier gets is no answer.

        :param told: recipients, as of Odoo's ``_notify_get_recipients``
        """
        # A colleague may be the customer.
        customer_id = self.sudo().partner_id.id
        outside = [
            data["id"]
            for data in told
            if (data["share"] or (data["id"] and data["id"] == customer_id))
            and (data["email_normalized"] or data["uid"])
        ]
        if outside:
            partners = self.env["res.partner"].sudo().browse(filter(None, outside))
            return not all(outside) or not all(map(self._is_supplier, partners))
        sent = f"{message.incoming_email_to or ''},{message.incoming_email_cc or ''}"
        if addresses := set(email_normalize_all(sent)):
            ticket = self.sudo()
            people = ticket.partner_id | ticket.message_partner_ids.filtered("partner_share")
            known = [email_normalize(ticket.partner_email), *people.mapped("email_normalized")]
            return bool(addresses & set(filter(None, known)))
        return False

    def action_answered_by_phone(self):
        """The agent spoke with the customer: it counts as an answer, and a note says so."""
        self.ensure_one()
        self.check_access("write")
        self.sudo().filtered("merged_into_id").with_env(self.env)._redirect_if_merged()
        note = self.message_post(
            body=self.env._("Answered by phone."), subtype_xmlid="mail.mt_note"
        )
        self.sudo()._on_agent_reply(note.sudo())

    # After

    def _find_unsent(self):
        """Mails (mail.mail) to people outside that did not leave."""
        mails = self.env["mail.mail"].sudo()
        return mails.browse(
            id_ for _reader, ids in self._read_mail_facts().values() for id_ in ids
        ).filtered(lambda mail: mail._get_addresses_outside())

    def _describe_unsent(self, mail_ids):
        mails = self.env["mail.mail"].sudo().browse(mail_ids)
        mail = mails.filtered(lambda mail: mail._get_addresses_outside())[-1:]
        if not mail:
            return False
        facts = {
            "addresses": ", ".join(mail._get_addresses_outside()),
            "reason": " ".join((mail.failure_reason or "").split()),
        }
        if mail.state == "outgoing" and mail.scheduled_date:
            return self.env._(
                "A mail to %(addresses)s has not left yet (%(reason)s). It is tried again at "
                "%(time)s.",
                time=format_datetime(self.env, mail.scheduled_date, dt_format="short"),
                **facts,
            )
        return self.env._("A mail to %(addresses)s was not sent: %(reason)s", **facts)

    def action_send_unsent(self):
        """Send again now what did not leave."""
        self.check_access("write")
        self._find_unsent()._send_again()

    def _on_mail_lost(self, message, addresses, reason, is_refused):
        """Hook: the mail of ``message`` (may be empty) did not reach these ``addresses``.

        :param addresses: of people outside
        :param reason: what the mail server said, or why there was none
        :param is_refused: False: no mail server could be reached for days
        """
        self.ensure_one()
        deliveries = self.env["telecom.incident.delivery"]
        if delivery := deliveries.search([("message_id", "in", message.ids)], limit=1):
            # Reported on the incident, once for all its customers.
            delivery._on_mail_lost(message, addresses, reason, is_refused)
            return
        writer = self._get_people_to_notify(message.author_id.user_ids, self.user_id)[:1]
        ticket = self.with_context(lang=writer.lang)
        ticket.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=ticket.env._("An answer did not reach the customer"),
            note=escape(ticket.env._("The mail to %(addresses)s was not sent: %(reason)s"))
            % {"addresses": ", ".join(addresses), "reason": reason},
            user_id=writer.id,
        )
