import logging

from markupsafe import Markup

from odoo import models
from odoo.tools import email_normalize

_logger = logging.getLogger(__name__)

TEMPLATE = "telecom_helpdesk_sla.mail_template_sla_alert"
# No robot answers these (RFC 3834), and they stand out where they are not just in time.
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
URGENT_HEADERS = {**HEADERS, "X-Priority": "1", "Importance": "high"}

# Stands between mails that are rendered together.
SEPARATOR = "[next-sla-alert]"


class TelecomSlaAlert(models.Model):
    """Mails: one to each recipient, beside the ticket's conversation.

    What Odoo calls a user notification: it belongs to the ticket but is not in its thread, and
    an answer to it becomes an internal note, which no customer reads. It goes to those who
    prefer Odoo's inbox too.
    """

    _inherit = "telecom.sla.alert"

    def _send_mails(self, pairs):
        """Queue a mail for each pair (alert, ``res.users``) in the context's language."""
        pairs = [pair for pair in pairs if email_normalize(pair[1].email)]
        alerts = self.browse(dict.fromkeys(alert.id for alert, _user in pairs))
        if not alerts:
            return
        texts = alerts._render_mails()
        users = dict.fromkeys(alerts, self.env["res.users"])
        for alert, user in pairs:
            users[alert] |= user
        messages = self.env["mail.message"].create(alerts._prepare_messages(texts, users))
        message_of = dict(zip(alerts, messages, strict=True))
        self.env["mail.mail"].create(
            [
                {
                    "mail_message_id": message_of[alert].id,
                    "is_notification": True,
                    "body_html": texts[alert][1],
                    "recipient_ids": [(4, user.partner_id.id)],
                    "headers": repr(HEADERS if alert.kind == "warning" else URGENT_HEADERS),
                    "auto_delete": True,
                }
                for alert, user in pairs
            ]
        )

    def _prepare_messages(self, texts, users):
        robot = self.env.ref("base.partner_root")
        tickets = self.ticket_id
        senders = {
            ticket.id: ticket._get_announcement_addresses(robot)["reply_to"] for ticket in tickets
        }
        reply_to = tickets._notify_get_reply_to_batch(
            defaults=senders, author_ids=dict.fromkeys(tickets.ids, robot.id)
        )
        note_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        return [
            {
                "model": "telecom.ticket",
                "res_id": alert.ticket_id.id,
                "record_company_id": alert.ticket_id.company_id.id,
                "record_alias_domain_id": alert.ticket_id.company_id.alias_domain_id.id,
                "message_type": "user_notification",
                "subtype_id": note_id,
                "is_internal": True,
                "author_id": robot.id,
                "email_from": senders[alert.ticket_id.id],
                "reply_to": reply_to[alert.ticket_id.id],
                "partner_ids": [(6, 0, users[alert].partner_id.ids)],
                "subject": texts[alert][0],
                "body": texts[alert][1],
            }
            for alert in self
        ]

    def _render_mails(self):
        """``{alert: (subject, body)}`` from the template; a template that fails stops nothing."""
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if template:
            try:
                with self.env.cr.savepoint(flush=False):
                    lang = self.env.context["lang"]
                    subjects = template._render_field("subject", self.ids, set_lang=lang)
                    bodies = self._render_bodies(template.with_context(lang=lang))
                return {alert: (subjects[alert.id], body) for alert, body in bodies.items()}
            except Exception:
                _logger.exception("SLA alerts: the mail template does not work")
        return {alert: alert._render_plain_mail() for alert in self}

    def _render_bodies(self, template):
        """``{alert: HTML}``. Odoo would compile the template once for each of them."""
        source = (
            f'<t t-foreach="alerts" t-as="object">{template.body_html}<t t-out="separator"/></t>'
        )
        rendered = template._render_template(
            source,
            self._name,
            self.ids[:1],
            engine="qweb",
            add_context={"alerts": self, "separator": SEPARATOR},
            options={"post_process": True},
        )[self.ids[0]]
        return dict(zip(self, rendered.split(SEPARATOR)[:-1], strict=True))

    def _render_plain_mail(self):
        subject = f"{self.title}: {self.ticket_id.display_name}"
        facts = (self.promise_text, self.deadline_text, self.left_text, self.late_text)
        lines = Markup("<br/>").join(filter(None, facts))
        link = Markup('<a href="%s">%s</a>') % (self.ticket_url, self.env._("Open Ticket"))
        return subject, Markup("<p>%s</p><p>%s</p>") % (lines, link)
