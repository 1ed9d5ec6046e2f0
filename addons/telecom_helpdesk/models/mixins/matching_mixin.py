from odoo import api, fields, models
from odoo.tools import format_datetime, ormcache

# Tickets that a trial shows of each group; the rest is counted.
MAX_LINES = 80


class TelecomMatchingMixin(models.AbstractModel):
    """What managers put in an order, and the first that matches counts: rules, policies, rates.

    Active rows are compiled once into the registry's cache (``_get_compiled``), so that matching
    needs no query, and a row can be tried out on the open tickets before it is saved. A model that
    inherits this implements ``_compile``. If it chooses by relations alone, it lists them in
    ``_criteria`` and compiles to a ``tools.first_match.Candidate``.
    """

    _name = "telecom.matching.mixin"
    _description = "Matching Mixin"
    _inherit = ["telecom.cached.mixin"]

    # Names of the fields that say whom a row is for; one that is empty is for everybody.
    _criteria = ()

    sequence = fields.Integer(default=10)

    # Compiled once

    @api.model
    @ormcache()
    def _get_compiled(self):
        """Active rows as ``_compile`` has them (tuple), in their order."""
        return tuple(row._compile() for row in self.sudo().search([("active", "=", True)]))

    def _compile(self):
        """Hook: what matching this one row takes, without records."""
        raise NotImplementedError

    def _prepare_candidate(self):
        """What every ``Candidate`` is made of (dict)."""
        self.ensure_one()
        return {
            "id": self._origin.id,
            "sequence": self.sequence,
            "company_id": self.company_id.id,
            "names": self._criteria,
            "criteria": tuple(frozenset(self._read_criterion(name)) for name in self._criteria),
        }

    def _read_criterion(self, name):
        """Hook: what this row wants of the criterion ``name``; nothing: whatever it is.

        What has been archived still says whom the row is for: without it, it is for everybody.
        """
        return self.with_context(active_test=False)[name]._origin.ids

    # Tried out before it is saved

    def _prepare_trial(self, changes):
        """This row with ``changes`` (dict, as ``write`` takes them), unsaved.

        :raises AccessError: the user could not save it
        """
        self.check_access("write" if self else "create")
        self._check_handed_in([changes])
        self._check_bounds([changes], with_rows=True)
        return self.new(changes, origin=self[:1])

    def _prepare_trial_groups(self, *groups):
        """What the dialog shows of ``groups``, pairs (title, found): those with something in them.

        :param found: tuples of a ticket and of what ``_describe_found`` takes beside it
        """
        return [
            {
                "title": title,
                "count": len(found),
                "ids": [ticket.id for ticket, *_rest in found],
                "lines": [self._prepare_trial_line(*each) for each in found[:MAX_LINES]],
            }
            for title, found in groups
            if found
        ]

    def _prepare_trial_line(self, ticket, *found):
        at, reason = self._describe_found(ticket, *found)
        return {
            "id": ticket.id,
            "name": ticket.display_name,
            "customer": ticket.commercial_partner_id.name or ticket.partner_email or "",
            "at": format_datetime(self.env, at, dt_format="short") if at else "",
            "reason": reason,
        }

    def _describe_found(self, ticket, *found):
        """Hook: when (naive UTC, or None) and why (text) this row is for ``ticket``."""
        raise NotImplementedError
