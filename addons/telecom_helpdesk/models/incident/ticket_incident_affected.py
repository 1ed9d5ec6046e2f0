from odoo import api, models
from odoo.tools import SQL


class TelecomTicket(models.Model):
    """What an incident affects, and which tickets are likely caused by it."""

    _inherit = "telecom.ticket"

    @api.model
    def _flush_affected(self):
        """Have the database know what ``_sql_affected_services`` and its callers read."""
        self.flush_model(
            [
                "affected_service_ids", "affected_site_ids", "commercial_partner_id", "company_id",
                "parent_id", "service_id", "state",
            ]
        )  # fmt: skip
        self.env["telecom.service"].flush_model(
            [
                "commercial_partner_id",
                "company_id",
                "partner_id",
                "site_partner_id",
                "state",
                "type_id",
            ]
        )

    def _sql_affected_services(self, condition=None):
        """Query for the services that these incidents hit, whether named or by their site.

        Rows are ``incident_id, service_id, account_id, partner_id`` (the service's contact).

        :param condition: SQL on the table ``service``
        """
        columns = SQL(
            "rel.incident_id, service.id AS service_id, "
            "service.commercial_partner_id AS account_id, service.partner_id"
        )
        return SQL(
            """SELECT %(columns)s
               FROM telecom_incident_service_rel rel
               JOIN telecom_service service ON service.id = rel.service_id
               WHERE rel.incident_id = ANY(%(ids)s) AND service.state != 'ceased'
                     AND %(condition)s
               UNION
               SELECT %(columns)s
               FROM telecom_incident_site_rel rel
               JOIN telecom_ticket incident ON incident.id = rel.incident_id
               JOIN telecom_service service ON service.site_partner_id = rel.partner_id
                    AND service.company_id = incident.company_id
               WHERE rel.incident_id = ANY(%(ids)s) AND service.state != 'ceased'
                     AND %(condition)s""",
            condition=condition or SQL("TRUE"),
            columns=columns,
            ids=self.ids,
        )

    def _may_be_linked(self):
        """Whether this ticket may be caused by an incident that it is not linked to."""
        return not (self.incident_kind or self.parent_id or self.is_done or self.merged_into_id)

    def _match_incidents(self, under_way):
        """Which of the incidents ``under_way`` ({id: company id}) each ticket belongs to.

        :return: ``{ticket: (incident, how)}``; ``how`` is ``service`` where the ticket's own
            service is affected, ``customer`` where something else of the account is that is
            likely to be behind it. The newest incident wins, and one of the own service before
            others. One query, none without an incident.
        """
        tickets = under_way and self.filtered(lambda ticket: ticket._may_be_linked())
        services = tickets and tickets.service_id._origin.ids
        accounts = tickets and tickets.commercial_partner_id._origin.ids
        if not services and not accounts:
            return {}
        affected = self._find_affected(list(under_way), services, accounts)
        matches = {}
        for ticket in tickets:
            for how, record in (
                ("service", ticket.service_id),
                ("customer", ticket.commercial_partner_id),
            ):
                ids = affected.get((how, record._origin.id)) or ()
                ids = {id_ for id_ in ids if under_way[id_] == ticket.company_id.id}
                ids -= set(ticket.sudo().unrelated_incident_ids.ids) if ids else set()
                if how == "customer":
                    hits = affected.get((how, record._origin.id))
                    ids = {id_ for id_ in ids if ticket._is_likely_due_to(id_, hits[id_])}
                if ids:
                    matches[ticket] = (self.browse(max(ids)), how)
                    break
        return matches

    def _is_likely_due_to(self, incident_id, hits):
        """Whether an incident that hits something else of the account can be behind this ticket.

        It can where both are about the same type of service, site or branch of categories, or
        where nothing of that is known of the ticket yet.

        :param hits: what of the account it hits: pairs of ids (service type, site)
        """
        service = self.service_id._origin.sudo()
        types, sites = ({hit[index] for hit in hits} - {None} for index in (0, 1))
        if service.type_id.id in types or service.site_partner_id.id in sites:
            return True
        category = self.category_id._origin.sudo()
        other = self.browse(incident_id).sudo().category_id
        if category and other:
            one, two = category.parent_path, other.parent_path
            return one.startswith(two) or two.startswith(one)
        return not service and not category

    @api.model
    def _find_affected(self, incident_ids, service_ids, account_ids):
        """Which of the services and accounts the incidents hit, and of accounts what:
        ``{("service" or "customer", id): {incident id: {(service type id, site id), ...}}}``.
        """
        incidents = self.browse(incident_ids)
        self._flush_affected()
        rows = self.env.execute_query(
            SQL(
                """WITH affected AS (%(services)s)
                   SELECT 'service', service_id, incident_id, NULL, NULL FROM affected
                   WHERE service_id = ANY(%(service_ids)s)
                   UNION
                   SELECT 'customer', account_id, incident_id, type_id, site_partner_id
                   FROM affected JOIN telecom_service service ON service.id = service_id
                   WHERE account_id = ANY(%(account_ids)s)
                   UNION
                   SELECT 'customer', ticket.commercial_partner_id, ticket.parent_id, type_id,
                          site_partner_id
                   FROM telecom_ticket ticket
                   LEFT JOIN telecom_service service ON service.id = ticket.service_id
                   WHERE ticket.parent_id = ANY(%(incident_ids)s)
                     AND ticket.commercial_partner_id = ANY(%(account_ids)s)""",
                services=incidents._sql_affected_services(
                    SQL(
                        """(service.id = ANY(%s) OR service.commercial_partner_id = ANY(%s))""",
                        service_ids,
                        account_ids,
                    )
                ),
                service_ids=service_ids,
                account_ids=account_ids,
                incident_ids=incident_ids,
            )
        )
        affected = {}
        for how, id_, incident_id, *hit in rows:
            affected.setdefault((how, id_), {}).setdefault(incident_id, set()).add(tuple(hit))
        return affected
