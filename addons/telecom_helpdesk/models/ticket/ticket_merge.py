from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, email_normalize, is_html_empty

from .ticket_stage import DONE_STATES

# What belongs to a record by its model and id, and the field that names the model.
REFERENCES = {
    "calendar.event": "res_model",
    "ir.attachment": "res_model",
    "mail.activity": "res_model",
    "mail.message": "model",
    "mail.scheduled.message": "model",
    "rating.rating": "res_model",
}
# What the target takes over from the tickets merged into it where it has nothing itself.
FILLED_FIELDS = (
    "partner_id",
    "partner_name",
    "partner_email",
    "partner_phone",
    "service_id",
    "category_id",
    "date_deadline",
)


class TelecomTicket(models.Model):
    """Merging tickets about one problem: the merged ones point to the one that stays."""

    _inherit = "telecom.ticket"

    def action_merge(self):
        """Open the wizard that merges this ticket into another, or those selected into one."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk.telecom_ticket_merge_action"
            ),
            "context": {"default_ticket_ids": [Command.set(self.ids)]},
        }

    def _merge(self, target):
        """Merge these tickets into ``target``, or into the one that it was merged into.

        :return: the ticket that they were merged into
        :raises UserError: why they cannot be
        """
        target = target.sudo()._get_merge_target().with_env(self.env)
        sources = self - target if len(self) > 1 else self
        # Two people who merge the same tickets wait for each other: the second one's request
        # is run anew, and sees what the first one did.
        self.env.execute_query(
            SQL(
                "SELECT id FROM telecom_ticket WHERE id IN %s ORDER BY id FOR UPDATE",
                tuple((sources + target).ids),
            )
        )
        sources._check_mergeable(target)
        sources.sudo().with_context(mail_notrack=True, telecom_merging=True)._merge_into(
            target.sudo().with_context(mail_notrack=True)
        )
        return target

    def _check_mergeable(self, target):
        """:raises UserError: why these tickets cannot be merged into ``target``"""
        self._check_incidents_mergeable(target)
        env = self.env
        (self + target).check_access("write")
        if target in self:
            raise UserError(env._("%(ticket)s cannot be merged into itself.", ticket=target.number))
        if target.state == "cancelled":
            raise UserError(
                env._(
                    "%(target)s was cancelled. Reopen it first, or choose another ticket.",
                    target=target.number,
                )
            )
        if (
            target.state == "closed"
            and not target.sudo()._may_reopen()
            and not all(ticket.is_done for ticket in self)
        ):
            raise UserError(
                env._(
                    "%(target)s was closed too long ago to be reopened. Link the tickets instead.",
                    target=target.number,
                )
            )
        for ticket in self:
            if ticket.merged_into_id:
                ticket._redirect_if_merged()
            if ticket.company_id != target.company_id:
                raise UserError(
                    env._(
                        "%(ticket)s and %(target)s belong to different companies.",
                        ticket=ticket.number,
                        target=target.number,
                    )
                )
            if not ticket._is_same_customer(target):
                raise UserError(
                    env._(
                        "%(ticket)s is from %(customer)s, %(target)s from %(other)s: merged, each "
                        "would read what the other wrote. Link the tickets instead.",
                        ticket=ticket.number,
                        customer=ticket._get_customer_label(),
                        target=target.number,
                        other=target._get_customer_label(),
                    )
                )

    def _get_customer_label(self):
        ticket = self.sudo()
        return (
            ticket.commercial_partner_id.display_name
            or ticket.partner_email
            or ticket.partner_name
            or self.env._("an unknown customer")
        )

    def _is_same_customer(self, other):
        """Whether this ticket's customer may read what ``other``'s wrote, and the reverse.

        Contacts of one account may; so may whoever writes from the same address.
        """
        one, two = self.sudo(), other.sudo()
        if one.commercial_partner_id and two.commercial_partner_id:
            return one.commercial_partner_id == two.commercial_partner_id
        addresses = [email_normalize(ticket.partner_email) for ticket in (one, two)]
        # Nobody outside is on a ticket without customer and address.
        is_nobodys = [not ticket.partner_id and not ticket.partner_email for ticket in (one, two)]
        return any(is_nobodys) or (bool(addresses[0]) and addresses[0] == addresses[1])

    def _merge_into(self, target):
        """Hook: move what belongs to these tickets to ``target``, and end them.

        Whoever adds something to tickets moves it too. It runs as superuser, after everything
        was checked.

        :param target: the ticket (telecom.ticket, one) that they become
        """
        self._merge_incidents(target)
        moved = self._move_references(target)
        self._move_followers(target)
        self._merge_relations(target)
        self._merge_values(target)
        self._note_merge(target, moved)
        self._end_merged(target)
        (self + target)._plan_due()
        self._tell_merged(target)
        self._merge_links(target)

    def _tell_merged(self, target):
        """Show it to those who have one of these tickets on their screen."""
        for ticket in self + target:
            ticket._bus_send("telecom.ticket/message", {"ticket_id": ticket.id})

    def _move_references(self, target):
        """Have messages, attachments, activities and the like belong to ``target``.

        In SQL, one statement each: the ORM writes row by row what may be thousands of
        messages. What the software logged on a ticket (changes of its fields, that it was
        assigned) stays with it, as its history does.

        :return: number of messages moved, by id of the ticket that they belonged to
        """
        env = self.env
        get_id = env["ir.model.data"]._xmlid_to_res_id
        spoken = SQL(
            "(message_type NOT IN ('notification', 'user_notification') OR subtype_id IN %s)",
            (get_id("mail.mt_comment"), get_id("mail.mt_activities")),
        )
        conditions = {"mail.message": spoken, "ir.attachment": SQL("res_field IS NULL")}
        env.flush_all()
        moved = {}
        for model, model_field in REFERENCES.items():
            if model not in env:
                continue  # of an app that is not installed
            rows = env.execute_query(
                SQL(
                    """WITH old AS (SELECT id, res_id FROM %(table)s
                                     WHERE %(model_field)s = %(model)s AND res_id IN %(ids)s
                                       AND %(condition)s)
                     UPDATE %(table)s new SET res_id = %(target)s
                       FROM old WHERE new.id = old.id
                  RETURNING new.id, old.res_id""",
                    table=SQL.identifier(env[model]._table),
                    model_field=SQL.identifier(model_field),
                    model=self._name,
                    ids=tuple(self.ids),
                    target=target.id,
                    condition=conditions.get(model, SQL("TRUE")),
                )
            )
            moved[model] = dict(rows)
        env.invalidate_all()
        for model in ("mail.activity", "rating.rating"):
            env[model].browse(moved[model]).modified(["res_id"])
        env.add_to_compute(self._fields["rating_last_value"], self + target)
        counts = dict.fromkeys(self.ids, 0)
        for ticket_id in moved["mail.message"].values():
            counts[ticket_id] += 1
        return counts

    def _move_followers(self, target):
        followers = self.env["mail.followers"].search(
            [("res_model", "=", self._name), ("res_id", "in", (self + target).ids)], order="id"
        )
        known = followers.filtered(lambda follower: follower.res_id == target.id).partner_id
        moving = followers.browse()
        for follower in followers.filtered(lambda follower: follower.res_id != target.id):
            if follower.partner_id not in known:
                moving += follower
                known |= follower.partner_id
        moving.write({"res_id": target.id})
        (followers - moving).filtered(lambda follower: follower.res_id != target.id).unlink()

    def _merge_relations(self, target):
        """Move the links of these tickets, and tickets linked to them, to ``target``."""
        incidents = self.parent_id
        self.filtered("parent_id").parent_id = False
        if incidents and not target.parent_id:
            target.parent_id = incidents[0]
        self.child_ids.parent_id = target
        if target.follow_up_of_id in self:
            target.follow_up_of_id = target.follow_up_of_id.follow_up_of_id
        for name in ("follow_up_of_id", "merged_into_id"):
            others = self.with_context(active_test=False).search([(name, "in", self.ids)])
            (others - self - target)._write_due({name: target.id})

    def _merge_values(self, target):
        """Complete ``target`` by what it lacks, and combine what both know."""
        vals = {}
        account = target.commercial_partner_id or self.commercial_partner_id[:1]
        for name in FILLED_FIELDS:
            known = self.filtered(name)[:1]
            is_others = name == "service_id" and known.service_id.commercial_partner_id != account
            if known and not target[name] and not is_others:
                vals[name] = self._fields[name].convert_to_write(known[name], target)
        colleagues = (self.collaborator_ids | self.user_id) - target.user_id
        vals["collaborator_ids"] = [
            Command.link(user.id) for user in colleagues - target.collaborator_ids
        ]
        vals["tag_ids"] = [Command.link(tag.id) for tag in self.tag_ids - target.tag_ids]
        copied = {}
        for ticket in self + target:
            copied.update(self._mail_cc_sanitized_raw_dict(ticket.email_cc))
        if copied:
            vals["email_cc"] = ", ".join(copied.values())
        target.write({name: value for name, value in vals.items() if value})
        target._write_due(self._combine_instants(target))

    def _combine_instants(self, target):
        """Values of ``target`` that say when people wrote, these tickets' words included."""
        family = self + target
        # What was answered before the target existed did not answer it.
        answers = [
            instant
            for ticket in family
            for instant in (ticket.first_response_at, ticket.last_agent_reply_at)
            if instant and instant >= target.create_date.replace(microsecond=0)
        ]
        waiting = family.filtered(lambda ticket: not ticket.is_done).mapped("unanswered_since")
        return {
            "first_response_at": min(answers, default=target.first_response_at),
            "unanswered_since": min(filter(None, waiting), default=False),
            **{
                name: max(filter(None, family.mapped(name)), default=False)
                for name in ("last_customer_message_at", "last_agent_reply_at")
            },
        }

    def _note_merge(self, target, moved):
        """Say on each ticket what was merged into what; ``moved`` counts messages by id."""
        env = self.env
        lines = []
        for ticket in self:
            text = escape(env._("Merged into this ticket: %(ticket)s (messages: %(count)s)"))
            line = text % {"ticket": ticket._get_html_link(), "count": moved[ticket.id]}
            if not is_html_empty(ticket.description):
                line += Markup("<blockquote>%s</blockquote>") % ticket.description
            lines.append(Markup("<li>%s</li>") % line)
        target._message_log(body=Markup("<ul>%s</ul>") % Markup().join(lines))
        body = escape(env._("Merged into %(ticket)s.")) % {"ticket": target._get_html_link()}
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _end_merged(self, target):
        """Cancel these tickets, and reopen ``target`` if one of them was open."""
        is_needed = any(not ticket.is_done for ticket in self)
        is_waited_for = any(ticket.state in ("new", "open") for ticket in self)
        self.merged_into_id = target
        reason = self.env._("Merged into %(ticket)s", ticket=target.number)
        self._set_state("cancelled", reason, strict=False)
        if (target.state in DONE_STATES and is_needed) or (
            target.state == "waiting_customer" and is_waited_for
        ):
            target._set_state("open", self.env._("A ticket was merged into it"), strict=False)
