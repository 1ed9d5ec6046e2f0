from datetime import timedelta

from markupsafe import Markup

from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all
from odoo.tools.mail import decode_message_header
from odoo.tools.sql import escape_psql

from ...tools.delivery import SetAside
from ...tools.subject import find_numbers


class TelecomTicket(models.Model):
    """Mails that come in: which ticket they make or land on, and which are set aside."""

    _inherit = "telecom.ticket"

    @api.model
    def _choose_routes(self, mail, msg_dict, routes):
        """What is to become of a mail that Odoo found ``routes`` for.

        A route is what Odoo takes for one: a tuple of model, id (false: a new record), values,
        user id and alias.

        :raises SetAside: the mail is not to become a ticket, for now
        """
        delivery = self.env.context["telecom_mail"]
        answers = [self._follow_merge(route) for route in routes if self._is_answer(route)]
        new = [route for route in routes if route[0] == self._name and not route[1]]
        if delivery.companies:
            # The others have the mail.
            answers, new = [], [r for r in new if self._route_company(r) in delivery.companies]
        others = [route for route in routes if route[0] != self._name]
        if others and not new and not answers:
            return routes
        if not answers and (named := self._find_named(msg_dict, new)):
            user_id, alias = new[0][3:] if new else (self.env.uid, None)
            msg_dict["author_id"] = named._find_author(msg_dict).id
            answers = [(self._name, named.id, None, user_id, alias)]
            new = [route for route in new if self._route_company(route) != named.sudo().company_id]
        if not delivery.released:
            new, answers = self._without_blocked(msg_dict, new, answers)
            new = self._without_robots(delivery.hints, new, answers)
        routes = answers + self._one_ticket_per_company(mail, new)
        return others + [self._without_false_user(route) for route in routes]

    @api.model
    def _is_answer(self, route):
        return route[0] == self._name and bool(route[1])

    @api.model
    def _follow_merge(self, route):
        """``route`` to a ticket, or to the one that it was merged into."""
        ticket = self.sudo().browse(route[1])._get_living()
        return (route[0], ticket.id, *route[2:])

    @api.model
    def _without_false_user(self, route):
        """``route``, gone by the software itself unless the colleague whom it names is proven.

        Odoo takes the user with the sender's address as who makes the ticket.
        """
        user = self.env["res.users"].sudo().browse(route[3])
        if user.id == self.env.uid or user.share:
            return route
        if self.browse(route[1] or ())._is_proven(user.partner_id):
            return route
        return (*route[:3], self.env.uid, route[4])

    # The number in the subject

    @api.model
    def _find_named(self, msg_dict, new):
        """Ticket that the subject names and whose sender has a part in it; may be empty.

        :param new: routes that the mail would take else
        """
        numbers = find_numbers(msg_dict.get("subject"))
        tickets = self.sudo().browse()
        if numbers:
            # An archived one comes back with the mail.
            archived_too = tickets.with_context(active_test=False)
            tickets = tickets.browse(archived_too.search([("number", "in", numbers)]).ids)
        companies = {self._route_company(route) for route in new}
        for ticket in tickets.sorted(lambda ticket: numbers.index(ticket.number)):
            if companies and ticket.company_id not in companies:
                continue
            living = ticket._get_living()
            if ticket._is_party(msg_dict) or living._is_party(msg_dict):
                return self.browse(living.id)
            self.env.context["telecom_mail"].strangers.append(ticket.number)
        return self.browse()

    def _find_author(self, msg_dict):
        return self._partner_find_from_emails_single([msg_dict["email_from"]], no_create=True)[:1]

    def _is_party(self, msg_dict):
        """Whether the sender of a mail has a part in this ticket, by all that is known."""
        self.ensure_one()
        delivery = self.env.context["telecom_mail"]
        author = self._find_author(msg_dict)
        if delivery.is_forged or (
            self._is_agent(author) and not delivery.is_from(author.email_normalized)
        ):
            return False
        known = email_normalize_all(f"{self.partner_email or ''},{self.email_cc or ''}")
        if email_normalize(msg_dict["email_from"]) in known or self._is_agent(author):
            return True
        return bool(author) and (
            author in self.message_partner_ids + self.partner_id
            or author.commercial_partner_id == self.commercial_partner_id
            or self._is_supplier(author)
        )

    # What is set aside

    @api.model
    def _without_blocked(self, msg_dict, new, answers):
        block = self.env["telecom.mail.block"]
        sender = email_normalize(msg_dict["email_from"])
        companies = {self._route_company(route) for route in new + answers} or {self.env.company}
        blocking = {company for company in companies if block._is_blocked(sender, company)}
        if blocking == companies:
            raise SetAside("blocked")
        return tuple(
            [route for route in routes if self._route_company(route) not in blocking]
            for routes in (new, answers)
        )

    @api.model
    def _route_company(self, route):
        if route[1]:
            return self.sudo().browse(route[1]).company_id
        return self._gateway_team(route[2]).company_id or self.env.company

    @api.model
    def _without_robots(self, hints, new, answers):
        """No robot opens a ticket, except machines that report to a team that wants it."""
        automatic = hints.get("automatic")
        if not automatic:
            return new
        kept = [
            route
            for route in new
            if automatic == "notice" and self._gateway_team(route[2]).mail_accept_notices
        ]
        if not kept and not answers:
            raise SetAside("bulk" if automatic == "bulk" else "automatic")
        return kept

    def action_block_sender(self):
        """Take no more mail from who wrote these tickets, and cancel them."""
        self.check_access("write")
        for ticket in self:
            self.env["telecom.mail.block"]._block(ticket.partner_email, ticket.company_id)
        self._set_state("cancelled", self.env._("The sender was blocked"))

    @api.model
    def _check_flood(self, msg_dict, routes):
        """Stop two desks that answer one another, and whoever else writes without end.

        Odoo's own limits hold (system parameters ``mail.gateway.loop.*``), and its list of
        senders who may; but Odoo would drop the mail and send another one.

        :raises SetAside: so many mails, so fast
        """
        sender = email_normalize(msg_dict["email_from"])
        if not sender:
            return
        get_param = self.env["ir.config_parameter"].sudo().get_param
        threshold = int(get_param("mail.gateway.loop.threshold", 20))
        since = self._due_now() - timedelta(
            minutes=int(get_param("mail.gateway.loop.minutes", 120))
        )
        if not all(route[1] for route in routes):
            count = self.sudo().search_count(
                [("partner_email", "=", sender), ("create_date", ">=", since)], limit=threshold
            )
        else:
            count = (
                self.env["mail.message"]
                .sudo()
                .search_count(
                    [
                        ("model", "=", self._name),
                        ("res_id", "in", [route[1] for route in routes]),
                        ("message_type", "=", "email"),
                        ("create_date", ">=", since),
                        ("email_from", "=ilike", f"%{escape_psql(sender)}%"),
                    ],
                    limit=threshold,
                )
            )
        if count >= threshold and not self.env["mail.gateway.allowed"].sudo().search_count(
            [("email_normalized", "=", sender)], limit=1
        ):
            raise SetAside("loop")

    # One problem, one ticket

    @api.model
    def _one_ticket_per_company(self, mail, routes):
        """Those of ``routes`` to new tickets that are taken: one for each company.

        Who writes to two of our addresses has one problem, not two. The address named first
        gets it.
        """
        if len(routes) < 2:
            return routes
        to = decode_message_header(mail, "To", separator=",")
        addresses = email_normalize_all(self.env["mail.alias.domain"]._without_tags(to))

        def place(route):
            name = route[4].alias_full_name if route[4] else None
            return addresses.index(name) if name in addresses else len(addresses)

        by_company = {}
        for route in sorted(routes, key=place):
            by_company.setdefault(self._gateway_team(route[2]).company_id, route)
        return list(by_company.values())

    @api.model
    def _gateway_team(self, values):
        team_id = (values or {}).get("team_id")
        return self.env["telecom.ticket.team"].sudo().browse(team_id)

    # What colleagues are told

    def _get_mail_remarks(self, delivery):
        """What the thread says about a mail that is not what it seems, in lines of HTML."""
        env = self.env
        hints, lines = delivery.hints, list(delivery.remarks)
        if delivery.is_forged:
            lines.append(
                env._(
                    "The sender could not be verified and may be forged: so says the mail server "
                    "that received the mail."
                )
            )
        lines += [
            env._(
                "The subject names %(ticket)s, but the sender has no part in that ticket: the mail "
                "was not added to it.",
                ticket=number,
            )
            for number in delivery.strangers
        ]
        if "recipients" in hints:
            lines.append(
                env._(
                    "The mail went to %(count)s addresses: none of them became a follower.",
                    count=hints["recipients"],
                )
            )
        if hints.get("protected"):
            lines.append(
                env._(
                    "The mail is encrypted (%(how)s): whoever has the key can open the attached "
                    "original in a mail program.",
                    how=hints["protected"],
                )
            )
        if hints.get("subject"):
            lines.append(env._("The whole subject: %(subject)s", subject=hints["subject"]))
        if delivery.content.is_cut:
            lines.append(env._("The text is too long to be shown whole: all of it is attached."))
        if not delivery.content.is_whole:
            lines.append(
                env._("The mail has too many parts to take all of them out: all of it is attached.")
            )
        return [Markup("<li>%s</li>") % line for line in lines]
