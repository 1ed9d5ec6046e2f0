from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

# What rates choose work by, in the order of the facts.
CRITERIA = ("tier_ids", "contract_type_ids", "category_ids", "user_ids", "job_ids", "days")
# Days of the week by what rates call them.
WEEKDAYS = {
    "any": (),
    "week": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
    "saturday": (5,),
    "sunday": (6,),
}


class CompiledRate(NamedTuple):
    """What choosing a rate takes. Kept for all transactions: no records."""

    id: int
    company_id: int | bool  # False: all companies
    hours_period: str
    criteria: tuple  # a frozenset of ids or weekdays for each of CRITERIA; empty: any
    is_free: bool

    def find_mismatch(self, company_id, hours_period, facts):
        """Name of the first criterion that does not hold, or None: the rate matches.

        :param hours_period: ``working`` or ``out``
        :param facts: a tuple of ids for each of ``CRITERIA``, a category with those above it, and
            of the day of the week
        """
        if self.company_id and self.company_id != company_id:
            return "company_id"
        if self.hours_period not in ("any", hours_period):
            return "hours_period"
        for name, wanted, present in zip(CRITERIA, self.criteria, facts, strict=True):
            if wanted and wanted.isdisjoint(present):
                return name
        return None


class TelecomSupportRate(models.Model):
    """Matching: which rate is for which work, without a query where all is at hand."""

    _inherit = "telecom.support.rate"

    @api.model
    @ormcache()
    def _get_rates(self):
        """Active rates (``CompiledRate``), in their order."""
        rates = self.sudo().search([("active", "=", True)])
        return tuple(rate._compile() for rate in rates)

    def _compile(self):
        """``CompiledRate`` of this one rate."""
        self.ensure_one()
        rate = self.with_context(active_test=False)
        return CompiledRate(
            id=self.id,
            company_id=self.company_id.id,
            hours_period=self.hours_period,
            criteria=tuple(
                frozenset(WEEKDAYS[rate.days] if name == "days" else rate[name].ids)
                for name in CRITERIA
            ),
            is_free=self.is_free,
        )

    @api.model
    @ormcache("name")
    def _is_criterion(self, name):
        """Whether any rate chooses work by ``name``, one of ``CRITERIA``."""
        index = CRITERIA.index(name)
        return any(rate.criteria[index] for rate in self._get_rates())

    @api.model
    def _match(self, company_id, hours_period, facts, with_free=True):
        """The first rate (``CompiledRate``) that matches, or None; see ``find_mismatch``."""
        for rate in self._get_rates():
            if (with_free or not rate.is_free) and not rate.find_mismatch(
                company_id, hours_period, facts
            ):
                return rate
        return None
