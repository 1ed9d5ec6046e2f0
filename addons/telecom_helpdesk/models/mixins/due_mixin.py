import logging
from datetime import timedelta

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH_SIZE = 50
# A row that fails is retried after these delays, then given up until somebody retries it.
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
# Two servers that meet on one row: how often a batch is read anew before leaving it
# to the next run of the scheduled action.
MAX_CONFLICTS = 10
# When to retry due rows that another transaction has locked.
LOCKED_DELAY = timedelta(minutes=1)
# A trigger this near may fire before the transaction that relies on it is committed.
TRIGGER_MARGIN = timedelta(minutes=5)


class TelecomDueMixin(models.AbstractModel):
    """A row that knows when it is next due, and one way to run what is due.

    A model that inherits this sets ``_due_cron`` to the external id of its scheduled
    action, whose code is ``model._run_due()``, and implements two hooks:
    ``_get_next_due`` says when the row is next due, ``_on_due`` does the work. Call
    ``_plan_due`` whenever the answer of ``_get_next_due`` may have changed. A record with
    several concerns has a row for each: see ``telecom.due.step.mixin``.

    The cost of a run follows what is due, never how many rows there are: due rows are
    read through a partial index. Several servers may run it at once. After downtime
    everything due runs once, oldest first.
    """

    _name = "telecom.due.mixin"
    _description = "Due Mixin"
    _inherit = ["telecom.due.base"]

    _due_cron = None
    # True: ``_on_due`` takes any number of rows. A batch is done as one, and row by row only
    # where that fails. It is worth it where rows share their work, such as many small mails.
    _due_together = False
    # Many2one fields to rows that ``_on_due`` writes as well: they are locked with the row. One
    # that somebody holds is left for later, and holds up no other.
    _due_locks = ()

    next_due_at = fields.Datetime(copy=False, readonly=True)
    due_attempts = fields.Integer(string="Automatic Step Tries", copy=False, readonly=True)
    due_error = fields.Text(
        string="Automatic Step Failed",
        copy=False,
        readonly=True,
        help="Why the last automatic step failed. Empty: nothing failed.",
    )

    _next_due = models.Index("(next_due_at) WHERE next_due_at IS NOT NULL")

    # Hooks

    def _get_next_due(self):
        """When this row is next due: naive UTC datetime, or False for never.

        Extensions return the earliest of their own instant and super's.
        """
        self.ensure_one()
        return False

    def _on_due(self, now):
        """Do what is due at ``now`` (naive UTC datetime) for this one row.

        It runs in a savepoint of its own. ``next_due_at`` is planned anew afterwards.

        With ``_due_together`` it is called for up to a batch of rows, and once more for each of
        them if one fails. What it did is undone by then, with what waits for the commit in
        ``cr.precommit`` (the bus does). ``cr.postcommit`` and what leaves the database are not:
        have other rows send it, such as Odoo's queue of mails.
        """
        raise NotImplementedError

    def _on_due_failed(self, error):
        """Hook: this row failed with ``error`` (text) for the last time; notify somebody."""
        if isinstance(self, self.pool["mail.activity.mixin"]):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("An automatic step failed"),
                note=error,
                user_id=self._get_due_responsible().id,
            )

    # Planning

    def _plan_due(self):
        """Store when each row is next due and make sure that the action runs then."""
        by_instant = {}
        for record in self:
            instant = record._get_next_due()
            if instant != record.next_due_at:
                by_instant.setdefault(instant, []).append(record.id)
        for instant, ids in by_instant.items():
            self.browse(ids).sudo()._write_due(
                {"next_due_at": instant, "due_attempts": 0, "due_error": False}
            )
        earliest = min((instant for instant in by_instant if instant), default=None)
        if earliest:
            self._trigger_due(earliest)

    @api.model
    def _trigger_due(self, at):
        """Have the scheduled action run at ``at``; once per transaction, if needed at all."""
        pending = self.env.cr.precommit.data.setdefault("telecom_due", {})
        if self._name not in pending:
            self.env.cr.precommit.add(self.sudo()._flush_due_trigger)
        pending[self._name] = min(at, pending.get(self._name, at))

    @api.model
    def _flush_due_trigger(self):
        at = self.env.cr.precommit.data.get("telecom_due", {}).pop(self._name, None)
        # By id: a reference by name asks the database whether it still exists.
        get_id = self.env["ir.model.data"]._xmlid_to_res_id
        cron = self.env["ir.cron"].browse(get_id(self._due_cron) if at else ())
        if not cron:
            return
        # One trigger, for the next event: an earlier one plans the rest when it runs.
        # A very near one may be used up before this transaction is visible to it.
        near = self._due_now() + TRIGGER_MARGIN
        earlier = at > near and self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", cron.id), ("call_at", ">", near), ("call_at", "<=", at)], limit=1
        )
        if not earlier:
            cron._trigger(at)
            self.env.flush_all()

    def action_retry_due(self):
        """Retry rows that were given up."""
        self.check_access("write")
        self._plan_due()

    # Running

    @api.model
    def _run_due(self):
        """Run everything that is due, oldest first, in batches that commit.

        Entry point of the scheduled action.
        """
        cron = self.env["ir.cron"]
        conflicts = 0
        while True:
            try:
                done = self._run_due_batch()
                remaining_time = cron._commit_progress(done, remaining=int(done == BATCH_SIZE))
            except TransactionRollbackError:
                # Another server changed a row after this transaction's snapshot.
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    self._trigger_due(self._due_now() + timedelta(minutes=1))
                    break
                continue
            conflicts = 0
            if not done or not remaining_time:
                break
        next_due = self._find_next_due()
        if next_due:
            now = self._due_now()
            # What is due and was not done is locked by somebody: let them finish.
            self._trigger_due(next_due if next_due > now else now + LOCKED_DELAY)
        cron._commit_progress()

    @api.model
    def _find_next_due(self):
        """Earliest instant at which a row is due, or None."""
        [(instant,)] = self.env.execute_query(
            SQL(
                "SELECT min(next_due_at) FROM %s WHERE next_due_at IS NOT NULL",
                SQL.identifier(self._table),
            )
        )
        return instant

    @api.model
    def _run_due_batch(self):
        """Run up to a batch of due rows; return how many there were."""
        now = self._due_now()
        self.env.flush_all()
        locked = [(SQL.identifier(f"locked_{name}"), name) for name in self._due_locks]
        rows = self.env.execute_query(
            SQL(
                """SELECT due.id FROM %(table)s AS due %(joins)s
                   WHERE due.next_due_at <= %(now)s
                   ORDER BY due.next_due_at, due.id LIMIT %(limit)s
                   FOR UPDATE OF due SKIP LOCKED %(locks)s""",
                table=SQL.identifier(self._table),
                joins=SQL(" ").join(
                    SQL(
                        "JOIN %s AS %s ON %s.id = due.%s",
                        SQL.identifier(self.env[self._fields[name].comodel_name]._table),
                        alias,
                        alias,
                        SQL.identifier(name),
                    )
                    for alias, name in locked
                ),
                now=now,
                limit=BATCH_SIZE,
                locks=SQL(" ").join(
                    SQL("FOR NO KEY UPDATE OF %s SKIP LOCKED", alias) for alias, _name in locked
                ),
            )
        )
        records = self.browse(id_ for (id_,) in rows)
        if not (self._due_together and len(records) > 1 and records._run_due_together(now)):
            for record in records:
                record._run_due_row(now)
        return len(records)

    def _run_due_together(self, now):
        """Do these rows as one; False: one of them fails, and nothing was done."""
        try:
            self._do_due(now)
        except TransactionRollbackError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is found row by row)
            _logger.info("%s: row by row, as one of them fails: %s", self, error)
            return False
        return True

    def _run_due_row(self, now):
        self.ensure_one()
        try:
            self._do_due(now)
        except TransactionRollbackError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the row is given up)
            self._due_failed(now, error)

    def _do_due(self, now):
        """Do what is due on these rows and say when they are due again, all or nothing."""
        with self.env.cr.savepoint():
            self._on_due(now)
            self._plan_due_again(now)
            self.env.flush_all()

    def _plan_due_again(self, now):
        """Store when these rows, which were done at ``now``, are due next: later, or never."""
        by_instant = {}
        for record in self:
            instant = record._get_next_due()
            key = instant if instant and instant > now else False
            by_instant.setdefault(key, []).append(record.id)
        for instant, ids in by_instant.items():
            self.browse(ids)._write_due(
                {"next_due_at": instant, "due_attempts": 0, "due_error": False}
            )

    def _due_failed(self, now, error):
        """Plan a retry after ``error``, or give the row up and notify somebody."""
        attempts = self.due_attempts + 1
        text = f"{type(error).__name__}: {error}"
        set_aside = attempts > len(RETRY_DELAYS)
        self._write_due(
            {
                "next_due_at": False if set_aside else now + RETRY_DELAYS[attempts - 1],
                "due_attempts": attempts,
                "due_error": text,
            }
        )
        if set_aside:
            _logger.error("%s: given up after %s attempts", self, attempts, exc_info=error)
            self._notify_due_failed(text)
        else:
            _logger.warning("%s: try %s failed: %s", self, attempts, text)
        self.env.flush_all()

    def _notify_due_failed(self, error):
        # Notifying may fail (the user has left, or may not see the row): go on with the other rows.
        try:
            with self.env.cr.savepoint():
                self._on_due_failed(error)
        except TransactionRollbackError:
            raise
        except Exception:
            _logger.exception("%s: nobody could be notified that it was given up", self)
