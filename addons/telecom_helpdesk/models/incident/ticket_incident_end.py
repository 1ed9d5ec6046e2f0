from odoo import models
from odoo.tools import SQL, formataddr

from ..ticket.ticket_stage import DONE_STATES


class TelecomTicket(models.Model):
    """Who is notified of an incident, and what its end does to the tickets linked to it."""

    _inherit = "telecom.ticket"

    def _get_open_children_domain(self):
        return [
            ("parent_id", "in", self.ids),
            ("is_done", "=", False),
            ("merged_into_id", "=", False),
        ]

    def _sql_contacts_without_ticket(self):
        """Query for the affected accounts without an open linked ticket.

        Rows are ``partner_id, email, lang`` of whom to write to: the contact of an affected
        service, else the account itself, else another of its contacts, if they have an
        address; the account without ``email`` where nobody has.
        """
        return SQL(
            """SELECT DISTINCT ON (service.account_id)
                      coalesce(contact.id, service.account_id) AS partner_id,
                      contact.email_normalized AS email, contact.lang
               FROM (%(services)s) AS service
               LEFT JOIN res_partner contact
                    ON contact.commercial_partner_id = service.account_id
                    AND contact.active AND contact.email_normalized IS NOT NULL
               WHERE NOT EXISTS (
                   SELECT FROM telecom_ticket ticket
                   WHERE ticket.parent_id = service.incident_id
                     AND ticket.commercial_partner_id = service.account_id
                     AND ticket.active AND ticket.state NOT IN %(done)s
               )
               ORDER BY service.account_id, contact.id IS NULL,
                        contact.id = service.partner_id DESC,
                        contact.id = service.account_id DESC, contact.id""",
            services=self._sql_affected_services(),
            done=DONE_STATES,
        )

    def _sql_notified(self):
        """Query for who was notified of these incidents: ``ticket_id`` or ``partner_id``."""
        return SQL(
            """SELECT delivery.ticket_id, delivery.partner_id
               FROM telecom_incident_delivery delivery
               JOIN telecom_incident_update update ON update.id = delivery.update_id
               WHERE update.incident_id = ANY(%s) AND update.kind = 'update'
                 AND delivery.state IN ('waiting', 'delivered')""",
            self.ids,
        )

    def _has_notified_customers(self):
        """Whether any customer was notified of these incidents."""
        self.env["telecom.incident.delivery"].flush_model(["update_id", "state"])
        return bool(
            self.ids
            and self.env.execute_query(SQL("SELECT FROM (%s) AS t LIMIT 1", self._sql_notified()))
        )

    def _sql_notified_contacts(self):
        """Query for who was notified by mail and has no ticket that gets the end of the incident.

        Rows are as those of ``_sql_contacts_without_ticket``.
        """
        return SQL(
            """WITH told AS (%(told)s)
               SELECT DISTINCT ON (contact.commercial_partner_id) contact.id AS partner_id,
                      CASE WHEN contact.active THEN contact.email_normalized END AS email,
                      contact.lang
               FROM told JOIN res_partner contact ON contact.id = told.partner_id
               WHERE NOT EXISTS (
                   SELECT FROM telecom_ticket ticket
                   WHERE ticket.parent_id = ANY(%(ids)s) AND ticket.active
                     AND ticket.commercial_partner_id = contact.commercial_partner_id
                     AND (ticket.state NOT IN %(done)s
                          OR ticket.id IN (SELECT ticket_id FROM told))
               )
               ORDER BY contact.commercial_partner_id, contact.active DESC, contact.id""",
            told=self._sql_notified(),
            ids=self.ids,
            done=DONE_STATES,
        )

    def _get_announcement_addresses(self, author):
        """Hook: ``email_from`` and ``reply_to`` of mails about this incident that belong to no
        ticket.
        """
        self.ensure_one()
        company = self.company_id
        address = company.email or author.email
        return {
            "email_from": formataddr((f"{author.name} ({company.name})", address)),
            "reply_to": formataddr((company.name, address)),
        }

    def _end_incidents(self, transitions):
        """Incidents ended: those who were hit follow, and those who were told hear of it."""
        if incidents := self.filtered("incident_kind"):
            incidents._end_children(transitions)

    def _end_children(self, transitions):
        """Update the tickets linked to incidents that just ended, in the background.

        Reopening an incident leaves them: what was fixed for them may still be fixed.
        """
        if self.env.context.get("telecom_incident_told"):
            return
        for transition in transitions:
            incident, state = transition.ticket_id, transition.state_to
            if (
                incident in self
                and state in DONE_STATES
                and transition.state_from not in DONE_STATES
                and self.sudo().search_count(incident._get_open_children_domain(), limit=1)
            ):
                update = (
                    self.env["telecom.incident.update"]
                    .sudo()
                    .create(
                        {
                            "incident_id": incident.id,
                            "kind": "cancellation" if state == "cancelled" else "resolution",
                            "reach": "tickets",
                            "text_ids": [],
                            "sent_at": self._due_now(),
                        }
                    )
                )
                update._log_on_incident(update._plan_deliveries())
            if incident in self and state in ("resolved", "closed"):
                incident.sudo()._remind_of_last_word()

    def _remind_of_last_word(self):
        """The incident ended without an update: remind whoever ended it of the customers who were
        notified by mail and would not learn that it is over."""
        summary = self.env._("Announce the end to the customers who were notified of this")
        self.env["telecom.incident.delivery"].flush_model()
        rows = self.env.execute_query(
            SQL("SELECT FROM (%s) AS c LIMIT 1", self._sql_notified_contacts())
        )
        if rows and summary not in self.activity_ids.mapped("summary"):
            user = self._get_people_to_notify(self.user_id, self.env.user)[:1]
            self.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)

    def action_write_update(self):
        return self._get_update_action("update", self.env._("Write an Update"))

    def action_write_resolution(self):
        return self._get_update_action("resolution", self.env._("Resolve the Incident"))

    def _get_update_action(self, kind, name):
        """Open the draft that somebody left, or a new one."""
        self.ensure_one()
        self.check_access("write")
        draft = self.env["telecom.incident.update"].search(
            [
                ("incident_id", "=", self.id),
                ("kind", "=", kind),
                ("sent_at", "=", False),
                ("create_uid", "=", self.env.uid),
            ],
            limit=1,
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "telecom.incident.update",
            "res_id": draft.id,
            "views": [(False, "form")],
            "context": {"default_incident_id": self.id, "default_kind": kind},
        }
