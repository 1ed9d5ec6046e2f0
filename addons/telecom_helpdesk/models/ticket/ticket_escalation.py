from markupsafe import Markup, escape

from odoo import fields, models
from odoo.fields import Command

from ..team.agent import SUPPORT_LEVELS

# What a ticket shows of its escalation.
ESCALATION_MARKS = (
    "is_escalated",
    "escalated_at",
    "escalated_by_id",
    "escalation_reason",
    "escalated_from_team_id",
    "escalated_from_user_id",
)


class TelecomTicket(models.Model):
    """Escalating tickets to a higher level, and de-escalating them."""

    _inherit = "telecom.ticket"

    is_escalated = fields.Boolean(string="Escalated", readonly=True, tracking=True, copy=False)
    escalated_at = fields.Datetime(string="Escalated on", readonly=True, copy=False)
    escalated_by_id = fields.Many2one(
        "res.users",
        string="Escalated by",
        readonly=True,
        copy=False,
        help="Empty: a rule did it.",
    )
    escalation_reason = fields.Text(readonly=True, copy=False)
    # Where a ticket goes when it is de-escalated.
    escalated_from_team_id = fields.Many2one("telecom.ticket.team", readonly=True, copy=False)
    escalated_from_user_id = fields.Many2one("res.users", readonly=True, copy=False)

    def _escalate(self, level=None, team=None, user=None, reason="", note=True):
        """Escalate tickets, with one note in their thread.

        :param level: key of ``SUPPORT_LEVELS``; None: each ticket's next one. None falls.
        :param team: ``telecom.ticket.team``; None: the one that each ticket's team escalates to,
            else the team that it is in
        :param user: ``res.users`` who goes on; None: whoever has it, where they are in the new
            team and may take that level, else nobody
        :param reason: why, in words
        :param note: False where the caller leaves a note of its own
        """
        targets, marks = {}, {}
        for ticket in self:
            targets[ticket] = (
                max(level or ticket._get_level_beside(1), ticket.support_level),
                team or ticket._get_escalation_team(),
                user,
            )
            marks[ticket] = {
                "is_escalated": True,
                "escalated_at": self._due_now(),
                "escalated_by_id": False if self.env.su else self.env.uid,
                "escalation_reason": reason,
                "escalated_from_team_id": ticket.team_id.id,
                "escalated_from_user_id": ticket.user_id.id,
            }
        self._change_level(targets, marks, self.env._("Escalated"), reason, note)

    def _de_escalate(self, level=None, team=None, user=None, reason=""):
        """De-escalate tickets; the parameters are those of ``_escalate``.

        Without a team they go back to the one that they were escalated from.
        """
        targets = {
            ticket: (
                min(level or ticket._get_level_beside(-1), ticket.support_level),
                team or ticket._get_de_escalation_team(),
                user,
            )
            for ticket in self
        }
        marks = dict.fromkeys(self, dict.fromkeys(ESCALATION_MARKS, False))
        self._change_level(targets, marks, self.env._("De-escalated"), reason)

    def _get_level_beside(self, step):
        return str(min(max(int(self.support_level) + step, 1), len(SUPPORT_LEVELS)))

    def _get_escalation_team(self):
        team = self.team_id.sudo().escalation_team_id._get_current()
        return team.with_env(self.env) or self.team_id

    def _get_de_escalation_team(self):
        team = self.sudo().escalated_from_team_id._get_current()
        return team.with_env(self.env) or self.team_id

    def _prepare_hand_over(self, level, team, user):
        """Values that put a ticket on ``level`` in ``team``, with ``user`` or who may keep it."""
        former = self.user_id
        if not user and former and (team == self.team_id or former in team.sudo().member_ids):
            user = (
                former if self.env["telecom.agent"]._get_levels(former)[former] >= level else None
            )
        values = {
            "support_level": level,
            "team_id": team.id,
            "user_id": user.id if user else False,
        }
        if former and former != user:
            # The former agent stays a collaborator, to be asked about it.
            values["collaborator_ids"] = [Command.link(former.id)]
        return values

    def _hand_over(self, targets):
        """Put tickets on a level, into a team and into somebody's hands; tickets with the same
        changes are written together.

        :param targets: ``{ticket: (level, team, user)}``; without a user, whoever has it goes on
            where they may
        """
        groups = {}
        for ticket, target in targets.items():
            values = ticket._prepare_hand_over(*target)
            present = {
                "support_level": ticket.support_level,
                "team_id": ticket.team_id.id,
                "user_id": ticket.user_id.id,
            }
            changed = {k: value for k, value in values.items() if present.get(k) != value}
            groups.setdefault(str(changed), (changed, []))[1].append(ticket.id)
        for values, ids in groups.values():
            if values:
                self.browse(ids).write(values)

    def _change_level(self, targets, marks, heading, reason, note=True):
        """Hand over to ``targets`` (see ``_hand_over``), with ``marks`` ({ticket: values of
        ``ESCALATION_MARKS``}), and leave one note on each ticket, unless ``note`` is False.
        """
        before = {ticket: ticket._describe_responsibility() for ticket in self}
        quiet = self.with_context(mail_notrack=True)
        for ticket, values in marks.items():
            quiet.sudo().browse(ticket.id).write(values)
        quiet._hand_over({quiet.browse(ticket.id): target for ticket, target in targets.items()})
        if self and note:
            self._message_log_batch(
                {
                    ticket.id: ticket._render_hand_over(heading, before[ticket], reason)
                    for ticket in self
                }
            )
        self._plan_distribution_now()

    def _describe_responsibility(self):
        """Level, team and agent of a ticket, in words."""
        levels = dict(self._fields["support_level"]._description_selection(self.env))
        ticket = self.sudo()
        return (
            levels[ticket.support_level],
            ticket.team_id.name or self.env._("no team"),
            ticket.user_id.name or self.env._("nobody"),
        )

    def _render_hand_over(self, heading, before, reason):
        changes = [
            f"{old} → {new}"
            for old, new in zip(before, self._describe_responsibility(), strict=True)
            if old != new
        ]
        line = Markup("<p><b>%s</b>%s%s</p>") % (
            heading,
            ": " if changes else "",
            ", ".join(changes),
        )
        return line + (Markup("<p>%s</p>") % escape(reason) if reason else "")
