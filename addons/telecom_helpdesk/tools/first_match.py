"""The first of several things in an order that is for somebody, without a query."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """One of several things, of which the first that matches applies. It may be kept for all
    transactions: there are no records in it.

    :param company_id: None or False: for all companies
    :param names: names of the criteria
    :param criteria: a frozenset of what is wanted for each of ``names``; empty: whatever it is
    """

    id: int
    sequence: int
    company_id: int | bool
    names: tuple
    criteria: tuple

    def find_mismatch(self, company_id, facts):
        """Name of the first criterion that does not hold, or None: it matches.

        :param facts: for each of ``names``, a tuple of what there is; what stands in a tree comes
            with what is above it
        """
        if self.company_id and self.company_id != company_id:
            return "company_id"
        for name, wanted, present in zip(self.names, self.criteria, facts, strict=True):
            if wanted and wanted.isdisjoint(present):
                return name
        return None

    def asks_for(self, name):
        """Whether it looks at the criterion ``name`` at all."""
        return bool(self.criteria[self.names.index(name)])


def first_match(candidates, company_id, facts):
    """The first of ``candidates`` that matches (see ``find_mismatch``), or None."""
    return next((one for one in candidates if not one.find_mismatch(company_id, facts)), None)


def read_path(record):
    """Ids (tuple) of a record in a tree and of those above it, the topmost first."""
    return tuple(int(id_) for id_ in (record.parent_path or "").split("/") if id_)
