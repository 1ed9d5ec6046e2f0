from odoo import api, fields, models
from odoo.tools import email_normalize_all

from ...tools.subject import is_answer


class TelecomTicket(models.Model):
    """The conversation: who is notified, and what a message does to the ticket."""

    _inherit = "telecom.ticket"

    first_response_at = fields.Datetime(readonly=True, copy=False, string="First Answer on")
    last_customer_message_at = fields.Datetime(
        readonly=True, copy=False, string="Last Customer Message on"
    )
    last_agent_reply_at = fields.Datetime(readonly=True, copy=False, string="Last Answer on")
    unanswered_since = fields.Datetime(
        default=lambda self: self._due_now(),
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Since when the customer waits for an answer of an agent.",
    )
    # A new ticket has no rating: nobody needs to look, and write it again.
    rating_last_value = fields.Float(
        compute="_compute_rating_last_value", store=True, precompute=True
    )

    # Followers

    def _follow_customer(self, change):
        """Make each ticket's customer a follower, so that every public reply reaches them."""
        comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        self.env["mail.followers"].sudo().create(
            [
                {
                    "res_model": self._name,
                    "res_id": ticket.id,
                    "partner_id": ticket.partner_id.id,
                    "subtype_ids": [(6, 0, [comment_id])],
                }
                for ticket in self.sudo().filtered("partner_id")
                # Known without a query where the ticket was just made.
                if ticket.partner_id not in ticket.message_follower_ids.partner_id
            ]
        )

    # What a message does

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        self._refuse_post_on_merged(kwargs)
        if self.env.user.share and not self.env.su:
            # A customer cannot post in another name, whatever the request contains.
            return self._post_as_customer(kwargs)
        if self.env.user.share and kwargs.get("message_type") == "comment":
            kwargs = self._clean_customer_post(kwargs)
        author = self.env["res.partner"].browse(
            self._message_compute_author(author_id, email_from)[0] or ()
        )
        ticket = self
        if not self.env.user._is_internal() or kwargs.get("message_type") == "email":
            ticket = self._continue_in(author, kwargs)
        if ticket != self:
            kwargs["parent_id"] = False
        if kwargs.get("message_type") == "email" and author.id in (kwargs.get("partner_ids") or ()):
            # Who answers what they wrote themselves: Odoo would address it to them.
            kwargs["partner_ids"] = [id_ for id_ in kwargs["partner_ids"] if id_ != author.id]
        if address := ticket._find_address_to_add(author, kwargs):
            kwargs["outgoing_email_to"] = address
        return super(TelecomTicket, ticket).message_post(
            author_id=author_id, email_from=email_from, **kwargs
        )

    def _message_compute_real_author(self, author_id):
        if self.env.user.active or not author_id:
            return super()._message_compute_real_author(author_id)
        # As Odoo does it, three times for each mail, but without asking the database each time
        # whether its robot still exists.
        author = self.env["res.partner"].browse(author_id)
        robot_id = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        return author if author.active and author.id != robot_id else author.browse()

    def _is_public_post(self, kwargs):
        """Whether ``message_post(**kwargs)`` writes what people outside may read."""
        comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        is_comment = (
            kwargs["subtype_xmlid"] == "mail.mt_comment"
            if kwargs.get("subtype_xmlid")
            else kwargs.get("subtype_id") == comment_id
        )
        return is_comment and not kwargs.get("is_internal")

    def _find_address_to_add(self, author, kwargs):
        """The customer's address, where an agent answers and no contact of theirs would get it."""
        if (
            kwargs.get("outgoing_email_to")
            or kwargs.get("message_type") not in ("comment", "email")
            or not self._is_public_post(kwargs)
            or not self._is_agent(author)
            or not (address := self._get_direct_address())
        ):
            return False
        told = self.env["res.partner"].browse(kwargs.get("partner_ids") or ())
        incoming = (kwargs.get("incoming_email_to"), kwargs.get("incoming_email_cc"))
        addresses = told.filtered("active").mapped("email_normalized") + email_normalize_all(
            ",".join(filter(None, incoming))
        )
        return address not in addresses and self.partner_email

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if not self.sudo().active and self._brings_back(message):
            self.sudo()._restore_for(message)
        self._react_to_message(message, msg_values)
        if message.message_type == "comment" and self._is_agent(message.author_id):
            self._bring_in_mentioned(message)
        self._notify_viewers(message)
        return result

    def _react_to_message(self, message, msg_values):
        author = message.author_id
        if not self._is_said_in_public(message) or self._speaks_for_us(author):
            return
        if self._is_from_customer(author, msg_values):
            self.sudo()._on_customer_message(message)
        elif self._is_supplier(author):
            self.sudo()._on_third_party_message(message)

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        told = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if (
            self
            and self._speaks_for_us(message.author_id)
            and self._is_said_in_public(message)
            # Sent later, it counts then.
            and not self._is_notification_scheduled(kwargs.get("scheduled_date"))
            and self._reaches_customer(message, told)
        ):
            self.sudo()._on_agent_reply(message)
        return told

    def _is_said_in_public(self, message):
        """Whether a human wrote ``message`` for people outside to read."""
        return self._is_public(message) and not self._is_automatic(message)

    def _brings_back(self, message):
        """Whether ``message`` has to unarchive the ticket, because nobody would see it otherwise.

        A colleague who writes in Odoo has it on the screen.
        """
        return not self._is_automatic(message) and (
            message.message_type == "email" or not self._is_agent(message.author_id)
        )

    def _restore_for(self, message):
        self.active = True
        self._message_log(
            body=self.env._(
                "This ticket was archived. It is back, because %(author)s wrote.",
                author=message.author_id.name or message.email_from or self.env._("somebody"),
            )
        )

    def _is_public(self, message):
        """Whether people outside may read ``message``."""
        # By id: a reference by name asks the database whether it still exists.
        comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        return message.subtype_id.id == comment_id and not message.is_internal

    def _is_automatic(self, message):
        """Hook: whether no human wrote ``message`` (acknowledgement, out of office, ...).

        Such a message is neither a reply nor a response.
        """
        return message.message_type not in ("comment", "email")

    def _is_agent(self, author):
        """Whether ``author`` (res.partner) works here."""
        return bool(author) and not author.partner_share

    def _speaks_for_us(self, author):
        """Whether ``author`` (res.partner) answers this ticket's customer: works here, and is not
        the customer themselves."""
        return self._is_agent(author) and author not in self.sudo().partner_id

    def _is_supplier(self, author):
        supplier = self.sudo().service_id.supplier_id.commercial_partner_id
        return bool(supplier) and author.commercial_partner_id == supplier

    def _is_from_customer(self, author, msg_values):
        return not self._speaks_for_us(author) and not self._is_supplier(author)

    def _on_customer_message(self, message):
        """Hook: the customer wrote ``message``, by whatever channel."""
        self._note_customer_message()
        self._stand_in_for_agent()
        self._apply_message_rules(message)

    def _note_customer_message(self):
        """The customer waits for an answer; a ticket that waited for them, or was done, is open."""
        self.ensure_one()
        now = self._due_now()
        vals = {
            "last_customer_message_at": now,
            "unanswered_since": self.unanswered_since or now,
        }
        if self.state in ("waiting_customer", "resolved", "closed"):
            vals["stage_id"] = self._pick_stage("open", strict=False).id
        self.with_context(telecom_transition_reason=self.env._("The customer wrote")).write(vals)

    def _on_agent_reply(self, message):
        """Hook: ``message``, of an agent, reached somebody on the customer's side."""
        self._note_agent_reply()

    def _note_agent_reply(self):
        """The customer has an answer: it is stamped, and the ticket may wait for them."""
        self.ensure_one()
        now = self._due_now()
        vals = {"last_agent_reply_at": now, "unanswered_since": False}
        if not self.first_response_at:
            vals["first_response_at"] = now
        if (
            self.team_id.wait_after_reply
            and self.state in ("new", "open")
            and not self.env.context.get("telecom_expects_no_answer")
        ):
            vals["stage_id"] = self._pick_stage("waiting_customer", strict=False).id
        self.with_context(telecom_transition_reason=self.env._("An agent answered")).write(vals)

    def _on_third_party_message(self, message):
        """Hook: the supplier behind the ticket's service wrote ``message``."""
        self.ensure_one()
        if self.state == "waiting_third_party":
            self._set_state("open", self.env._("The supplier answered"))

    # Mail gateway

    @api.private
    def message_new(self, msg_dict, custom_values=None):
        values = {
            "name": msg_dict.get("subject") or self.env._("(no subject)"),
            "channel": "email",
            "partner_id": msg_dict.get("author_id"),
            **(custom_values or {}),
        }
        tickets = self.with_context(
            default_user_id=False,  # the gateway's user is nobody's agent
            # Rules look at the mail before it is posted; what an answer quotes does not count.
            telecom_opening=(msg_dict.get("body"), not is_answer(msg_dict.get("subject"))),
        )
        return super(TelecomTicket, tickets).message_new(msg_dict, custom_values=values)

    def _track_template(self, changes):
        result = super()._track_template(changes)
        template = "stage_id" in changes and self[:1].stage_id.mail_template_id
        # Whoever edits templates may have given it another model since.
        if template and template.sudo().model == self._name:
            result["stage_id"] = (
                template,
                {
                    "auto_delete_keep_log": False,
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "email_layout_xmlid": "mail.mail_notification_light",
                },
            )
        return result

    def _creation_message(self):
        self.ensure_one()
        channel = dict(self._fields["channel"]._description_selection(self.env))[self.channel]
        return self.env._(
            "Ticket %(number)s received (%(channel)s)", number=self.number, channel=channel
        )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        # An internal note reaches nobody outside, not even a customer mentioned in it.
        if message.message_type in ("comment", "email") and not self._is_public(message):
            recipients = [data for data in recipients if not data["share"]]
        return recipients

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        # Customers answer by mail: a button would lead them to a page that is not theirs.
        for name, _filter, data in groups:
            if name in ("portal", "portal_customer", "customer"):
                data["has_button_access"] = False
        return groups
