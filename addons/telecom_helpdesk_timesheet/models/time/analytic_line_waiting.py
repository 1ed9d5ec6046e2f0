import logging
from datetime import timedelta

from markupsafe import Markup
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from .analytic_line_review import MANAGER

_logger = logging.getLogger(__name__)

# So many tickets does a mail name.
NAMED_TICKETS = 50


class AccountAnalyticLine(models.Model):
    """Time that waits for approval: since when, and who is reminded of it."""

    _inherit = "account.analytic.line"

    waiting_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="When it was logged, submitted again or unlocked, and so came to wait for approval.",
    )

    _to_approve = models.Index("(company_id, waiting_since) WHERE billing_state = 'to_approve'")

    def _follow_billable(self):
        """Have entries wait for approval if they are billable; those rejected wait again."""
        lines = self._get_unlocked()
        lines.filtered(lambda line: line.billable and not line.ticket_id)._write_billing(
            {"billable": False}
        )
        for state, of_state in lines.grouped(lambda line: line._get_waiting_state()).items():
            changed = of_state.filtered(lambda line, state=state: line.billing_state != state)
            if changed:
                changed._write_billing(
                    {
                        "billing_state": state,
                        "waiting_since": state == "to_approve" and fields.Datetime.now(),
                        "rejected_by_id": False,
                        "rejected_at": False,
                    }
                )

    def _get_waiting_state(self):
        """State of this entry before anybody reviewed it."""
        if not self.ticket_id:
            return False
        return "to_approve" if self.billable else "not_billable"

    # Who is reminded

    @api.model
    def _remind_approvers(self):
        """Mail each manager, once a day at most, what waits too long for their approval.

        Entry point of the scheduled action. Days on which it did not run are not made up for.
        """
        cron = self.env["ir.cron"]
        told = self.sudo()._find_overdue()._group_by_approver()
        rows = self.env["telecom.agent"]._ensure_rows(self.env["res.users"].union(*told))
        cron._commit_progress(remaining=len(rows))
        for row in rows:
            # A mail that fails for one manager does not stop the mails to the others.
            try:
                with self.env.cr.savepoint():
                    row._remind_to_approve(told[row.user_id])
            except TransactionRollbackError:
                raise
            except Exception:
                _logger.exception("%s was not reminded of time to approve", row.user_id)
            if not cron._commit_progress(1):
                break

    @api.model
    def _find_overdue(self):
        """Entries that have been waiting for approval longer than their company lets them."""
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo()
        overdue = self.browse()
        for company in companies.search([("telecom_approval_reminder_days", ">", 0)]):
            days = timedelta(days=company.telecom_approval_reminder_days)
            overdue |= self.search(
                [
                    ("billing_state", "=", "to_approve"),
                    ("company_id", "=", company.id),
                    ("waiting_since", "<", now - days),
                ]
            )
        return overdue

    def _group_by_approver(self):
        """``{user: entries}``: what each may approve. The leader of the team is asked; where that
        is none, or may not, the other managers of the company are."""
        agents = self.env["telecom.agent"]
        told = {}
        for (company, team), lines in self.grouped(
            lambda line: (line.company_id, line.ticket_team_id)
        ).items():
            choices = (
                team._get_manager() if team else self.env["res.users"],
                agents._get_people_to_notify(company=company, group=MANAGER),
            )
            for line in lines:
                for user in agents._pick_people(
                    *choices,
                    company=company,
                    group=MANAGER,
                    may=lambda user, line=line: line.with_user(user)._may_approve(),
                ):
                    told[user] = told.get(user, self.browse()) + line
        return told

    def _render_reminder(self):
        """The mail's body: what waits, by agent and ticket, and the way to it."""
        rows = []
        left = NAMED_TICKETS
        for agent, of_agent in self.grouped(
            lambda line: line.employee_id.name or line.user_id.name
        ).items():
            on_tickets = list(of_agent.grouped("ticket_id").items())[:left]
            left -= len(on_tickets)
            items = Markup().join(
                Markup("<li>%s</li>")
                % self.env._(
                    "%(ticket)s: %(hours)s h",
                    ticket=ticket._get_html_link(title=ticket.display_name),
                    hours=format_hours(to_minutes(sum(lines.mapped("unit_amount")))),
                )
                for ticket, lines in on_tickets
            )
            hours = format_hours(to_minutes(sum(of_agent.mapped("unit_amount"))))
            head = self.env._("%(agent)s: %(hours)s h", agent=agent, hours=hours)
            rows.append(Markup("<li><b>%s</b><ul>%s</ul></li>") % (head, items))
        more = len(self.ticket_id) - NAMED_TICKETS
        if more > 0:
            rows.append(Markup("<li>%s</li>") % self.env._("and on more tickets: %s", more))
        since = fields.Datetime.context_timestamp(self, min(self.mapped("waiting_since")))
        return Markup("<p>%s</p><ul>%s</ul><p><a href='%s/odoo/time-to-review'>%s</a></p>") % (
            self.env._(
                "This time waits for your approval, the oldest since %s.",
                format_date(self.env, since.date()),
            ),
            Markup().join(rows),
            self.env["telecom.ticket"].get_base_url(),
            self.env._("Review Time"),
        )


class TelecomAgent(models.Model):
    _inherit = "telecom.agent"

    approval_reminded_on = fields.Date(
        string="Reminded of Time to Approve", readonly=True, copy=False
    )

    def _remind_to_approve(self, lines):
        """Mail this agent, unless they had a mail today, that ``lines`` wait for their approval."""
        user = self.user_id
        lines = lines.with_context(lang=user.lang, tz=user.tz)
        today = fields.Date.context_today(lines)
        if self.approval_reminded_on == today:
            return
        self.approval_reminded_on = today
        lines.env["telecom.ticket"].sudo(False).message_notify(
            subject=lines.env._("Time to approve: %s", lines._describe_total()),
            body=lines._render_reminder(),
            partner_ids=user.partner_id.ids,
            email_layout_xmlid="mail.mail_notification_light",
        )
