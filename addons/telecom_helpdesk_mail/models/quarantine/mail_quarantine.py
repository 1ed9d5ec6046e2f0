import email
import email.policy
import logging
import re
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

from ...filters import read_mail
from ...filters.raw import mend_raw
from ...filters.text import ADDRESS, decode_header
from ...tools.incoming_mail import MailQuarantined, shorten_headers
from ..gateway.gateway_errors import in_transaction

_logger = logging.getLogger(__name__)

# Nobody is notified of these: they are the everyday noise of a mailbox, kept for reference.
QUIET_REASONS = ("automatic", "bulk", "bounce", "blocked")
# A burst of mails is one notification to the leader, and another one after this time.
BURST = timedelta(hours=1)
# How long noise and what was discarded are kept.
RETENTION = timedelta(days=90)
PREVIEW_SIZE = 20_000  # characters
READ_HEADERS = ("From", "To", "Cc", "Delivered-To", "Subject", "Message-Id")
MAX_READ = 2_000


class TelecomMailQuarantine(models.Model):
    """A mail in quarantine: the raw mail, the reason, and what can be done with it."""

    _name = "telecom.mail.quarantine"
    _description = "Mail in Quarantine"
    _inherit = ["telecom.guard.mixin", "mail.thread", "telecom.due.mixin"]
    _order = "last_received_at desc, id desc"
    _due_cron = "telecom_helpdesk_mail.ir_cron_quarantine_due"

    name = fields.Char(string="Subject", readonly=True)
    email_from = fields.Char(string="From", readonly=True)
    email_to = fields.Char(string="To", readonly=True)
    message_id = fields.Char(string="Message-ID", readonly=True)
    raw = fields.Binary(string="Original", attachment=True, readonly=True)
    size = fields.Integer(readonly=True, help="In bytes.")
    digest = fields.Char(readonly=True, help="The same for every copy of the mail.")
    preview = fields.Text(compute="_compute_preview")
    reason = fields.Selection(
        [
            ("error", "Error"),
            ("no_route", "Unknown recipient"),
            ("too_large", "Too large"),
            ("loop", "Too many mails"),
            ("automatic", "Automatic answer"),
            ("bulk", "Newsletter"),
            ("bounce", "Delivery failure"),
            ("blocked", "Blocked sender"),
        ],
        required=True,
        readonly=True,
    )
    error = fields.Text(string="What Happened", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Released"), ("discarded", "Discarded")],
        default="waiting",
        required=True,
        readonly=True,
    )
    last_received_at = fields.Datetime(string="Received on", readonly=True, required=True)
    receive_count = fields.Integer(string="Times Received", default=1, readonly=True)
    attempt_count = fields.Integer(string="Tries", default=1, readonly=True)
    told_at = fields.Datetime(string="Leader Notified on", readonly=True)
    is_retry_planned = fields.Boolean(readonly=True)
    team_id = fields.Many2one(
        "telecom.ticket.team",
        ondelete="set null",
        index="btree_not_null",
        help="Gets the ticket when the mail is released from quarantine, unless it names another "
        "team's address.",
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    ticket_id = fields.Many2one("telecom.ticket", readonly=True, index="btree_not_null")
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True)
    discard_reason = fields.Char(readonly=True)

    _digest_unique = models.UniqueIndex("(digest)")
    _waiting = models.Index("(last_received_at DESC, id DESC) WHERE state = 'waiting'")

    @api.depends("raw")
    def _compute_preview(self):
        for mail in self:
            mail.preview = mail._get_preview()

    def _get_preview(self):
        """The beginning of the text, as plain text; empty where it cannot be read."""
        if self.size > PREVIEW_SIZE * 100:
            return False
        try:
            raw, _is_whole = mend_raw(shorten_headers(self._get_raw()))
            mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
            _hints, content = read_mail(mail)
            text = "\n".join(text.plain for text in content.texts)
        except Exception:
            # It is here because something about it cannot be read.
            _logger.info("The text of quarantined mail %s cannot be shown", self.id, exc_info=True)
            return False
        return text[:PREVIEW_SIZE].strip() or False

    def _get_raw(self):
        """The mail as it came, in bytes."""
        # The web client asks for the sizes of files instead of their content.
        files = self.env["ir.attachment"].sudo().with_context(bin_size=False)
        domain = [("res_model", "=", self._name), ("res_field", "=", "raw")]
        return files.search([*domain, ("res_id", "=", self.id)]).raw or b""

    # In

    @api.model
    def _keep(self, incoming, error):
        """Put a mail that could not be processed because of ``error`` in quarantine.

        It is written by a transaction of its own: it stays, whatever becomes of the caller's.
        """
        if isinstance(error, MailQuarantined):
            reason, text = error.reason, str(error)
        else:
            reason, text = "error", f"{type(error).__name__}: {error}"
            _logger.warning("A mail could not be processed: %s", text, exc_info=error)
        in_transaction(
            self.env(user=SUPERUSER_ID, su=True, context={}),
            lambda env: env[self._name]._store(incoming, reason, text.replace("\0", "")),
        )

    @api.model
    def _store(self, incoming, reason, error):
        """Record of a mail: a new one, or the one of its first copy."""
        now = fields.Datetime.now()
        mail = self.search([("digest", "=", incoming.digest)])
        if mail:
            mail.write({"receive_count": mail.receive_count + 1, "last_received_at": now})
        else:
            mail = self._create_entry(incoming, reason, error, now)
        self.env["telecom.mail.receipt"]._note_quarantine(mail)
        return mail

    @api.model
    def _create_entry(self, incoming, reason, error, now):
        raw = incoming.raw
        values = self._read_headers(raw)
        mail = self.with_context(mail_create_nolog=True).create(
            {
                **values,
                "raw": False,
                "size": len(raw),
                "digest": incoming.digest,
                "reason": reason,
                "error": error,
                "last_received_at": now,
            }
        )
        self.env["ir.attachment"].create(
            {
                "name": "raw",
                "raw": raw,
                "res_model": self._name,
                "res_field": "raw",
                "res_id": mail.id,
                "mimetype": "application/octet-stream",
            }
        )
        mail._plan_due()
        return mail

    @api.model
    def _read_headers(self, raw):
        """What can be read of a mail that perhaps cannot be read."""
        head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0][: 2**20] + b"\n"
        # Python's parser would read them to the end first, however long they are.
        mail = email.message_from_bytes(shorten_headers(head), policy=email.policy.compat32)
        heads = {}
        for name, value in mail.raw_items():
            if (header := name.title()) in READ_HEADERS:
                text = decode_header(str(value)[:MAX_READ])
                heads[header] = ", ".join(filter(None, (heads.get(header), text)))[:500]
        receivers = " ".join(heads.get(header, "") for header in ("Delivered-To", "To", "Cc"))
        # Python's parser of addresses raises for some that nobody wrote by hand.
        addresses = [address.lower() for address in ADDRESS.findall(receivers)]
        find_own = self.env["mail.alias.domain"]._find_own
        own = list(filter(None, map(find_own, addresses)))
        team = self.env["mail.alias"]._find_teams(own)[:1]
        return {
            "name": heads.get("Subject"),
            "email_from": heads.get("From"),
            "email_to": heads.get("To") or heads.get("Delivered-To"),
            "message_id": heads.get("Message-Id"),
            "team_id": team.id,
            "company_id": team.company_id.id,
        }

    # Notifications

    @api.model
    def _get_decision_domain(self):
        """Domain of the mails that somebody has to decide on."""
        return [("state", "=", "waiting"), ("reason", "not in", QUIET_REASONS)]

    def _get_next_due(self):
        if self.state != "waiting":
            return False
        if self.is_retry_planned:
            return self._due_now()
        if self.told_at or self.reason in QUIET_REASONS:
            return False
        last = self.search(
            [("team_id", "=", self.team_id.id), ("told_at", "!=", False)],
            order="told_at desc",
            limit=1,
        )
        return max(self._due_now(), last.told_at + BURST) if last else self._due_now()

    def _on_due(self, now):
        if self.is_retry_planned:
            self.is_retry_planned = False
            self._retry()
            return
        if self.told_at or self.state != "waiting":
            return
        untold = self.search(
            [
                *self._get_decision_domain(),
                ("team_id", "=", self.team_id.id),
                ("told_at", "=", False),
            ]
        )
        untold.told_at = now
        (untold - self)._plan_due()
        self._notify_deciders(len(untold))

    def _notify_deciders(self, count):
        """Notify whoever decides for the team that ``count`` mails are waiting."""
        for user in self._get_deciders():
            mail = self.with_context(lang=user.lang)
            mail.message_notify(
                partner_ids=user.partner_id.ids,
                subject=(
                    mail.env._("A mail is waiting in quarantine")
                    if count == 1
                    else mail.env._("Mails waiting in quarantine: %(count)s", count=count)
                ),
                body=mail.env._(
                    "The latest is “%(subject)s” from %(sender)s. Nothing is lost: look at what "
                    "happened, then release it or discard it.",
                    subject=self.name or "-",
                    sender=self.email_from or "-",
                ),
                email_layout_xmlid="mail.mail_notification_light",
                mail_headers={"Auto-Submitted": "auto-generated"},
                model_description=mail.env._("Mail in Quarantine"),
            )

    def _get_deciders(self):
        """Users to notify: the team's leader, else the company's helpdesk managers."""
        return self.env["telecom.agent"]._get_people_to_notify(
            self.team_id._get_manager(), company=self.company_id
        )

    def _get_due_responsible(self):
        return self._get_deciders()[:1]

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - RETENTION
        self.search(
            [
                ("last_received_at", "<", limit),
                "|",
                ("state", "!=", "waiting"),
                ("reason", "in", QUIET_REASONS),
            ],
            limit=10_000,
        ).unlink()
