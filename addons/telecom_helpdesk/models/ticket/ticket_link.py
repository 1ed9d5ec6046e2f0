from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

# Every one is linked to every other one: beyond this number it is a major incident.
MOST_AT_ONCE = 20


class TelecomTicket(models.Model):
    """Links between tickets; a link is the same from both sides."""

    _inherit = "telecom.ticket"

    # A pair is two rows, one each way, so that Odoo reads, searches and hides it as any other.
    related_ids = fields.Many2many(
        "telecom.ticket",
        "telecom_ticket_related_rel",
        "ticket_id",
        "related_id",
        string="Linked Tickets",
        copy=False,
        check_company=True,
    )

    def _read_related(self):
        """Pairs of ids, of these tickets and of those related to them, seen or not."""
        rows = self.env.execute_query(
            SQL(
                """SELECT ticket_id, related_id FROM telecom_ticket_related_rel
                    WHERE ticket_id IN %s""",
                tuple(self.ids or [0]),
            )
        )
        return set(rows)

    def _note_related(self, change):
        change.notes["related"] = self._read_related()

    def _mirror_related(self, change):
        """Add and remove the reverse rows of these tickets' links."""
        before = change.notes.get("related", set())
        now = self._read_related()
        if any(one == other for one, other in now):
            raise ValidationError(self.env._("A ticket cannot be linked to itself."))
        added = [(other, one) for one, other in now - before]
        removed = [(other, one) for one, other in before - now]
        if added:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO telecom_ticket_related_rel (ticket_id, related_id)
                       VALUES %s ON CONFLICT DO NOTHING""",
                    SQL(", ").join(added),
                )
            )
        if removed:
            self.env.cr.execute(
                SQL(
                    """DELETE FROM telecom_ticket_related_rel
                        WHERE (ticket_id, related_id) IN %s""",
                    tuple(removed),
                )
            )
        if added or removed:
            self.env["telecom.ticket"].invalidate_model(["related_ids"])

    def _merge_links(self, target):
        """What these tickets are related to is related to ``target``."""
        related = self.related_ids - self - target
        self.related_ids = [Command.clear()]
        target._link(related)

    def _link(self, others):
        """Relate each of these tickets to each of ``others``, itself excepted."""
        for ticket in self:
            ticket.related_ids = [Command.link(other.id) for other in others - ticket]

    def action_link(self):
        """Relate the selected tickets to each other."""
        if len(self) < 2:
            raise UserError(self.env._("Select at least two tickets to link to each other."))
        if len(self) > MOST_AT_ONCE:
            raise UserError(
                self.env._(
                    "At most %(count)s tickets can be linked to each other at once. If many have "
                    "the same cause, declare a major incident.",
                    count=MOST_AT_ONCE,
                )
            )
        self._link(self)
        return self._notify_done(
            self.env._("Tickets now linked to each other: %(count)s.", count=len(self))
        )
