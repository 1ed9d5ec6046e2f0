import logging
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from odoo import SUPERUSER_ID, api, models
from odoo.modules import module
from odoo.service.model import retrying
from odoo.tools import email_normalize_all

_logger = logging.getLogger(__name__)

# A mail that could not be sent is tried again when as much time has gone by as since it was
# written, within these bounds: after 1, 2, 4, 8, ... minutes, at last every two hours.
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(days=2)
# Odoo found by itself that an address is wrong or missing.
WRONG_ADDRESS = ("mail_email_invalid", "mail_email_missing")
# These are told of mails that nobody got, by ``_on_mail_lost``.
TOLD = ("telecom.ticket", "telecom.incident.delivery")
# Key of what is planned for the commit: {id of a mail: when it is to leave, None for at once}.
PLAN = "telecom_mail_queue"


@dataclass
class Attempt:
    """What a mail server said of one mail."""

    refused: dict[str, str] = field(default_factory=dict)  # address -> why, for good
    trouble: str | None = None  # why it did not leave this time

    def forget(self):
        self.refused.clear()
        self.trouble = None


class MailMail(models.Model):
    """The helpdesk's mails leave at once, and again where they could not.

    Odoo sends what people write after the commit. What a scheduled action writes it leaves to its
    queue, which comes by once an hour, and what failed stays as it is. Here the queue is called
    for both. Nothing is sent twice: who got a mail is not among those that it is tried for again.
    """

    _inherit = "mail.mail"

    def _filter_helpdesk(self):
        return self.filtered(lambda mail: (mail.model or "").startswith("telecom."))

    # At once

    @api.model_create_multi
    def create(self, vals_list):
        """Every mail of Odoo's is made here, whoever sends it and when."""
        mails = super().create(vals_list)
        mails._filter_helpdesk()._plan_queue()
        return mails

    def send_after_commit(self):
        """Odoo sends these itself, by its word for what people write."""
        self._unplan_queue()
        return super().send_after_commit()

    def send(self, *args, **kwargs):
        """Somebody sends these at once."""
        self._unplan_queue()
        return super().send(*args, **kwargs)

    def _plan_queue(self, at=None):
        """Have Odoo's queue run for these at ``at`` or else after the commit, if nobody has sent
        them by then.
        """
        if not self:
            return
        data = self.env.cr.precommit.data
        if PLAN not in data:
            data[PLAN] = {}
            self.env.cr.precommit.add(self.browse().sudo()._trigger_queue)
        data[PLAN].update(dict.fromkeys(self.ids, at))

    def _unplan_queue(self):
        plan = self.env.cr.precommit.data.get(PLAN, {})
        for id_ in self.ids:
            plan.pop(id_, None)

    @api.model
    def _trigger_queue(self):
        plan = self.env.cr.precommit.data.pop(PLAN, {})
        if plan:
            now = self.env.cr.now().replace(microsecond=0)
            # By id: a reference by name asks the database whether it still exists.
            get_id = self.env["ir.model.data"]._xmlid_to_res_id
            queue = self.env["ir.cron"].browse(get_id("mail.ir_cron_mail_scheduler_action"))
            queue._trigger({at or now for at in plan.values()})
            self.env.flush_all()

    # Again

    def _send(self, *args, **kwargs):
        """One connection, one mail after the other: for each Odoo calls ``send_email`` of
        ``ir.mail_server``, then ``_postprocess_sent_message``. They share an ``Attempt``."""
        own = self._filter_helpdesk()
        # First: a connection that breaks for others ends Odoo's round.
        if own:
            super(MailMail, own.with_context(telecom_attempt=Attempt()))._send(*args, **kwargs)
        if others := self - own:
            super(MailMail, others)._send(*args, **kwargs)
        return True

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Odoo calls it once for each mail that it tried, and notes in it what became of it."""
        if own := self._filter_helpdesk():
            attempt = self.env.context.get("telecom_attempt") or Attempt()
            if attempt.trouble and failure_type in WRONG_ADDRESS:
                # Somebody was refused first; Odoo would drop the mail for the others too.
                failure_type = "unknown"
            failure_reason = (
                attempt.trouble
                or "; ".join(dict.fromkeys(attempt.refused.values()))
                or failure_reason
                or own[0].failure_reason
            )
            for mail in own:
                mail._settle(success_pids, success_emails, failure_type, failure_reason, attempt)
            attempt.forget()
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )

    def _settle(self, success_pids, success_emails, failure_type, reason, attempt):
        """Decide what becomes of this mail after a try; the parameters are Odoo's."""
        self.ensure_one()
        partners = self.recipient_ids.filtered(lambda partner: partner not in success_pids)
        reached = email_normalize_all(",".join(success_emails))
        emails = [email for email in email_normalize_all(self.email_to) if email not in reached]
        if not failure_type or success_pids or success_emails:
            self._on_left()
        if failure_type in WRONG_ADDRESS:
            self._tell_lost(partners, emails, reason)
        elif failure_type:
            partners, emails = self._drop_refused(partners, emails, attempt.refused)
            self._try_again(partners, emails, reason)

    def _drop_refused(self, partners, emails, refused):
        """Settle those of ``partners`` and ``emails`` that were refused; return the others."""
        if not refused:
            return partners, emails
        gone = partners.filtered(lambda partner: partner.email_normalized in refused)
        addresses = [email for email in emails if email in refused]
        notifications = self.env["mail.notification"].search([("mail_mail_id", "=", self.id)])
        reason = "; ".join(dict.fromkeys(refused.values()))
        notifications.filtered(
            lambda row: row.res_partner_id in gone or row.mail_email_address in addresses
        ).write(
            {
                "mail_mail_id": False,  # or Odoo says "sent" when the others get it
                "notification_status": "exception",
                "failure_type": "mail_email_invalid",
                "failure_reason": reason,
            }
        )
        self._tell_lost(gone, addresses, reason)
        return partners - gone, [email for email in emails if email not in refused]

    def _try_again(self, partners, emails, reason):
        """Plan another try for ``partners`` and ``emails``, unless it has been tried too long."""
        if self.recipient_ids != partners:
            self.recipient_ids = partners
        if self.email_to and len(email_normalize_all(self.email_to)) != len(emails):
            self.email_to = ",".join(emails)
        if not partners and not emails:
            return
        now = self.env.cr.now()
        age = now - self.create_date
        if age >= GIVEN_UP_AFTER:
            self._tell_lost(partners, emails, reason, is_refused=False)
            return
        # On the minute, as scheduled actions are.
        at = now + min(max(age, SHORTEST_PAUSE), LONGEST_PAUSE) + timedelta(seconds=59)
        at = at.replace(second=0, microsecond=0)
        self.write({"state": "outgoing", "scheduled_date": at, "failure_reason": reason})
        self._plan_queue(at)

    def _send_again(self):
        """Have these sent now, whether they were given up or wait for their next try."""
        self.write({"state": "outgoing", "scheduled_date": False})
        self._plan_queue()

    def _get_addresses_outside(self):
        """Those outside (addresses) whom these mails are for."""
        partners = self.recipient_ids.filtered("partner_share")
        emails = email_normalize_all(",".join(self.filtered("email_to").mapped("email_to")))
        return list(dict.fromkeys([*filter(None, partners.mapped("email_normalized")), *emails]))

    # What became of them

    def _on_left(self):
        """Hook: a mail server took this mail. Whoever writes on others' rows uses ``_tell``."""

    def _tell_lost(self, partners, emails, reason, *, is_refused=True):
        """This mail will not be tried again for ``partners`` and ``emails``."""
        known = partners.filtered("partner_share").mapped("email_normalized")
        if addresses := [*filter(None, known), *emails]:
            self._tell(
                "_on_mail_lost", addresses=addresses, reason=reason or "", is_refused=is_refused
            )
        elif partners:
            _logger.warning("%s to %s was not sent: %s", self, partners, reason)

    def _tell(self, hook, **values):
        """Call ``hook`` of the document that this mail is about, once the try is committed.

        In a transaction of its own: the mail is gone, and somebody else who writes on the document
        would undo that it is, so that it left again.
        """
        if self.model not in TOLD:
            return
        model, res_id, message_id = self.model, self.res_id, self.mail_message_id.id

        def tell(env):
            message = env["mail.message"].browse(message_id).exists()
            if document := env[model].browse(res_id).exists():
                getattr(document, hook)(message, **values)

        if module.current_test:
            tell(self.env(su=True))
            return
        registry = self.env.registry

        @self.env.cr.postcommit.add
        def tell_with_new_cursor():
            try:
                with registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    retrying(partial(tell, env), env)
            except Exception:
                _logger.exception("%s(%s): nobody could be told: %s", model, res_id, hook)
