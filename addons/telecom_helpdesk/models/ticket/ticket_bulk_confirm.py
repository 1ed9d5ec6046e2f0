from odoo import models

from .ticket_bulk import MOST_NAMED


class TelecomTicket(models.Model):
    """Confirmations before an action: a colleague has the ticket, or nobody has replied to it."""

    _inherit = "telecom.ticket"

    def action_assign_to_me(self):
        """Take unassigned tickets, and ask about those assigned to colleagues."""
        self.check_access("read")
        taken = self._filtered_access("write").filtered(
            lambda ticket: ticket.user_id and ticket.user_id != self.env.user
        )
        if not taken:
            return self._take_over()
        free = self - taken
        refused = free._try_all(lambda tickets: tickets._take())
        yours = free.filtered(lambda ticket: ticket not in refused)
        done = yours and self.env._("Now yours: %s.", yours._name_some())
        return taken._ask("take", done=free._describe_done(done, refused))

    def action_ask_resolve(self):
        """Resolve a selection; where some were never answered, ask first."""
        return self._confirm_unanswered("resolve")

    def action_ask_close(self):
        """Close a selection; where some were never answered, ask first."""
        return self._confirm_unanswered("close")

    def _confirm_unanswered(self, operation):
        self.check_access("read")
        unanswered = self._filtered_access("write").filtered(
            lambda ticket: not (ticket.first_response_at or ticket.is_done or ticket.is_incident)
        )
        if not unanswered:
            return self._go_on(operation)
        return unanswered._ask(operation, self - unanswered)

    def _go_on(self, operation):
        """Do what was confirmed with these tickets."""
        doing = {
            "take": self._take_over,
            "resolve": self.action_resolve,
            "close": self.action_close,
        }
        return doing[operation]()

    def _ask(self, operation, others=(), done=False):
        """Action that opens the question about these tickets."""
        question = (
            self.env["telecom.ticket.question"]
            .sudo()
            .create(
                {
                    "operation": operation,
                    "ticket_ids": self.ids,
                    "other_ids": [ticket.id for ticket in others],
                    "done": done,
                }
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Over?")
            if operation == "take"
            else self.env._("No Answer Yet"),
            "res_model": question._name,
            "res_id": question.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _describe_assignees(self):
        """Text that says who has these tickets: one line per agent."""
        lines = [
            self.env._("%(agent)s has %(tickets)s.", agent=agent.name, tickets=tickets._name_some())
            for agent, tickets in self.grouped(lambda ticket: ticket.sudo().user_id).items()
        ]
        return "\n".join(lines)

    def _describe_unanswered(self, count):
        """Text that says that these, of ``count`` tickets, were never replied to."""
        return self.env._(
            "Never answered: %(number)s of %(count)s tickets (%(tickets)s).",
            number=len(self),
            count=count,
            tickets=self._name_some(),
        )

    def _name_some(self):
        """The numbers of these tickets; of many, the first ones and how many there are more."""
        names = [
            self.env._("%(number)s (escalated)", number=ticket.number)
            if ticket.is_escalated
            else ticket.number
            for ticket in self[:MOST_NAMED]
        ]
        named = ", ".join(names)
        if more := len(self) - len(names):
            return self.env._("%(names)s and %(count)s more", names=named, count=more)
        return named
