from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize

from ...tools.incoming_mail import IncomingMail

# RFC 3834, section 5: what an automatic answer says of itself. "All" is for Exchange.
ACKNOWLEDGEMENT_HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
# Stops two ticket systems that acknowledge each other's acknowledgements.
MOST_PER_ADDRESS = 3
PER_TIME = timedelta(hours=1)


class TelecomTicket(models.Model):
    """Acknowledgement to the customer whose mail opened a ticket: once, with the ticket number.

    The gateway only notes that it is to be done, in the row that it inserts anyway. The scheduler
    sends it, in a transaction of its own: a broken template blocks no incoming mail, and a burst of
    mails does not wait for the mail server.
    """

    _inherit = "telecom.ticket"

    acknowledge_at = fields.Datetime(readonly=True, copy=False, string="To Be Acknowledged on")
    acknowledgement_id = fields.Many2one(
        "mail.message", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    acknowledged_at = fields.Datetime(
        readonly=True,
        copy=False,
        string="Acknowledged on",
        help="When a mail server took the acknowledgement.",
    )
    mail_lang = fields.Char(
        string="Language of the Mail",
        readonly=True,
        copy=False,
        help="What the mail of an unknown sender says about its language, such as fr_FR.",
    )

    def _get_known_lang(self):
        return super()._get_known_lang() if self.partner_id else self.mail_lang

    @api.model
    def _find_lang(self, language):
        """Code of an installed language for ``language`` as in a mail ("fr", "fr-BE"); or False."""
        wanted = (language or "").replace("-", "_").lower()
        codes = [code for code, _name in self.env["res.lang"].get_installed()]
        for matches in (
            lambda code: code.lower() == wanted,
            lambda code: code.split("_")[0].lower() == wanted.split("_")[0],
        ):
            if found := next(filter(matches, codes), None):
                return found
        return False

    # Planning, in the gateway: values of the INSERT, no more

    @api.model
    def _fill_acknowledgement(self, vals_list):
        if self._is_being_opened():
            for vals in vals_list:
                vals.update(self._plan_acknowledgement(vals))

    @api.model
    def _plan_acknowledgement(self, values):
        """What a ticket that a mail makes from ``values`` needs to be acknowledged: a dict of
        further values.
        """
        incoming, planned = IncomingMail.of(self.env), {}
        hints = incoming.hints if incoming else {}
        if lang := self._find_lang(hints.get("language")):
            planned["mail_lang"] = lang
        team = self.env["telecom.ticket.team"].sudo().browse(values.get("team_id"))
        if (
            not hints.get("automatic")
            # Whoever has the address that was forged wrote nothing.
            and not (incoming and incoming.is_forged)
            and not hints.get("no_acknowledgement")
            and values.get("partner_email")  # none where a colleague wrote
            and (not team or team.acknowledge)
        ):
            planned["acknowledge_at"] = self._due_now()
        return planned

    # Sending, by the scheduler

    def _get_acknowledgement_due(self):
        return self.acknowledge_at

    def _on_acknowledgement_due(self, now):
        self._acknowledge(now)
        self._write_due({"acknowledge_at": False})

    def _on_step_failed(self, step, error):
        if step.kind == "acknowledgement":
            self._notify_not_acknowledged(error, self._due_now())
        else:
            super()._on_step_failed(step, error)

    def _acknowledge(self, now):
        """Send the acknowledgement, unless there is a reason not to (any more)."""
        mail = self._get_opening_mail()
        template = self._get_acknowledgement_template()
        if not template or not self._may_acknowledge(mail, now):
            return
        fields_to_render = ("attachment_ids", "body_html", "mail_server_id", "subject")
        values = template._generate_template(self.ids, fields_to_render)[self.id]
        sender = mail.author_id.filtered("active")
        message = self.with_company(self.company_id).message_post(
            author_id=self.env.ref("base.partner_root").id,
            subject=values["subject"],
            body=values["body_html"],  # Markup, as Odoo rendered it
            attachment_ids=values.get("attachment_ids"),
            mail_server_id=values.get("mail_server_id"),
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            email_add_signature=False,
            # To the sender alone.
            notify_skip_followers=True,
            partner_ids=sender.ids,
            outgoing_email_to=False if sender else mail.email_from,
            mail_headers=ACKNOWLEDGEMENT_HEADERS,
            # By the queue: a slow mail server does not hold up the next ticket.
            force_send=False,
        )
        self._write_due({"acknowledgement_id": message.id})

    def _on_automatic_mail_left(self, message):
        """A mail server took the mail of ``message``, which nobody wrote (``mail.mail``)."""
        if message and message == self.acknowledgement_id:
            self._write_due({"acknowledged_at": self._due_now()})

    def _on_mail_lost(self, message, addresses, reason, is_refused):
        super()._on_mail_lost(message, addresses, reason, is_refused)
        if is_refused:
            self.undeliverable_email = addresses[0]

    def _get_opening_mail(self):
        return self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "=", "email"),
                ("is_internal", "=", False),
            ],
            order="id",
            limit=1,
        )

    def _get_acknowledgement_template(self):
        return self.team_id.acknowledgement_template_id or self.env.ref(
            "telecom_helpdesk_mail.mail_template_acknowledgement", raise_if_not_found=False
        )

    def _may_acknowledge(self, mail, now):
        """Whether to tell the sender of ``mail`` (mail.message), which opened this ticket."""
        address = email_normalize(mail.author_id.email_normalized or mail.email_from)
        return (
            address
            and not self._is_agent(mail.author_id)
            and not self.last_agent_reply_at
            and self.state != "cancelled"
            and not self.merged_into_id
            and (not self.team_id or self.team_id.acknowledge)
            and not self.env["ir.mail_server"]._is_own_address(address)
            and self._count_acknowledged(address, now - PER_TIME) < MOST_PER_ADDRESS
        )

    @api.model
    def _count_acknowledged(self, address, since):
        """Acknowledgements written to ``address`` after ``since``, as far as they matter."""
        left = Domain("acknowledged_at", ">", since)
        waits = Domain("acknowledgement_id", "!=", False) & Domain("create_date", ">", since)
        return self.with_context(active_test=False).search_count(
            Domain("partner_email", "=", address) & (left | waits), limit=MOST_PER_ADDRESS
        )

    def _notify_not_acknowledged(self, error, now):
        """Notify whoever is responsible, at most once an hour."""
        summary = self.env._("Customers get no acknowledgement")
        user = self._get_due_responsible()
        told = self.env["mail.activity"].search_count(
            [
                ("res_model", "=", self._name),
                ("summary", "=", summary),
                ("user_id", "=", user.id),
                ("create_date", ">", now - PER_TIME),
            ],
            limit=1,
        )
        if not told:
            self.activity_schedule(
                "mail.mail_activity_data_warning", summary=summary, note=error, user_id=user.id
            )


class TelecomTicketDue(models.Model):
    _inherit = "telecom.ticket.due"

    kind = fields.Selection(
        selection_add=[("acknowledgement", "Acknowledge"), ("close",)],
        ondelete={"acknowledgement": "cascade"},
    )
