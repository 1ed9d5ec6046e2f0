from datetime import timedelta

from markupsafe import escape

from odoo import models

from ..team.ticket_team import DEFAULT_REOPEN_DAYS


class TelecomTicket(models.Model):
    """A customer who writes after the ticket ended: the ticket is reopened, or followed up by a new
    one."""

    _inherit = "telecom.ticket"

    def _continue_in(self, author, kwargs):
        """Hook: the ticket that a message from ``author`` belongs to: this one, the one that it
        was merged into, or its follow-up.

        A customer who comes back long after the end opens a new ticket that refers to
        the old one.
        """
        self.ensure_one()
        if living := self._get_living_to_speak_to():
            return living._continue_in(author, kwargs)
        ticket = self.sudo()
        if (
            ticket.state not in ("closed", "cancelled")
            or not ticket._is_from_customer(author, kwargs)
            or ticket._may_reopen()
        ):
            return self
        # A second answer to the old thread: one follow-up is enough.
        follow_up = ticket.search([("follow_up_of_id", "=", ticket.id)], order="id desc", limit=1)
        if follow_up:
            return follow_up._continue_in(author, kwargs).with_env(self.env)
        follow_up = ticket.create(ticket._prepare_follow_up_values(author, kwargs))
        for log, text, other in (
            (follow_up, self.env._("Follow-up of %(ticket)s."), ticket),
            (ticket, self.env._("Continued in %(ticket)s."), follow_up),
        ):
            log._message_log(body=escape(text) % {"ticket": other._get_html_link()})
        return follow_up.with_env(self.env)

    def _may_reopen(self):
        """Whether the customer's next message still reopens this finished ticket."""
        days = self.team_id.reopen_days if self.team_id else DEFAULT_REOPEN_DAYS
        return (
            self.state == "closed"
            and self.closed_at
            and self._due_now() < self.closed_at + timedelta(days=days)
        )

    def _prepare_follow_up_values(self, author, kwargs):
        return {
            "name": kwargs.get("subject") or self.name,
            "partner_id": self.partner_id.id or author.id,
            "partner_name": self.partner_name,
            "partner_email": self.partner_email,
            "partner_phone": self.partner_phone,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "category_id": self.category_id.filtered("active").id,
            "service_id": self.service_id.id,
            "channel": "email" if kwargs.get("message_type") == "email" else "portal",
            "follow_up_of_id": self.id,
        }
