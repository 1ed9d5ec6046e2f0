"""What a write changed, and who reacts to it: plain Python that knows no model by its name."""

from collections.abc import Iterable
from dataclasses import dataclass

MANY = ("many2many", "one2many")


@dataclass(frozen=True)
class Reaction:
    """One thing that happens: ``method`` of the records is called with the ``Change``.

    It gets the records on which one of the fields ``changed``; those that were just created, where
    one of them has a value. It gets all records where the write names one of the fields
    ``written``, to whatever value, and where the reaction names no field. It is never called for
    none.

    :param what: what it does, for readers
    """

    what: str
    method: str
    changed: Iterable[str] = frozenset()
    written: Iterable[str] = frozenset()

    def __post_init__(self):
        for name in ("changed", "written"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))


class Reactions(dict):
    """A table: ``{moment: [Reaction]}``, each list in the order in which they happen."""

    def add(self, moment, *reactions, before=None, after=None):
        """Put ``reactions`` at the end of a list, or beside the one with the method named.

        :raises ValueError: nothing there has this method
        """
        steps = self.setdefault(moment, [])
        beside = before or after
        place = [step.method for step in steps].index(beside) if beside else len(steps)
        if after:
            place += 1
        steps[place:place] = reactions


class Change:
    """What one write changed, or a creation: made once, read by all who react.

    Before the write it knows what is written; what changed is known after ``read_again``. A field
    that holds several records counts as changed wherever it is written: nobody reads what it
    held.

    :param records: those that are written, or were just created
    :param vals: what is written (dict); None: the records are new
    :param watched: names of the fields that somebody reacts to
    :param following: ``{field: names of those that may change with it}``
    :ivar by_hand: whether a person did it, and no software
    :ivar notes: dict in which a reaction before the write leaves what one after it needs
    """

    def __init__(self, records, vals=None, watched=(), following=None):
        self.records = records
        self.is_new = vals is None
        self.vals = vals or {}
        self.by_hand = not records.env.su
        self.notes = {}
        self._before = {}
        self._changed = {}
        names = set(self.vals)
        for name in self.vals:
            names.update((following or {}).get(name, ()))
        rows = records.sudo()
        for name in names.intersection(watched):
            if rows._fields[name].type in MANY:
                self._changed[name] = set(rows._ids)
            else:
                self._before[name] = {row.id: row[name] for row in rows}

    def read_again(self):
        """The write is done: see what it changed."""
        rows = self.records.sudo()
        for name, before in self._before.items():
            if ids := {row.id for row in rows if row[name] != before[row.id]}:
                self._changed[name] = ids

    def changed(self, *names):
        """The records on which one of the fields ``names`` changed."""
        if self.is_new:
            rows = self.records.sudo()
            ids = {row.id for row in rows if any(row[name] for name in names)}
        else:
            ids = set().union(*(self._changed.get(name, ()) for name in names))
        if len(ids) == len(self.records):
            return self.records
        return self.records.browse(id_ for id_ in self.records._ids if id_ in ids)

    def before(self, record, name):
        """What the field ``name`` (one that is watched) of ``record`` held; None if it is new.

        Records that it held are given as superuser.
        """
        if self.is_new:
            return None
        if name in self._before:
            return self._before[name][record.id]
        return record.sudo()[name]

    def run(self, reactions):
        """Call those of ``reactions`` that this change concerns, in their order."""
        for reaction in reactions:
            is_for_any = not (reaction.changed or reaction.written)
            if is_for_any or not reaction.written.isdisjoint(self.vals):
                concerned = self.records
            elif self.is_new or not reaction.changed.isdisjoint(self._changed):
                concerned = self.changed(*reaction.changed)
            else:
                continue
            if concerned:
                getattr(concerned, reaction.method)(self)
