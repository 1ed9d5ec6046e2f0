from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class TelecomIncidentUpdate(models.Model):
    """Sending an update: the checks, then the deliveries."""

    _inherit = "telecom.incident.update"

    def action_copy_text(self):
        """Copy the first text to the languages that have none, to be translated in place."""
        self.ensure_one()
        self.check_access("write")
        text = self.text_ids.filtered("body")[:1]
        self.text_ids.filtered(lambda other: not other.body).body = text.body

    def action_use_suggested_titles(self):
        """Fill in the titles that are missing, from what is affected and where."""
        self.ensure_one()
        self.check_access("write")
        for text in self.text_ids.filtered(lambda text: not text.title):
            text.title = text.title_suggestion

    def action_send(self):
        """Send it to everybody it is meant for, in the background."""
        self.ensure_one()
        self.check_access("write")
        self.incident_id.check_access("write")
        self._check_may_send()
        self._check_sendable()
        update = self.sudo()
        update.write({"sent_at": self.env["telecom.ticket"]._due_now(), "user_id": self.env.uid})
        update._clear_requests()
        count = update._plan_deliveries()
        update._log_on_incident(count)
        if self.kind == "resolution" and not self.incident_id.is_done:
            self.incident_id.with_context(telecom_incident_told=True)._set_state("resolved")

    def _check_sendable(self):
        if self.sent_at:
            raise UserError(self.env._("This was sent already."))
        # Those who were notified of it can be notified of its end.
        is_late_word = self.kind == "resolution" and self.incident_id.state != "cancelled"
        if self.incident_id.is_done and not is_late_word:
            raise UserError(
                self.env._("The incident is over. Reopen it to write to its customers.")
            )
        has_text = self._has_text()
        if has_text and not self._get_text(self.fallback_lang).strip():
            names = dict(self.env["res.lang"].get_installed())
            raise UserError(
                self.env._(
                    "There is no text in %(language)s, which customers of other languages get. "
                    "Write it, or choose another language for them.",
                    language=names[self.fallback_lang],
                )
            )
        if self.kind == "update" and not has_text:
            raise UserError(self.env._("Write what the customers need to know."))
        untitled = self.text_ids.filtered(
            lambda text: text.body and text.body.strip() and not (text.title or "").strip()
        )
        if untitled and self._is_mailed():
            names = dict(self.env["res.lang"].get_installed())
            raise UserError(
                self.env._(
                    "Customers without a ticket get a mail: give it a title in %(languages)s. "
                    "They all read it, so it names no customer.",
                    languages=", ".join(names[text.lang] for text in untitled),
                )
            )
        if self.kind == "update" and not self._count_readers():
            raise UserError(
                self.env._("Nobody would receive this: no open ticket is linked to the incident.")
                if self.reach == "tickets"
                else self.env._(
                    "Nobody would receive this: no affected customer has an email address."
                )
            )

    def _is_mailed(self):
        """Whether customers get it who have no ticket."""
        if self.reach != "told":
            return self.reach == "all"
        return bool(
            self.env.execute_query(
                SQL("SELECT FROM (%s) AS c LIMIT 1", self._sql_reading_contacts())
            )
        )

    def _has_text(self):
        return any(text.body and text.body.strip() for text in self.text_ids)

    def _log_on_incident(self, count):
        text = self.env._("Sent to %(count)s customer(s):", count=count)
        if self.kind != "update":
            text = self.env._("Applied to %(count)s ticket(s):", count=count)
        body = self._get_body(self.fallback_lang)
        self.incident_id._message_log(
            body=Markup("<p><b>%s</b></p>%s") % (text, body),
            author_id=self.user_id.partner_id.id,
        )

    def _plan_deliveries(self):
        """One delivery for each customer, due now; return how many there are to do."""
        self.ensure_one()
        self.env.flush_all()
        deliveries = self.env["telecom.incident.delivery"]
        now = deliveries._due_now()
        incident = self.incident_id
        count = deliveries._insert(
            SQL(
                """SELECT %s, id, NULL::int, 'waiting', FALSE, NULL, %s::timestamp
                   FROM telecom_ticket WHERE id IN %s ORDER BY id""",
                self.id,
                now,
                incident._search(self._get_reading_tickets_domain()).subselect(),
            )
        )
        contacts = self._sql_reading_contacts()
        if contacts and self._get_text(self.fallback_lang):
            count += deliveries._insert(
                SQL(
                    """SELECT %(update)s, NULL::int, partner_id,
                              CASE WHEN email IS NULL THEN 'skipped' ELSE 'waiting' END, FALSE,
                              CASE WHEN email IS NULL THEN %(reason)s END,
                              CASE WHEN email IS NOT NULL THEN %(now)s::timestamp END
                       FROM (%(contacts)s) AS contact ORDER BY partner_id""",
                    update=self.id,
                    now=now,
                    reason=self.env._("No mail address"),
                    contacts=contacts,
                )
            )
        return count

    def action_retry(self):
        """Try the failed ones again."""
        self.check_access("write")
        self.incident_id.check_access("write")
        failed = self.sudo().delivery_ids.filtered(lambda delivery: delivery.state == "failed")
        failed.state = "waiting"
        failed._plan_due()

    def action_open_deliveries(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_incident_delivery_action"
        )
        return {**action, "domain": [("update_id", "=", self.id)]}

    def _notify_failed_deliveries(self):
        """Notify the author, once, that some customers did not get it."""
        summary = self.env._("Some customers did not get the update")
        incident = self.incident_id
        if summary not in incident.activity_ids.mapped("summary"):
            incident.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                note=escape(self.display_name),
                user_id=incident._get_people_to_notify(self.user_id)[:1].id,
            )
