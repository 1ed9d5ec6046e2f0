import contextlib
import logging

from markupsafe import Markup
from psycopg2.extensions import TransactionRollbackError

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context, get_lang

_logger = logging.getLogger(__name__)


class TelecomTicketRule(models.Model):
    """Firing: what a rule does to tickets, the note about it, and what happens on failure."""

    _inherit = "telecom.ticket.rule"

    @api.model
    @contextlib.contextmanager
    def _guard(self, rule_id, savepoint=True):
        """Any error inside is rolled back and reported; the rest goes on.

        :param savepoint: False where nothing inside asks the database
        """
        try:
            with self.env.cr.savepoint() if savepoint else contextlib.nullcontext():
                yield
        except TransactionRollbackError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, no ticket is lost for it)
            self.sudo().browse(rule_id)._report_rule_failure(error)

    def _fire(self, tickets, reasons, now, may_route=True):
        """Do to ``tickets`` what this rule says, note it in their threads and log it.

        :param tickets: of one company
        :param reasons: ``{ticket id: why}``, what ``_explain`` takes: dicts
        :param now: instant (naive UTC) of the firing
        :param may_route: whether it may choose team and agent
        :return: the tickets whose team or agent it chose
        """
        company = tickets.company_id
        env = self.with_user(SUPERUSER_ID).with_company(company).env
        rule = self.with_env(env(context=clean_context(env.context))).with_context(
            lang=get_lang(env, company.partner_id.lang).code,
            mail_notrack=True,  # the note says it all
        )
        tickets = tickets.with_env(rule.env)
        before = {ticket.id: ticket._describe_for_rules() for ticket in tickets}
        remarks = rule._act(tickets, may_route)
        ran = rule.server_action_id and rule._run_server_action(tickets)
        logs, bodies, told = [], {}, {}
        for ticket in tickets:
            changes = ticket._describe_changes(before[ticket.id]) + remarks.get(ticket.id, [])
            if ran:
                changes.append(ran)
            if rule.notify_manager:
                told[ticket.id] = ticket._get_people_to_notify()
                names = ", ".join(told[ticket.id].mapped("name"))
                changes.append(rule.env._("Notified: %s", names))
            if not changes and rule.trigger != "on_time":
                continue
            calendar = ticket.team_id.resource_calendar_id or company.resource_calendar_id
            whys = rule._explain(**reasons[ticket.id], calendar=calendar)
            if changes:
                bodies[ticket.id] = rule._render_note(whys, changes)
            logs.append(
                {
                    "rule_id": rule.id,
                    "ticket_id": ticket.id,
                    "trigger": rule.trigger,
                    "at": now,
                    "reason": "\n".join(whys),
                    "changes": "\n".join(changes) or rule.env._("Nothing was left to change."),
                }
            )
        if logs:
            rule.env["telecom.ticket.rule.log"].create(logs)
        tickets.browse(bodies)._leave_rule_notes(bodies, told)
        rule.env.flush_all()
        return tickets.filtered(
            lambda ticket: any(
                before[ticket.id][name] != ticket[name].name for name in ("team_id", "user_id")
            )
        )

    def _act(self, tickets, may_route):
        """Change ``tickets``; return remarks about what could not be done ({ticket id: texts})."""
        remarks = {}
        if self.set_minimum_priority:
            tickets._raise_priority(self.set_minimum_priority)
        if self.add_tag_ids:
            for ticket in tickets.filtered(lambda ticket: self.add_tag_ids - ticket.tag_ids):
                ticket.tag_ids = [Command.link(tag.id) for tag in self.add_tag_ids - ticket.tag_ids]
        team, user = self.set_team_id, self.set_user_id
        if may_route and (archived := next((r for r in (team, user) if r and not r.active), None)):
            raise UserError(self.env._("%s has been archived.", archived.display_name))
        if not may_route:
            team, user = team.browse(), user.browse()
        level = self.set_support_level or None
        if self.escalate:
            able = tickets._may_take(
                user, lambda t: max(level or t._get_level_beside(1), t.support_level)
            )
            for group, agent in ((able, user or None), (tickets - able, None)):
                group._escalate(level, team or None, agent, self._get_reason_text(), note=False)
        elif team or user or level:
            able = tickets._may_take(user, lambda t: max(level or "1", t.support_level))
            tickets._hand_over(
                {
                    ticket: (
                        max(level or "1", ticket.support_level),
                        team or ticket.team_id,
                        user if ticket in able else None,
                    )
                    for ticket in tickets
                }
            )
        if user:
            name = user.name
            text = self.env._("Not assigned to %s, who does not work on this level", name)
            remarks = {ticket.id: [text] for ticket in tickets - able}
        return remarks

    def _get_reason_text(self):
        """What a ticket shows as the reason why it was escalated."""
        return self.env._("Rule “%s”", self.name)

    def _render_note(self, reasons, changes):
        note = Markup("<p><b>%s</b>: %s</p>") % (self._get_reason_text(), ", ".join(reasons))
        items = Markup().join(Markup("<li>%s</li>") % change for change in changes)
        return note + (Markup("<ul>%s</ul>") % items if items else "")

    # What if it fails

    def _report_rule_failure(self, error):
        """Log that this rule failed, and notify the managers the first time."""
        text = str(error) or type(error).__name__
        if self.error == text:
            return  # known, and each ticket would log it anew
        _logger.warning("Rule %s failed: %s", self.id, text, exc_info=error)
        try:
            with self.env.cr.savepoint():
                rule = self.with_user(SUPERUSER_ID)
                if rule.error or not rule.try_lock_for_update(allow_referencing=True):
                    return
                models.BaseModel.write(rule, {"error": text})
                agents = rule.env["telecom.agent"]
                for user in agents._get_people_to_notify(company=rule.company_id):
                    rule.activity_schedule(
                        "mail.mail_activity_data_warning",
                        summary=self.env._("This rule does not work"),
                        note=text,
                        user_id=user.id,
                    )
                rule.env.flush_all()
        except TransactionRollbackError:
            _logger.info("Rule %s: another server tells of it", self.id)

    def _forget_error(self, vals):
        """Whoever writes ``vals`` looked after these rules: should one fail again, it is told
        again."""
        if vals.keys() - self._uncached_fields - {"sequence"}:
            for rule in self.filtered("error"):
                models.BaseModel.write(rule.sudo(), {"error": False})
                rule.activity_unlink(["mail.mail_activity_data_warning"])


class TelecomTicket(models.Model):
    """What rules need to know of tickets."""

    _inherit = "telecom.ticket"

    def _describe_for_rules(self):
        """What rules may change, in words: {field: text}."""
        selections = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("priority", "support_level")
        }
        return {
            "priority": selections["priority"][self.priority],
            "support_level": selections["support_level"][self.support_level],
            "team_id": self.team_id.name,
            "user_id": self.user_id.name,
            "tag_ids": ", ".join(self.tag_ids.mapped("name")),
            "is_escalated": self.is_escalated,
        }

    def _describe_changes(self, before):
        """Lines such as "Priority: Normal → High" for what differs from ``before``."""
        after = self._describe_for_rules()
        nothing = self.env._("none")
        lines = [
            f"{self._fields[name]._description_string(self.env)}: "
            f"{before[name] or nothing} → {after[name] or nothing}"
            for name in after
            if name != "is_escalated" and before[name] != after[name]
        ]
        if after["is_escalated"] and not before["is_escalated"]:
            lines.insert(0, self.env._("Escalated"))
        return lines

    def _may_take(self, user, get_level):
        """Tickets that ``user`` may take at the level that ``get_level(ticket)`` gives."""
        if not user:
            return self
        level = user.telecom_support_level or "0"
        return self.filtered(lambda ticket: get_level(ticket) <= level)

    def _leave_rule_notes(self, bodies, told):
        """Leave an internal note on each ticket.

        :param bodies: ``{ticket id: HTML}``
        :param told: ``{ticket id: res.users}`` who are notified of it
        """
        silent = self.filtered(lambda ticket: not told.get(ticket.id))
        if silent:
            silent._message_log_batch(bodies)
        for ticket in self - silent:
            ticket.message_post(
                body=bodies[ticket.id],
                message_type="notification",
                subtype_xmlid="mail.mt_note",
                partner_ids=told[ticket.id].partner_id.ids,
            )
