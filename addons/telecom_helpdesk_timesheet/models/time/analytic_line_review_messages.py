from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

SHOWN = 10


class AccountAnalyticLine(models.Model):
    """Messages about a review, to the manager and to the agent."""

    _inherit = "account.analytic.line"

    def _describe_total(self):
        """How many entries these are and how long, in words."""
        hours = format_hours(to_minutes(sum(self.mapped("unit_amount"))))
        if len(self) == 1:
            return self.env._("%(entry)s (%(hours)s h)", entry=self._get_label(), hours=hours)
        return self.env._("%(hours)s h (entries: %(count)s)", count=len(self), hours=hours)

    def _describe_left_out(self, problems):
        """Which entries were left and why, in words.

        :param problems: ``{line.id: text}``
        """
        lines = self.browse(list(problems)[:SHOWN])
        parts = [
            self.env._("%(entry)s: %(problem)s", entry=line._get_label(), problem=problems[line.id])
            for line in lines
        ]
        if len(problems) > SHOWN:
            parts.append(self.env._("and %s more", len(problems) - SHOWN))
        return parts

    def _refuse_if_none(self, done, problems):
        """:raises UserError: there are ``problems`` ({line.id: text}) with all of the entries"""
        if problems and not done:
            raise UserError("\n".join(self._describe_left_out(problems)))

    def _notify_review_result(self, done, problems):
        """Client action that says what was ``done`` (text) and what was left, and reloads."""
        if problems:
            left = self.env._("Left out: %s", "; ".join(self._describe_left_out(problems)))
            done = f"{done}. {left}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": done,
                "type": "warning" if problems else "success",
                "sticky": bool(problems),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _notify_rejection(self, reason):
        """Tell each agent in one message which of their entries were sent back, and why.

        Of one who has left, whoever decides about the ticket hears.
        """
        told = self.sudo().grouped(lambda line: line.ticket_id._get_people_to_notify(line.user_id))
        for users, lines in told.items():
            if self.env.user in users:
                continue
            sent_back = lines.with_context(lang=users[:1].lang)
            ticket = sent_back.ticket_id
            ticket = ticket if len(ticket) == 1 else ticket.browse()
            ticket.with_env(sent_back.env).sudo(False).message_notify(
                body=sent_back._render_rejection(reason),
                subject=sent_back.env._("Time to correct: %s", sent_back._describe_total()),
                partner_ids=users.partner_id.ids,
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _render_rejection(self, reason):
        rows = Markup().join(
            Markup("<li>%s: %s (%s)</li>")
            % (
                line.ticket_id._get_html_link(),
                line._get_label(),
                format_hours(to_minutes(line.unit_amount)),
            )
            for line in self
        )
        intro = self.env._(
            "This time was not approved. Correct it under Helpdesk > Time > My Time; then it waits "
            "for approval again."
        )
        return Markup("<p>%s</p><blockquote>%s</blockquote><ul>%s</ul>") % (
            intro,
            Markup("<br/>").join(escape(row) for row in reason.splitlines()),
            rows,
        )

    def _note_unlock(self, note):
        """Say on each ticket that approved time on it may change again, and why."""
        bodies = {
            ticket.id: Markup("<p>%s</p><p>%s</p>")
            % (self.env._("Approved time was unlocked: %s", lines._describe_total()), note)
            for ticket, lines in self.sudo().grouped("ticket_id").items()
        }
        self.ticket_id._message_log_batch(bodies)
