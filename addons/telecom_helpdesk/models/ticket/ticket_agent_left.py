from markupsafe import Markup

from odoo import api, models

# Tickets that are named to whoever decides about them; the rest is counted.
MOST_NAMED = 20


class TelecomTicket(models.Model):
    """Tickets whose agent has left: somebody is notified of them, and of what customers write."""

    _inherit = "telecom.ticket"

    @api.model
    def _find_left_by(self, user, companies=None):
        """Open tickets of ``user``; of ``companies`` where they are given."""
        domain = [("user_id", "=", user.id), ("is_done", "=", False)]
        if companies:
            domain.append(("company_id", "in", companies.ids))
        return self.sudo().search(domain)

    def _on_agent_left(self, user):
        """Hook: ``user``, who has these open tickets, has just left the helpdesk."""
        for (company, team), tickets in self.grouped(lambda t: (t.company_id, t.team_id)).items():
            is_freed = company.telecom_leaver_tickets == "queue"
            people = self.env["telecom.agent"]._get_people_to_notify(
                team._get_manager(), company=company
            )
            if is_freed:
                tickets.user_id = False
            for person in people:
                tickets.with_context(lang=person.lang)._notify_agent_left(person, user, is_freed)

    def _notify_agent_left(self, person, user, is_freed):
        """Notify ``person`` that ``user`` has left, with a list of their open tickets."""
        env = self.env
        items = [
            Markup("<li>%s (%s)</li>") % (ticket._get_html_link(), ticket.stage_id.name)
            for ticket in self[:MOST_NAMED]
        ]
        if rest := self[MOST_NAMED:]:
            items.append(Markup("<li>%s</li>") % env._("and %(count)s more", count=len(rest)))
        text = env._("%(agent)s does not work at the helpdesk any more.", agent=user.name)
        what = (
            env._("These tickets are back in the queue:")
            if is_freed
            else env._("These tickets need somebody else. Select them in the list, then “Assign”:")
        )
        thread = self.team_id or env["mail.thread"]
        thread.sudo().message_notify(
            subject=env._("Tickets of %(agent)s: %(count)s", agent=user.name, count=len(self)),
            body=Markup("<p>%s %s</p><ul>%s</ul>") % (text, what, Markup().join(items)),
            partner_ids=person.partner_id.ids,
            email_layout_xmlid="mail.mail_notification_light",
        )

    def _stand_in_for_agent(self):
        """The customer wrote, and the agent is not at work any more: others hear of it."""
        agents = self.env["telecom.agent"]
        if not self.user_id or agents._filter_at_work(self.user_id, self.company_id):
            return
        # Otherwise nobody would be notified. Those notified now stay followers until somebody takes
        # it.
        people = self._get_people_to_notify(self._get_manager() or self.team_id.member_ids)
        self.message_subscribe(partner_ids=people.partner_id.ids)
        if self.company_id.telecom_leaver_tickets == "queue":
            self.user_id = False
