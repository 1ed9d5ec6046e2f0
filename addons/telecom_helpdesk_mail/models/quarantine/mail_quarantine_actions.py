import logging

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

from ...tools.incoming_mail import IncomingMail, MailQuarantined
from ..gateway.gateway_errors import is_transient

_logger = logging.getLogger(__name__)


class TelecomMailQuarantine(models.Model):
    """What a manager does with a mail in quarantine."""

    _inherit = "telecom.mail.quarantine"

    def action_retry(self):
        """Try one mail now and show what became of it; several in the background."""
        self.check_access("write")
        waiting = self.filtered(lambda mail: mail.state == "waiting")
        if not waiting:
            raise UserError(self.env._("No mail is waiting here."))
        waiting.team_id.check_access("read")
        waiting.sudo().decided_by_id = self.env.user
        if len(waiting) > 1:
            waiting.sudo().is_retry_planned = True
            waiting.sudo()._plan_due()
            return self._notify(
                self.env._(
                    "Mails being processed in the background: %(count)s.", count=len(waiting)
                )
            )
        mail = waiting.sudo()
        mail._retry()
        if mail.state == "waiting":
            if mail.reason == "no_route" and not mail.team_id:
                raise UserError(
                    self.env._("No team has this address. Choose the team that gets the ticket.")
                )
            return self._notify(
                self.env._(
                    "It did not work: %(error)s", error=mail.error or mail._get_reason_name()
                ),
                kind="warning",
            )
        if mail.ticket_id:
            return mail.ticket_id.sudo(False).get_formview_action()
        return self._notify(self.env._("The mail was released from quarantine."))

    @api.model
    def action_retry_all(self):
        """Try every mail that waits because of an error."""
        return self.search([("state", "=", "waiting"), ("reason", "=", "error")]).action_retry()

    def _retry(self):
        """Process the mail without the checks that put it in quarantine; store the error if it
        fails again."""
        self.ensure_one()
        incoming = IncomingMail(self._get_raw(), released=True)
        threads = self.env["mail.thread"].with_user(SUPERUSER_ID)
        values = {"team_id": self.team_id.id} if self.team_id else None
        try:
            threads._take_in(incoming, "telecom.ticket" if self.team_id else False, values)
        except MailQuarantined as aside:
            self._note_failure(str(aside))
            return
        except Exception as error:
            if is_transient(error):
                raise
            _logger.warning("Quarantined mail %s failed again", self.id, exc_info=error)
            self._note_failure(f"{type(error).__name__}: {error}")
            return
        ticket = self.env["telecom.ticket"].browse(incoming.tickets[-1:])
        if not incoming.is_new:
            # Another copy of it came through meanwhile.
            known = self.env["mail.message"].search(
                [
                    ("message_id", "=", incoming.message_dict["message_id"]),
                    ("model", "=", "telecom.ticket"),
                ],
                limit=1,
            )
            ticket = ticket.browse(known.res_id)
        self.write({"state": "done", "ticket_id": ticket.id})

    def _get_reason_name(self):
        return dict(self._fields["reason"]._description_selection(self.env))[self.reason]

    def _note_failure(self, error):
        self.write({"attempt_count": self.attempt_count + 1, "error": error.replace("\0", "")})

    def action_discard(self):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Discard"),
            "res_model": "telecom.mail.discard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_mail_ids": self.ids},
        }

    def _discard(self, reason):
        """Discard mails; they stay visible under a filter until they are cleaned up."""
        self.filtered(lambda mail: mail.state == "waiting").sudo().write(
            {
                "state": "discarded",
                "discard_reason": reason,
                "decided_by_id": self.env.uid,
                "next_due_at": False,
            }
        )

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/raw?download=true"
            f"&filename=mail-{self.id}.eml",
            "target": "download",
        }

    def action_open_ticket(self):
        self.ensure_one()
        self.check_access("read")
        return self.ticket_id.get_formview_action()

    @api.model
    def _notify(self, message, kind="info"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
