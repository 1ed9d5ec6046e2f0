from odoo import api, models
from odoo.tools import SQL, email_normalize, email_normalize_all, ormcache

from ...tools.incoming_mail import MailQuarantined


class MailThread(models.AbstractModel):
    """Where a mail goes: what is decided before tickets are asked, and what Odoo need not ask the
    database twice."""

    _inherit = "mail.thread"

    @api.model
    def _choose_way(self, incoming, message, message_dict, routes, failure):
        """What becomes of the ``routes`` that Odoo found.

        :param failure: why it found none, in its words; may be empty
        :return: routes
        :raises MailQuarantined: there is no way to go
        """
        if message_dict["is_bounce"]:
            self._take_bounce(incoming, message_dict)
            return routes
        routes = self.env["telecom.ticket"]._choose_routes(message, message_dict, routes)
        if not routes and not incoming.routed:
            raise MailQuarantined("no_route", failure)
        return routes

    @api.model
    def _is_ticket_alias(self, alias):
        return alias.alias_model_id.id == self.env["ir.model"]._get_id("telecom.ticket")

    @api.model
    def _name_maker(self, message_dict, route):
        """``route`` to a ticket, gone by who wrote the mail, if it makes the ticket.

        An answer is the system's to write down.
        """
        user = self.env.user
        if not route[1]:
            author = self.env["res.partner"].sudo().browse(message_dict.get("author_id") or ())
            user = author.main_user_id or user
        return (*route[:3], user.id, route[4])

    @api.model
    def _is_to_tickets_alone(self, message_dict, routes):
        """Whether a mail names no address but those by which it became a ticket."""
        own = {
            route[4].alias_full_name
            for route in routes or ()
            if route[4] and self._is_ticket_alias(route[4])
        }
        return bool(own) and own.issuperset(email_normalize_all(message_dict["recipients"]))

    # Loops

    @api.model
    def _is_loop(self, incoming):
        """Whether a mail is to be dropped that Odoo takes for an answer to a bounce of its own.

        :raises MailQuarantined: unless somebody released it
        """
        if not incoming.released:
            raise MailQuarantined("loop")
        return False

    @api.model
    def _check_ticket_flood(self, incoming, message_dict, routes):
        """Check the routes to tickets; return the others, which are Odoo's to check.

        :raises MailQuarantined: so many mails, so fast
        """
        ours = [route for route in routes if route[0] == "telecom.ticket"]
        if ours and not incoming.released:
            self.env["telecom.ticket"]._check_flood(message_dict, ours)
        return [route for route in routes if route[0] != "telecom.ticket"]

    # Addresses that mails came back from, and that write again

    @api.model
    def _reset_bounces(self, message_dict):
        """Hardly any address is marked: one question for all models."""
        address = email_normalize(message_dict["email_from"])
        if not address:
            return
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
