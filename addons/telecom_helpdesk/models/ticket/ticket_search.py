from odoo import api, models
from odoo.fields import Domain


class TelecomTicket(models.Model):
    """Choosing another ticket: those of the same customer come first, open ones before all.

    Fields where one is chosen ask for it by the context key ``telecom_near_ticket``, the id of
    the ticket that is being worked on.
    """

    _inherit = "telecom.ticket"

    @api.model
    def _count_open(self, name, records):
        """``{record: number}`` of the open tickets that the user may read and whose field ``name``
        points to one of ``records``."""
        domain = Domain(name, "in", records.ids) & Domain("is_done", "=", False)
        return dict(self._read_group(domain, [name], ["__count"]))

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        near = self.browse(self.env.context.get("telecom_near_ticket") or ())
        # The order would tell whose ticket it is.
        if not near._filtered_access("read"):
            return super().name_search(name, domain, operator, limit)
        found = []
        for part in near.sudo()._get_domains_by_nearness():
            left = limit - len(found) if limit else None
            if left == 0:
                break
            excluded = Domain("id", "not in", [*near.ids, *(id_ for id_, _name in found)])
            found += super().name_search(
                name, Domain(domain or Domain.TRUE) & part & excluded, operator, left
            )
        return found

    def _get_domains_by_nearness(self):
        """Domains of other tickets, the likeliest to have to do with this one first."""
        others = Domain("company_id", "=", self.company_id.id)
        if self.commercial_partner_id:
            same = Domain("commercial_partner_id", "=", self.commercial_partner_id.id)
        elif self.partner_email:
            same = Domain("partner_email", "=", self.partner_email)
        else:
            return [others]
        is_open = Domain("is_done", "=", False)
        return [others & same & is_open, others & same, others & is_open, others]

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if value and operator == "ilike" and self.env.context.get("telecom_near_ticket"):
            domain = Domain(domain) | Domain("commercial_partner_id", operator, value)
        return domain
