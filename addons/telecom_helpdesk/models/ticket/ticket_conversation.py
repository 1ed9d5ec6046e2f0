from odoo import api, models
from odoo.exceptions import AccessError

# What a customer says with a message. Who hears of it, in whose name and as what, is not theirs
# to say: anything else in the request is left out.
CUSTOMER_PARAMETERS = frozenset({"attachment_ids", "body", "body_is_html", "parent_id"})
ADDRESSING_PARAMETERS = frozenset(
    {"email_cc", "is_internal", "outgoing_email_to", "partner_ids", "subject", "subtype_id"}
)
CUSTOMER_CONTEXT = ("lang", "tz", "message_post_store")


class TelecomTicket(models.Model):
    """Who takes part in the conversation: colleagues who may read the ticket, and its customer.

    Others who know of a ticket, such as accountants, know neither its messages nor its files,
    activities and ratings.
    """

    _inherit = "telecom.ticket"
    # Activities and scheduled messages follow it. Messages do not: see below.
    _mail_post_access = "write"

    @api.model
    def _knows_conversation(self):
        """Whether the present user has a part in the conversation of tickets that they read.

        Odoo's controllers ask as superuser, for the user.
        """
        visible = self._get_visible(self.env.uid)
        return visible is None or "website_message_ids" in visible

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if message_operation in ("read", "create") and self._knows_conversation():
            return dict.fromkeys(self, "read")
        return dict.fromkeys(self, "write")

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        if not self.env.su and self._get_visible(self.env.uid) is not None:
            raise AccessError(self.env._("Only colleagues at the helpdesk add followers."))
        # Odoo says nothing where somebody may not follow themselves.
        self.check_access("read")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _message_auto_subscribe_notify(self, partner_ids, template):
        # Who hands a ticket to another team may not see it any more: its new agent is told.
        return super(TelecomTicket, self.sudo())._message_auto_subscribe_notify(
            partner_ids, template
        )

    @api.model
    def _get_allowed_message_params(self):
        allowed = super()._get_allowed_message_params()
        return allowed & CUSTOMER_PARAMETERS if self.env.user.share else allowed

    def _post_as_customer(self, kwargs):
        """Post what a customer's call of ``message_post(**kwargs)`` amounts to: a public message.

        It is posted as software, as Odoo's portal does, with nothing of the caller's context.

        :raises AccessError: the ticket, or what the message answers or holds, is not theirs
        """
        self.check_access("read")
        kwargs = {key: kwargs[key] for key in CUSTOMER_PARAMETERS if key in kwargs}
        self.env["mail.message"].browse(kwargs.get("parent_id") or ()).check_access("read")
        files = self.env["ir.attachment"].sudo().browse(kwargs.get("attachment_ids") or ())
        if any(file.create_uid != self.env.user or file.res_id for file in files):
            raise AccessError(self.env._("You can only send files that you have just uploaded."))
        context = {
            key: self.env.context[key] for key in CUSTOMER_CONTEXT if key in self.env.context
        }
        ticket = self.with_context(context).sudo()  # pylint: disable=context-overridden
        return ticket.message_post(**kwargs, message_type="comment").sudo(False)

    @api.model
    def _clean_customer_post(self, kwargs):
        """Of the parameters of a customer's message: what is theirs to say.

        Theirs is what Odoo's portal posts for them, too.
        """
        kwargs = {key: value for key, value in kwargs.items() if key not in ADDRESSING_PARAMETERS}
        return {**kwargs, "subtype_xmlid": "mail.mt_comment"}

    def _check_can_update_message_content(self, messages):
        if self.env.user.share:
            raise AccessError(self.env._("What was said stays. Write another message."))
        super()._check_can_update_message_content(messages)
