from odoo import models
from odoo.exceptions import AccessError

from odoo.addons.mail.tools.discuss import Store


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_telecom_kind(self):
        """What this message is to the agents of a ticket.

        :return: ``note``, ``reply``, ``customer``, ``supplier``, ``automatic``, or False for
            messages of other documents and for what the system logged
        """
        self.ensure_one()
        if self.model != "telecom.ticket" or not self.res_id:
            return False
        if self.message_type not in ("comment", "email"):
            return "automatic" if self.message_type in ("auto_comment", "out_of_office") else False
        ticket = self.env["telecom.ticket"].browse(self.res_id).sudo()
        message = self.sudo()
        if not ticket._is_public(message):
            return "note"
        if ticket._is_automatic(message):
            return "automatic"
        if ticket._speaks_for_us(message.author_id):
            return "reply"
        return "supplier" if ticket._is_supplier(message.author_id) else "customer"

    def _to_store_defaults(self, target):
        """Odoo's list of what its discuss components get of a message."""
        kind = Store.Attr(
            "telecom_kind",
            lambda message: message._get_telecom_kind(),
            predicate=lambda message: (
                message.model == "telecom.ticket" and target.is_internal(self.env)
            ),
        )
        return [*super()._to_store_defaults(target), kind]

    def _get_forbidden_access(self, operation):
        """Keep automatic notes on tickets inside too, and what was said as it was said.

        Odoo hides internal comments from people outside, yet lets them read by its id
        whatever the software noted on a document that they see: changes of fields, why
        a rule fired, which other ticket this one is tied to. And it lets them change messages
        that they wrote or got. Colleagues may tell somebody of any document, whose name it then
        says.
        """
        forbidden = super()._get_forbidden_access(operation)
        others = (self - forbidden).sudo().filtered(lambda m: m.model == "telecom.ticket")
        if not others or (operation != "create" and self.env.user._is_internal()):
            return forbidden
        if self.env.user._is_internal():
            tickets = self.env["telecom.ticket"].browse(others.mapped("res_id"))
            known = set(tickets._filtered_access("read").ids)
            others = others.filtered(lambda message: message.res_id not in known)
        elif operation == "read":
            others = others.filtered(
                lambda message: (
                    message.message_type != "user_notification"
                    and (
                        message.is_internal or not message.subtype_id or message.subtype_id.internal
                    )
                )
            )
        return forbidden + others.with_env(self.env)

    def _message_reaction(self, content, action, partner, guest, store=None):
        """Odoo's one way to add or take off a reaction, for customers' pages too."""
        if self.sudo().model == "telecom.ticket" and self.env.user.share:
            raise AccessError(self.env._("What was said stays. Write another message."))
        return super()._message_reaction(content, action, partner, guest, store)
