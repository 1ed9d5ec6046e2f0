from datetime import datetime, time

from pytz import utc

from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.tools.first_match import read_path

from .analytic_line_billable import format_factor, format_share


class AccountAnalyticLine(models.Model):
    """What an hour costs, and how much of it is billed."""

    _inherit = "account.analytic.line"

    billable = fields.Boolean(copy=False, help="Whether the customer pays for this time.")
    support_rate_id = fields.Many2one(
        "telecom.support.rate",
        string="Rate",
        readonly=True,
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
    )
    billed_hours = fields.Float(
        string="Time to Bill",
        readonly=True,
        copy=False,
        help="The billable share of the approved time, by the rate's factor and step, and at least "
        "its minimum. Of work that is counted together, each entry shows what it adds.",
    )

    rate_explanation = fields.Char(
        string="Why",
        compute="_compute_rate_explanation",
        help="Why the customer pays for this time, at which rate, or why not.",
    )

    @api.depends(
        "billable",
        "billable_percent",
        "hours_period",
        "date",
        "ticket_id",
        "contract_id",
        "employee_id",
        "support_rate_id",
    )
    def _compute_rate_explanation(self):
        found = self._find_rates()
        for line in self.sudo():
            rate = line.support_rate_id or found[line.id].sudo()
            line.rate_explanation = line.ticket_id and line._explain_rate(rate)

    def _explain_rate(self, rate):
        """Why this entry is billed at ``rate`` (telecom.support.rate), or not; a sentence."""
        if not self.billable and (source := self._find_free_source()):
            return self.env._("Not billed: “%s” is free of charge.", source.display_name)
        if not rate:
            return self.env._("No rate is for such work: it is not billed.")
        if rate.is_free and not self.billable:
            return self.env._("Not billed: the rate “%s” is free of charge.", rate.name)
        reasons = rate._get_criteria_names(self)
        name = f"{rate.name} ({', '.join(reasons)})" if reasons else rate.name
        if not self.billable:
            return self.env._("Not billed. Its rate would be %s.", name)
        sentences = [self.env._("Rate: %s.", name)]
        if self.billable_percent < 100:
            share = format_share(self.env, self.billable_percent)
            sentences.append(self.env._("%s of the time is billed.", share))
        if factor := self._get_factor(rate):
            sentences.append(self.env._("Time counts %s times.", format_factor(self.env, factor)))
        return " ".join(sentences)

    def _get_factor(self, rate):
        """Percent (int) that this entry's time counts as at ``rate``; None: as it is."""
        factor = (self.reckoning or {}).get("factor", 100)
        if not self.support_rate_id:
            factor = rate._get_terms()[rate].factor
        return None if factor == 100 else factor

    def _find_free_source(self):
        """The category or contract type that has such work free of charge, if any."""
        category = self.ticket_id.category_id._find_time_billing()
        source = category or self.contract_id.type_id
        return source if source.time_billing == "free" else None

    def _find_rates(self):
        """The rate of each of these entries: the first in sequence that matches.

        What somebody calls billable is never under a free rate: the next one applies.

        :return: ``{line.id: telecom.support.rate}``; empty where no rate matches
        """
        rates = self.env["telecom.support.rate"]
        found = {}
        for line in self.sudo():
            rate = rates._match(*line._get_rate_facts(), with_free=not line.billable)
            found[line.id] = rates.browse(rate and rate.id)
        return found

    def _default_billable(self):
        """Whether the customer pays, as category, contract type or rate have it.

        :return: ``{line.id: bool}``
        """
        rates = self.env["telecom.support.rate"]
        defaults = {}
        for line in self.sudo():
            ticket = line.ticket_id
            setting = (
                ticket.category_id._find_time_billing().time_billing
                or line.contract_id.type_id.time_billing
            )
            facts = line._get_rate_facts()
            if setting == "billable":
                rate = rates._match(*facts, with_free=False)
            else:
                rate = rates._match(*facts)
            defaults[line.id] = bool(ticket and setting != "free" and rate and not rate.is_free)
        return defaults

    def _set_default_billable(self):
        """Have category, contract type and rate say whether these entries are billable."""
        defaults = self._default_billable()
        for value in (True, False):
            lines = self.filtered(
                lambda line, value=value: defaults[line.id] == value != line.billable
            )
            if lines:
                lines._write_billing({"billable": value})

    def _get_billing_currency(self):
        """Currency (res.currency) that this one entry is billed in: the pricelist's."""
        return self._get_pricelist().currency_id or self.company_id.currency_id

    def _get_billing_price(self, quantity, uom, day=None):
        """Price of a ``uom`` (uom.uom of time) of this one entry, in its billing currency.

        By the customer's pricelist, and the exchange rate where it converts, of one day.

        :param quantity: how much is billed, in ``uom``: a pricelist may give a price by quantity
        :param day: which day (date); None: that of the work
        :return: float; 0.0 where no price is set
        """
        self.ensure_one()
        line = self.sudo().with_company(self.company_id)
        product = line.support_rate_id.product_id
        if not product:
            return 0.0
        return line._get_pricelist()._get_product_price(
            product,
            quantity,
            currency=line._get_billing_currency(),
            uom=uom,
            date=line._get_price_instant(day or line.date),
        )

    def _get_price_instant(self, day):
        """The first instant (naive UTC) of ``day`` that is of this date in UTC and here alike.

        A pricelist's dates are instants, and those of exchange rates are days.
        """
        midnight = datetime.combine(day, time())
        zone = self.env["telecom.billing.run"]._get_zone(self.company_id)
        return max(midnight, zone.localize(midnight).astimezone(utc).replace(tzinfo=None))

    def _get_pricelist(self):
        self.ensure_one()
        partner = self.sudo().with_company(self.company_id).partner_id.commercial_partner_id
        return partner.property_product_pricelist

    def _get_rate_facts(self):
        """What rates choose by: company id, and what there is of each of ``CRITERIA``."""
        ticket = self.ticket_id
        by_job = self.env["telecom.support.rate"]._is_criterion("job_ids")
        return (
            self.company_id.id,
            (
                (self.hours_period or "working",),
                ticket.tier_id._ids,
                self.contract_id.type_id._ids,
                read_path(ticket.category_id),
                self._get_worker()._ids,
                self._get_job()._ids if by_job else (),
                (self._get_day().weekday(),),
            ),
        )

    def _get_worker(self):
        """Who did the work (res.users): the present user on an entry that is not made yet."""
        return self.user_id if self.employee_id else self.user_id or self.env.user

    def _get_job(self):
        """Job position (hr.job) of whoever did the work, on its day."""
        employee = self.employee_id or self._get_worker().with_company(self.company_id).employee_id
        job = employee.job_id
        if employee.version_ids:
            job = employee._get_version(self._get_day()).job_id
        return job

    def _get_day(self):
        return self.date or fields.Date.context_today(self)
