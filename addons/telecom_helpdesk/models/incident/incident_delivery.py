from markupsafe import escape

from odoo import api, fields, models
from odoo.tools import SQL

from ..ticket.ticket_stage import DONE_STATES


class TelecomIncidentDelivery(models.Model):
    """Delivery of one incident update to one customer, exactly once, by the scheduler.

    On a ticket linked to the incident the update is posted as its author's public message. It was
    written for these tickets by a human, so it counts as an answer like any other; only on a ticket
    that was linked automatically later has nobody looked yet, and an automatic message is not a
    response.

    An affected customer without a ticket gets a mail of its own, which belongs to no ticket:
    an answer to it opens theirs.
    """

    _name = "telecom.incident.delivery"
    _description = "Incident Update Delivery"
    _inherit = ["telecom.guard.mixin", "telecom.due.mixin"]
    _is_software_owned = True
    _order = "state, id"
    _due_cron = "telecom_helpdesk.ir_cron_incident_delivery_due"

    update_id = fields.Many2one(
        "telecom.incident.update", required=True, index=True, ondelete="cascade"
    )
    incident_id = fields.Many2one(related="update_id.incident_id")
    company_id = fields.Many2one(related="update_id.incident_id.company_id")
    ticket_id = fields.Many2one("telecom.ticket", index="btree_not_null", ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="cascade"
    )
    recipient = fields.Char(compute="_compute_recipient")
    state = fields.Selection(
        [
            ("failed", "Failed"),
            ("waiting", "Waiting"),
            ("skipped", "Not Needed"),
            ("delivered", "Delivered"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    is_automatic = fields.Boolean(
        string="Automatic",
        readonly=True,
        help="Sent to a ticket that was linked automatically later.",
    )
    reason = fields.Char(readonly=True, help="Why it was not needed, or failed.")
    delivered_at = fields.Datetime(readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _ticket_once = models.UniqueIndex("(update_id, ticket_id) WHERE ticket_id IS NOT NULL")
    _partner_once = models.UniqueIndex("(update_id, partner_id) WHERE partner_id IS NOT NULL")
    _update_state = models.Index("(update_id, state)")

    @api.depends("ticket_id", "partner_id")
    def _compute_recipient(self):
        for delivery in self.sudo():
            delivery.recipient = delivery.ticket_id.display_name or delivery.partner_id.display_name

    # Planning, thousands at a time

    @api.model
    def _insert(self, query):
        """Insert the rows of ``query`` (SQL) that are not there yet, and have them done.

        Its columns: update, ticket, partner, state, is_automatic, reason, next_due_at.

        :return: how many are to be done
        """
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO telecom_incident_delivery (
                       update_id, ticket_id, partner_id, state, is_automatic, reason, next_due_at,
                       create_uid, create_date, write_uid, write_date
                   )
                   SELECT planned.*, %(uid)s, %(now)s, %(uid)s, %(now)s FROM (%(query)s) AS planned
                   ON CONFLICT DO NOTHING RETURNING state""",
                query=query,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        self.env.invalidate_all(flush=False)
        count = sum(state == "waiting" for (state,) in rows)
        if count:
            self._trigger_due(self._due_now())
        return count

    @api.model
    def _plan_latest(self, tickets, is_automatic):
        """``tickets`` were just linked: deliver the latest update of their incidents to them."""
        self.env.flush_all()
        self._insert(
            SQL(
                """SELECT latest.id, ticket.id, NULL::int, 'waiting', %(automatic)s::bool, NULL,
                          %(now)s::timestamp
                   FROM telecom_ticket ticket
                   JOIN telecom_ticket incident ON incident.id = ticket.parent_id
                        AND incident.state NOT IN %(done)s
                   JOIN LATERAL (
                       SELECT id FROM telecom_incident_update
                       WHERE incident_id = incident.id AND kind = 'update' AND sent_at IS NOT NULL
                       ORDER BY sent_at DESC, id DESC LIMIT 1
                   ) latest ON TRUE
                   WHERE ticket.id = ANY(%(ids)s) AND ticket.state NOT IN %(done)s""",
                automatic=is_automatic,
                now=self._due_now(),
                done=DONE_STATES,
                ids=tickets.ids,
            )
        )

    # Doing it

    def _get_next_due(self):
        return self.state == "waiting" and self._due_now()

    def _on_due(self, now):
        reason = self._get_skip_reason()
        if reason:
            self.write({"state": "skipped", "reason": reason})
            return
        if unsent := self.message_id.sudo().mail_ids:
            unsent._send_again()
        elif self.ticket_id:
            if not self._deliver_to_ticket():
                self.write({"state": "skipped", "reason": self.env._("No mail address")})
                return
        else:
            self._deliver_by_mail()
        self.write({"state": "delivered", "delivered_at": now, "reason": False})

    def _get_skip_reason(self):
        """Why this delivery is no longer needed, or False."""
        incident, ticket = self.incident_id, self.ticket_id
        if self.update_id.kind == "resolution" and not incident.is_done:
            return self.env._("The incident was reopened")
        if ticket and ticket.parent_id != incident:
            return self.env._("No longer linked to the incident")
        if ticket and (ticket.merged_into_id or (ticket.is_done and not self._is_last_word())):
            return self.env._("Already done")
        if ticket and self.update_id.kind == "update" and self._is_said_on_merged():
            return self.env._("Already sent on a ticket that was merged into this one")
        if not ticket and incident.search_count(
            [
                *incident._get_open_children_domain(),
                ("commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ],
            limit=1,
        ):
            return self.env._("Has a ticket by now, which receives it")
        return False

    def _is_last_word(self):
        """Whether this announces the end of the incident to a customer whose ticket is already
        closed."""
        update = self.update_id
        return (
            update.reach == "told"
            and self.ticket_id.state in ("resolved", "closed")
            and update._has_text()
        )

    def _is_said_on_merged(self):
        """Whether the customer got it on a ticket that was merged into this delivery's ticket."""
        return self.search_count(
            [
                ("update_id", "=", self.update_id.id),
                ("ticket_id.merged_into_id", "=", self.ticket_id.id),
                ("state", "=", "delivered"),
            ],
            limit=1,
        )

    def _deliver_to_ticket(self):
        """Apply the update to the ticket; return whether anybody could be notified."""
        update, ticket, kind = self.update_id, self.ticket_id, self.update_id.kind
        if kind == "cancellation":
            self._note_cancellation()
            return True
        lang = ticket._get_customer_lang()
        people, address = ticket._find_people_outside()
        body = update._get_body(lang)
        if body:
            self.message_id = ticket.with_context(
                lang=lang, telecom_expects_no_answer=True
            ).message_post(
                body=body,
                author_id=update.user_id.partner_id.id,
                message_type="auto_comment" if self.is_automatic else "comment",
                subtype_xmlid="mail.mt_comment",
                # Those outside; agents read it once, on the incident.
                notify_skip_followers=True,
                partner_ids=people.ids,
                outgoing_email_to=address,
                # By the queue: a slow mail server does not hold up the next ticket.
                force_send=False,
            )
            self.lang = lang
        if kind == "resolution" and not ticket.is_done:
            self._resolve_ticket()
        return bool(people or address or not body)

    def _resolve_ticket(self):
        ticket, incident = self.ticket_id, self.incident_id
        if incident.resolution and not ticket.resolution:
            ticket.resolution = incident.resolution
        # Tracked, unlike other automatic changes: the stage may have a mail for the customer.
        ticket._track_set_log_message(
            escape(self.env._("Resolved with the major incident %(incident)s."))
            % {"incident": incident._get_html_link()}
        )
        ticket._set_state("resolved", self.env._("The major incident was resolved"))

    def _note_cancellation(self):
        ticket, incident = self.ticket_id, self.incident_id
        agent = ticket.user_id
        told = ticket._get_people_to_notify(agent) if agent else agent
        ticket.message_post(
            body=escape(
                self.env._(
                    "%(incident)s was cancelled: it was no major incident. This ticket needs an "
                    "answer of its own."
                )
            )
            % {"incident": incident._get_html_link()},
            author_id=self.update_id.user_id.partner_id.id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
            partner_ids=told.partner_id.ids,
        )

    def _deliver_by_mail(self):
        """A mail to one customer alone; nobody else is named in it."""
        update, incident, partner = self.update_id, self.incident_id, self.partner_id
        lang = incident._pick_lang(partner.lang, incident.company_id.partner_id.lang)
        title = update._get_title(lang)
        renderer = self.env["mail.render.mixin"].with_context(lang=lang)
        body = renderer._render_encapsulate(
            "mail.mail_notification_light",
            update._get_body(lang),
            add_context={
                "company": incident.company_id,
                "model_description": "",
                "record_name": title,
            },
        )
        mail = self.env["mail.mail"].create(
            {
                "model": self._name,
                "res_id": self.id,
                "subject": title,
                "body_html": body,
                "author_id": update.user_id.partner_id.id,
                **incident._get_announcement_addresses(update.user_id.partner_id),
                "recipient_ids": [(4, partner.id)],
                "auto_delete": True,
            }
        )
        self.write({"lang": lang, "message_id": mail.mail_message_id.id})

    def _on_mail_lost(self, message, addresses, reason, is_refused):
        """The mail did not reach the customer (``mail.mail``)."""
        self._fail(reason)

    def _on_due_failed(self, error):
        self._fail(error)

    def _fail(self, reason):
        self.write({"state": "failed", "reason": reason})
        self.update_id._notify_failed_deliveries()
