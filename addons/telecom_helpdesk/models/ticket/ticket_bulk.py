from odoo import models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command

from .ticket_stage import DONE_STATES

# Names, and reasons, in the message that says what was refused; the rest is counted.
MOST_NAMED = 10
MOST_REASONS = 5


class TelecomTicket(models.Model):
    """One action on a selection of tickets: a refusal for one does not stop the others."""

    _inherit = "telecom.ticket"

    def _take_over(self):
        return self._in_bulk(
            lambda tickets: tickets._take(), self.env._("Tickets assigned to you: %(count)s.")
        )

    def action_resolve(self):
        return self._in_bulk(
            lambda tickets: tickets._not_done("resolved")._set_state("resolved"),
            self.env._("Tickets resolved: %(count)s."),
        )

    def action_close(self):
        return self._in_bulk(
            lambda tickets: tickets._not_done("resolved", "closed")._set_state("closed"),
            self.env._("Tickets closed: %(count)s."),
        )

    def action_cancel(self):
        return self._in_bulk(
            lambda tickets: tickets._not_done("cancelled")._set_state("cancelled"),
            self.env._("Tickets cancelled: %(count)s."),
        )

    def action_leave(self):
        """Stop collaborating on these tickets, and unfollow them."""
        self.check_access("read")
        user = self.env.user
        theirs = self.filtered(lambda ticket: user in ticket.collaborator_ids)
        if not theirs:
            raise UserError(self.env._("You are not among the collaborators of this ticket."))
        theirs.check_access("write")
        theirs.sudo().write({"collaborator_ids": [Command.unlink(user.id)]})
        theirs.sudo().message_unsubscribe(partner_ids=user.partner_id.ids)
        if self._filtered_access("read") == self:
            return None
        done = self._notify_done(self.env._("You have left the ticket."))
        done["params"]["next"] = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action_mine"
        )
        return done

    def _not_done(self, *but):
        """These tickets.

        :param but: states that a ticket may be in though it is done then
        :raises UserError: one is done already, and would be so in another way
        """
        self.filtered("merged_into_id")[:1]._redirect_if_merged()
        for ticket in self:
            if ticket.state in DONE_STATES and ticket.state not in but:
                raise UserError(
                    self.env._("Already done (%(stage)s).", stage=ticket.stage_id.sudo().name)
                )
        return self

    def _in_bulk(self, work, done):
        """Call ``work`` with all of these tickets, and report the result.

        :param done: text that says what was done, with a place for ``%(count)s`` tickets
        :return: action that shows one message with what was done and what was refused; None
            where there is but one ticket, whose refusal is raised
        """
        self.check_access("read")  # what is refused is named
        if len(self) < 2:
            work(self)
            return None
        refused = self._try_all(work)
        return self._notify_done(done % {"count": len(self) - len(refused)}, refused)

    def _try_all(self, work):
        """Do ``work`` on all at once or, where somebody objects, on each that it can be done on.

        :return: why it was refused (text), by ticket
        """
        self.env.flush_all()
        try:
            # Tracking is for the end of the request: a savepoint that flushes would begin it.
            with self.env.cr.savepoint(flush=False):
                work(self)
                self.env.flush_all()
            return {}
        except (RedirectWarning, UserError) as error:
            self.env.transaction.clear()
            if len(self) == 1:
                return {self: error.args[0]}
        refused = {}
        for ticket in self:
            refused.update(ticket._try_all(work))
        return refused

    def _notify_done(self, done, refused=None):
        """Action that says what was ``done`` and what was ``refused`` (texts by ticket)."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if refused else "success",
                "message": self._describe_done(done, refused),
                "sticky": bool(refused),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _describe_done(self, done, refused=None):
        """What was ``done`` (text, may be empty) and what was ``refused`` (texts by ticket)."""
        env = self.env
        by_reason = {}
        for ticket, reason in (refused or {}).items():
            by_reason.setdefault(reason, []).append(ticket.sudo().number)
        lines = [done] if done else []
        if refused:
            lines.append(env._("Refused for %(count)s ticket(s):", count=len(refused)))
        for reason, numbers in list(by_reason.items())[:MOST_REASONS]:
            named = ", ".join(numbers[:MOST_NAMED])
            if more := numbers[MOST_NAMED:]:
                named = env._("%(names)s and %(count)s more", names=named, count=len(more))
            lines.append(f"{named}: {reason}")
        if len(by_reason) > MOST_REASONS:
            lines.append("…")
        return " \n".join(lines)
