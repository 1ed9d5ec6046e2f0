from odoo import api, models
from odoo.tools import SQL, email_normalize, ormcache
from odoo.tools.mail import email_normalize_all


class MailThread(models.AbstractModel):
    """What Odoo's gateway asks the database twice, or asks though it is known."""

    _inherit = "mail.thread"

    @api.model
    def _mail_find_user_for_gateway(self, email_value, alias=None):
        if alias and self._is_ticket_alias(alias):
            # The author's, as soon as the author is known: see below.
            return self.env["res.users"]
        return super()._mail_find_user_for_gateway(email_value, alias=alias)

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        route = super()._routing_check_route(
            message, message_dict, route, raise_exception=raise_exception
        )
        if route and route[4] and self._is_ticket_alias(route[4]):
            user = self.env.user
            if not route[1]:
                # Who wrote made the ticket. An answer is the system's to write down.
                author = self.env["res.partner"].sudo().browse(message_dict.get("author_id") or ())
                user = author.main_user_id or user
            route = (*route[:3], user.id, route[4])
        return route

    @api.model
    def _message_parse_post_process(self, message, message_dict, routes):
        own = {
            route[4].alias_full_name
            for route in routes or ()
            if route[4] and self._is_ticket_alias(route[4])
        }
        recipients = email_normalize_all(message_dict["recipients"])
        if own and own.issuperset(recipients):
            # Nobody but us: no contacts to look for.
            message_dict = {**message_dict, "recipients": ""}
        return super()._message_parse_post_process(message, message_dict, routes)

    @api.model
    def _routing_reset_bounce(self, email_message, message_dict):
        if not self.env.context.get("telecom_mail"):
            super()._routing_reset_bounce(email_message, message_dict)
            return
        address = email_normalize(message_dict["email_from"])
        if not address:
            return
        # Hardly any address is marked: one question for all models.
        bouncing = [self.env[name].sudo() for name in self._get_bouncing_models()]
        for model in bouncing:
            model.flush_model(["message_bounce", "email_normalized"])
        marked = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    "SELECT %s, id FROM %s WHERE email_normalized = %s AND message_bounce > 0",
                    model._name,
                    SQL.identifier(model._table),
                    address,
                )
                for model in bouncing
            )
        )
        for name, id_ in marked:
            self.env[name].sudo().browse(id_)._message_reset_bounce(address)

    @api.model
    @ormcache()
    def _get_bouncing_models(self):
        """Names of the models that count the mails that came back."""
        mixin = self.pool["mail.thread.blacklist"]
        return tuple(
            name
            for name, model in self.pool.items()
            if issubclass(model, mixin) and not model._abstract
        )

    @api.model
    def _is_ticket_alias(self, alias):
        return alias.alias_model_id.id == self.env["ir.model"]._get_id("telecom.ticket")


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        # Contacts that are read one by one further on: together they are one query.
        sender = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        company = self._gateway_team(custom_values).company_id or self.env.company
        contacts = sender | sender.commercial_partner_id | company.partner_id
        (contacts | self.env.user.partner_id).sudo().mapped("lang")
        return super().message_new(msg_dict, custom_values)

    @api.model
    def _fill_customer_message(self, vals_list):
        if self.env.context.get("telecom_opening_mail") and not self._is_automatic_mail():
            for vals in vals_list:
                if vals.get("partner_email"):
                    # The message would write it a moment later: the row is written once.
                    vals.setdefault("last_customer_message_at", self._due_now())

    def _message_compute_parent_id(self, parent_id):
        # Nothing was said before.
        if self.env.context.get("telecom_opening_mail"):
            return False
        parent = self.env["mail.message"].sudo().browse(parent_id or ())
        if self.env.context.get("telecom_mail") and (parent.model, parent.res_id) == (
            self._name,
            self.id,
        ):
            # Found and read a moment ago.
            return parent_id
        return super()._message_compute_parent_id(parent_id)

    def _tell_viewers(self, message):
        # A ticket that is being made is on nobody's screen.
        if not self.env.context.get("telecom_opening_mail"):
            super()._tell_viewers(message)
