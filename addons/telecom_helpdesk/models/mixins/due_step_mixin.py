from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.tools import SQL


class TelecomDueStepMixin(models.AbstractModel):
    """A due row for one concern of a record that has several, such as a ticket.

    Each concern is planned, run, retried and given up on its own: a failure of one does not block
    the others. A model that inherits this sets ``_due_record`` to the Many2one field to the
    record, has a unique index over it and ``kind``, and lists the kinds in their order. For each
    kind the record's model, a ``telecom.due.owner.mixin``, has two methods:

    - ``_get_<kind>_due()``: when it is next due, naive UTC datetime, or False for never;
    - ``_on_<kind>_due(now)``: does what is due at ``now``.

    There is a row only for what is planned or failed. An addon adds a kind by ``selection_add``.
    """

    _name = "telecom.due.step.mixin"
    _description = "Due Step Mixin"
    _inherit = ["telecom.guard.mixin", "telecom.due.mixin"]
    _is_software_owned = True
    _log_access = False
    _order = "next_due_at, id"

    _due_record = None

    next_due_at = fields.Datetime(string="Planned for")
    due_attempts = fields.Integer(string="Tries")
    due_error = fields.Text(string="Error")

    @api.model
    def _get_kinds(self):
        return list(self._fields["kind"].get_values(self.env))

    def _get_record(self):
        return self[self._due_record]

    # Planning

    def _plan_due(self):
        for kind, steps in self.grouped("kind").items():
            steps._get_record()._plan_due(kind)

    def action_retry_due(self):
        self._get_record().check_access("write")
        self.sudo()._plan_due()

    @api.model
    def _insert(self, plans):
        """Make rows for ``plans``: ``{(record id, kind): naive UTC datetime}``; the rows."""
        if not plans:
            return self.browse()
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO %(table)s AS step (%(record)s, kind, next_due_at, due_attempts)
                   VALUES %(rows)s
                   ON CONFLICT (%(record)s, kind) DO UPDATE
                   SET next_due_at = EXCLUDED.next_due_at, due_attempts = 0, due_error = NULL
                   RETURNING id, %(record)s, kind, next_due_at""",
                table=SQL.identifier(self._table),
                record=SQL.identifier(self._due_record),
                rows=SQL(", ").join(
                    SQL("(%s, %s, %s, 0)", id_, kind, instant)
                    for (id_, kind), instant in plans.items()
                ),
            )
        )
        steps = self.browse(row[0] for row in rows)
        for step, (_id, record_id, kind, instant) in zip(steps, rows, strict=True):
            values = {self._due_record: record_id, "kind": kind, "next_due_at": instant}
            step._update_cache({**values, "due_attempts": 0, "due_error": False})
        return steps

    def _delete(self):
        """Delete these steps in SQL: the ORM's checks before unlink are too slow here."""
        if self:
            self.flush_recordset()
            self.env.execute_query(
                SQL(
                    "DELETE FROM %s WHERE id IN %s RETURNING id",
                    SQL.identifier(self._table),
                    tuple(self.ids),
                )
            )
            self.invalidate_recordset(flush=False)

    # Running

    @property
    def _due_locks(self):
        return (self._due_record,)

    def _get_next_due(self):
        return getattr(self._get_record(), f"_get_{self.kind}_due")()

    def _on_due(self, now):
        for kind, steps in self.grouped("kind").items():
            records = steps._get_record()
            getattr(records, f"_on_{kind}_due")(now)
            records._plan_due(kind, now)

    def _run_due_row(self, now):
        # Another step of the record may have ended this one, or put it off.
        try:
            due_at = self.next_due_at
        except MissingError:
            return
        if due_at and due_at <= now:
            super()._run_due_row(now)

    def _plan_due_again(self, now):
        """The record has planned it: by now the row may be gone."""

    def _get_due_responsible(self):
        return self._get_record()._get_due_responsible()

    def _on_due_failed(self, error):
        self._get_record()._on_step_failed(self, error)


class TelecomDueOwnerMixin(models.AbstractModel):
    """A record with several concerns that fall due, each with a row of its own.

    Call ``_plan_due`` whenever one of them may be due at another time than before.
    """

    _name = "telecom.due.owner.mixin"
    _description = "Due Owner Mixin"
    _inherit = ["telecom.due.base"]

    # Field with the rows, a One2many to a ``telecom.due.step.mixin``.
    _due_steps = "due_ids"

    next_due_at = fields.Datetime(string="Next Automatic Step", compute="_compute_next_due_at")

    @api.depends(lambda self: (f"{self._due_steps}.next_due_at",) if self._due_steps else ())
    def _compute_next_due_at(self):
        for record in self:
            instants = record.sudo()[self._due_steps].mapped("next_due_at")
            record.next_due_at = min(filter(None, instants), default=False)

    def _plan_due(self, kind=None, done_at=None):
        """Store when each concern of these records is next due and have it done then.

        :param kind: of this one alone
        :param done_at: it was just done (naive UTC datetime): due again later than that, or never
        """
        steps = self.sudo()[self._due_steps]
        rows = {(step._get_record().id, step.kind): step for step in steps}
        new, moved, over = {}, defaultdict(list), []
        for record in self:
            for name in [kind] if kind else steps._get_kinds():
                instant = getattr(record, f"_get_{name}_due")()
                if done_at and instant and instant <= done_at:
                    instant = False
                step = rows.get((record.id, name))
                if not step and instant:
                    new[record.id, name] = instant
                elif step and not instant:
                    over.append(step.id)
                elif step and step.next_due_at != instant:
                    moved[instant].append(step.id)
        for instant, ids in moved.items():
            steps.browse(ids)._write_due(
                {"next_due_at": instant, "due_attempts": 0, "due_error": False}
            )
        over = steps.browse(over)
        made, gone = (rows.grouped(rows._due_record) for rows in (steps._insert(new), over))
        # What is known spares queries for each ticket of a batch.
        for record in made.keys() | gone.keys():
            planned = record[self._due_steps]
            planned -= gone.get(record, planned.browse())
            planned |= made.get(record, planned.browse())
            planned = planned.sorted(lambda step: (not step.next_due_at, step.next_due_at, step.id))
            record._update_cache({self._due_steps: planned})
            record.invalidate_recordset(["next_due_at"], flush=False)
        over._delete()
        if instants := [*new.values(), *moved]:
            steps._trigger_due(min(instants))

    def _on_step_failed(self, step, error):
        """Hook: ``step``, a row of this one record, failed with ``error`` (text) for the last time;
        notify somebody."""
        label = dict(step._fields["kind"]._description_selection(self.env))[step.kind]
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("An automatic step failed: %s", label),
            note=error,
            user_id=self._get_due_responsible().id,
        )
