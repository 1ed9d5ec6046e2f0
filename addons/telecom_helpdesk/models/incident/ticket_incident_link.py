from markupsafe import escape

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_datetime, format_time


class TelecomTicket(models.Model):
    """How a ticket gets linked to its major incident: offered to the agent, or automatically."""

    _inherit = "telecom.ticket"

    unrelated_incident_ids = fields.Many2many(
        "telecom.ticket",
        "telecom_ticket_unrelated_incident_rel",
        "ticket_id",
        "incident_id",
        string="Not Related to",
        copy=False,
        help="Incidents that this ticket was marked as not related to.",
    )
    suggested_incident_id = fields.Many2one(
        "telecom.ticket", compute="_compute_suggested_incident", string="Possible Incident"
    )
    incident_notice = fields.Char(compute="_compute_suggested_incident")
    unlinked_ticket_count = fields.Integer(
        string="Open Tickets Not Linked", compute="_compute_unlinked_ticket_count"
    )

    @api.depends(
        "category_id", "commercial_partner_id", "company_id", "incident_kind", "parent_id",
        "service_id", "stage_id", "unrelated_incident_ids",
    )  # fmt: skip
    @api.depends_context("lang", "tz")
    def _compute_suggested_incident(self):
        self.suggested_incident_id = self.incident_notice = False
        under_way, _linking = self._get_incidents_under_way()
        for ticket, (incident, how) in self._match_incidents(under_way).items():
            ticket.suggested_incident_id = incident
            ticket.incident_notice = ticket._get_incident_notice(incident.sudo(), how)

    @api.depends("affected_service_ids", "affected_site_ids", "child_ids")
    def _compute_unlinked_ticket_count(self):
        under_way, _linking = self._get_incidents_under_way()
        for incident in self:
            incident.unlinked_ticket_count = incident._origin.id in under_way and self.search_count(
                incident._origin._get_unlinked_domain()
            )

    def _get_incident_notice(self, incident, how):
        # What is not saved yet may point to what the user may not read.
        service = self.service_id._origin._filtered_access("read")
        customer = (self.commercial_partner_id or self.partner_id)._origin._filtered_access("read")
        names = {
            "service": service.display_name or "?",
            "customer": customer.name or "?",
            "incident": incident.display_name,
            "since": self._format_since(incident.incident_since),
        }
        if how == "service":
            text = self.env._("%(service)s is affected by %(incident)s, since %(since)s.")
        elif self.service_id:
            text = self.env._(
                "Another service of %(customer)s is affected by %(incident)s, since %(since)s."
            )
        else:
            text = self.env._("%(customer)s is affected by %(incident)s, since %(since)s.")
        return text % names

    def _format_since(self, instant):
        """Time of day of ``instant`` for the user, with the date where it was not today."""
        local, now = (
            fields.Datetime.context_timestamp(self, moment) for moment in (instant, self._due_now())
        )
        if local.date() == now.date():
            return format_time(self.env, instant, time_format="short")
        return format_datetime(self.env, instant, dt_format="short")

    def _get_unlinked_domain(self):
        """Open tickets on affected services that are neither linked nor marked as not related."""
        return [
            ("service_id.affecting_incident_ids", "in", self.ids),
            ("is_done", "=", False),
            ("parent_id", "=", False),
            ("incident_kind", "=", False),
            ("merged_into_id", "=", False),
            ("unrelated_incident_ids", "not in", self.ids),
        ]

    # Linking

    def _link_to_incidents(self):
        """Hook: tie tickets to the major incidents that they are a consequence of."""
        under_way, tying = self._get_incidents_under_way()
        if not tying:
            return
        by_incident = {}
        for ticket, (incident, how) in self._match_incidents(
            {id_: under_way[id_] for id_ in tying}
        ).items():
            # What else the customer reports may have another cause: an agent looks.
            if how == "service":
                by_incident.setdefault(incident, self.browse())
                by_incident[incident] |= ticket
        for incident, tickets in by_incident.items():
            tickets.with_context(mail_notrack=True).write({"parent_id": incident.id})
            text = escape(
                self.env._(
                    "Linked to %(incident)s automatically: %(service)s is affected, and the "
                    "incident takes new tickets on its services."
                )
            )
            link = incident._get_html_link()
            tickets._message_log_batch(
                {
                    ticket.id: text % {"incident": link, "service": ticket.service_id.display_name}
                    for ticket in tickets
                }
            )

    def _link_after_change(self, change):
        if "parent_id" not in change.vals:
            self.sudo()._link_to_incidents()

    def _note_unrelated(self, change):
        """Somebody took these away from their incidents: they are not to come back by
        themselves.
        """
        if change.by_hand:
            former = self.grouped(lambda ticket: change.before(ticket, "parent_id").id)
            for incident_id, tickets in former.items():
                if incident_id:
                    tickets.unrelated_incident_ids = [Command.link(incident_id)]

    def _get_latest_update(self, change):
        """Send the incident's latest update to tickets that were just linked."""
        if linked := self.filtered("parent_id"):
            self.env["telecom.incident.delivery"].sudo()._plan_latest(linked, self.env.su)

    def action_link_to_suggested_incident(self):
        self.check_access("write")
        for ticket in self:
            ticket.parent_id = ticket.suggested_incident_id or ticket.parent_id

    def action_not_related(self):
        """An agent marks the offered incident as not related."""
        self.check_access("write")
        for ticket in self.filtered("suggested_incident_id"):
            incident = ticket.suggested_incident_id
            ticket.unrelated_incident_ids = [Command.link(incident.id)]
            ticket._message_log(
                body=escape(self.env._("Not related to %(incident)s."))
                % {"incident": incident._get_html_link()}
            )

    def action_open_suggested(self):
        self.ensure_one()
        self.check_access("read")
        return self.suggested_incident_id._get_incident_action()

    def action_open_unlinked_tickets(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "display_name": self.env._("Open Tickets Not Linked"),
            "domain": self._get_unlinked_domain(),
            "context": {"default_parent_id": self.id},
            "views": [(False, "list"), (False, "form")],
        }

    def action_link_unlinked_tickets(self):
        """Link every open ticket on an affected service that the user may write."""
        self.ensure_one()
        self.check_access("read")
        tickets = self.search(self._get_unlinked_domain())._filtered_access("write")
        tickets.parent_id = self
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Tickets linked: %(count)s.", count=len(tickets)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
