from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

PAGE_SIZE = 20
MOST_PACKS = 24


class SupportHoursPortal(CustomerPortal):
    """What a customer's contracts include, the hours that they bought, and the work behind the
    invoices."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "support_hours_count" in counters:
            user = request.env.user
            values["support_hours_count"] = any(
                request.env[model]
                .sudo()
                .search_count(request.env[model]._get_portal_domain(user), limit=1)
                for model in ("account.analytic.line", "telecom.contract", "telecom.hour.pack")
            )
        return values

    @http.route(
        ["/my/support-hours", "/my/support-hours/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def portal_my_support_hours(self, page=1, filterby="all", **kwargs):
        contracts = request.env["telecom.contract"].sudo()
        contracts = contracts.search(contracts._get_portal_domain(request.env.user))
        contracts = contracts.sorted(lambda contract: contract.state != "active")
        packs = request.env["telecom.hour.pack"].sudo()
        packs = packs.search(packs._get_portal_domain(request.env.user), limit=MOST_PACKS)
        filters = self._get_filters(contracts)
        filterby = filterby if filterby in filters else "all"
        lines = self._get_lines()
        domain = lines._get_portal_domain(request.env.user) & filters[filterby]["domain"]
        pager = portal_pager(
            url="/my/support-hours",
            url_args={"filterby": filterby} if filterby != "all" else {},
            total=lines.search_count(domain),
            page=page,
            step=PAGE_SIZE,
        )
        found = lines.search(
            domain,
            order="date desc, started_at desc, id desc",
            limit=PAGE_SIZE,
            offset=pager["offset"],
        )
        return request.render(
            "telecom_helpdesk_timesheet.portal_my_support_hours",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "support_hours",
                "default_url": "/my/support-hours",
                "contracts": [contract._prepare_portal_values() for contract in contracts],
                "packs": [pack._prepare_portal_values() for pack in packs],
                "lines": found._prepare_portal_values(request.env.user),
                "totals": lines._prepare_portal_totals(domain) if found else {},
                "pager": pager,
                "searchbar_filters": filters if len(filters) > 1 else {},
                "filterby": filterby,
            },
        )

    def _get_lines(self):
        return request.env["account.analytic.line"].sudo()

    def _get_filters(self, contracts):
        """Periods that the list of work can be narrowed to."""
        filters = {"all": {"label": request.env._("All"), "domain": Domain.TRUE}}
        for contract in contracts:
            for period in contract.period_ids:
                label = period.display_name
                if len(contracts) > 1:
                    label = f"{contract.name}: {label}"
                filters[f"period-{period.id}"] = {
                    "label": label,
                    "domain": Domain(
                        [
                            ("contract_id", "=", contract.id),
                            ("date", ">=", period.date_start),
                            ("date", "<=", period.date_end),
                        ]
                    ),
                }
        return filters
