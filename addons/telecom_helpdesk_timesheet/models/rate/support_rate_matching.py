from dataclasses import dataclass

from odoo import api, models
from odoo.tools import ormcache

from odoo.addons.telecom_helpdesk.tools.first_match import Candidate, first_match

# What rates choose work by, in the order of the facts.
CRITERIA = (
    "hours_period",
    "tier_ids",
    "contract_type_ids",
    "category_ids",
    "user_ids",
    "job_ids",
    "days",
)
# Days of the week by what rates call them.
WEEKDAYS = {
    "any": (),
    "week": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
    "saturday": (5,),
    "sunday": (6,),
}
# Times of the day by what rates call them.
PERIODS = {"any": (), "working": ("working",), "out": ("out",)}


@dataclass(frozen=True)
class CompiledRate(Candidate):
    """What choosing a rate takes."""

    is_free: bool


class TelecomSupportRate(models.Model):
    """Matching: which rate is for which work, without a query where all is at hand."""

    _inherit = "telecom.support.rate"
    _criteria = CRITERIA

    def _compile(self):
        """``CompiledRate`` of this one rate."""
        return CompiledRate(**self._prepare_candidate(), is_free=self.is_free)

    def _read_criterion(self, name):
        match name:
            case "days":
                return WEEKDAYS[self.days]
            case "hours_period":
                return PERIODS[self.hours_period]
        return super()._read_criterion(name)

    @api.model
    @ormcache("name")
    def _is_criterion(self, name):
        """Whether any rate chooses work by ``name``, one of ``CRITERIA``."""
        return any(rate.asks_for(name) for rate in self._get_compiled())

    @api.model
    def _match(self, company_id, facts, with_free=True):
        """The first rate (``CompiledRate``) that matches, or None.

        :param facts: what there is of each of ``CRITERIA``, see ``Candidate.find_mismatch``
        """
        rates = self._get_compiled()
        if not with_free:
            rates = (rate for rate in rates if not rate.is_free)
        return first_match(rates, company_id, facts)
