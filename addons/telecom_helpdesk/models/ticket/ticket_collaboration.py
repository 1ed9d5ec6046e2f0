from odoo import models


class TelecomTicket(models.Model):
    """Colleagues on one ticket: mentions that add collaborators, and replies that would cross."""

    _name = "telecom.ticket"
    _inherit = ["telecom.ticket", "bus.listener.mixin"]

    def get_new_answers(self, message_id):
        """Public messages of others after ``message_id``: what an answer could cross.

        :return: dicts ``{"id", "author", "kind"}``, oldest first; ``kind`` as in
            ``mail.message._get_telecom_kind``
        :raises AccessError: the user may not read the ticket
        """
        self.ensure_one()
        self.check_access("read")
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("id", ">", message_id),
                ("message_type", "in", ("comment", "email")),
            ],
            order="id",
        )
        answers = messages.filtered(
            lambda message: (
                message.author_id != self.env.user.partner_id
                and message._get_telecom_kind() in ("reply", "customer", "supplier")
            )
        )
        return [
            {
                "id": message.id,
                "author": message.author_id.sudo().name or message.email_from,
                "kind": message._get_telecom_kind(),
            }
            for message in answers
        ]

    def _bring_in_mentioned(self, message):
        """Let colleagues mentioned in ``message`` read this ticket, and say so in the thread."""
        partners = message.sudo().partner_ids
        outsiders = partners.filtered("partner_share")
        if outsiders and not self._is_public(message):
            self._message_log(
                body=self.env._(
                    "%(people)s did not get this note: internal notes go to colleagues only.",
                    people=", ".join(outsiders.mapped("name")),
                )
            )
        colleagues = (partners - outsiders).user_ids.filtered(lambda user: not user.share)
        unable = colleagues.filtered(lambda user: not self._is_readable_by(user))
        joining = unable.filtered(
            lambda user: (
                user.has_group("telecom_helpdesk.group_agent")
                and self.company_id in user.company_ids
            )
        )
        if joining:
            self.sudo().write({"collaborator_ids": [(4, user.id) for user in joining]})
            self._message_log(
                body=self.env._(
                    "%(people)s can open this ticket from now on, as collaborators: "
                    "%(author)s mentioned them.",
                    people=", ".join(joining.mapped("name")),
                    author=message.author_id.sudo().name,
                )
            )
        if unable - joining:
            self._message_log(
                body=self.env._(
                    "%(people)s got this message but cannot open the ticket: they have no "
                    "access to the helpdesk of %(company)s.",
                    people=", ".join((unable - joining).mapped("name")),
                    company=self.company_id.sudo().name,
                )
            )

    def _is_readable_by(self, user):
        # The companies ticked on the screen are those of whoever writes.
        ticket = self.with_user(user).with_context(allowed_company_ids=None)
        return ticket.has_access("read")

    def _notify_viewers(self, message):
        """Notify those who are viewing the ticket that there is a new ``message``."""
        if self.env["telecom.ticket.presence"]._get_alive(self):
            self._bus_send(
                "telecom.ticket/message", {"ticket_id": self.id, "message_id": message.id}
            )
