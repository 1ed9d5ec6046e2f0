from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# How many tickets the dashboard names; the lists have the rest.
MOST_TICKETS = 8


class TelecomTicketTeam(models.Model):
    """The agent's home: what needs them first, and the numbers of their teams."""

    _inherit = "telecom.ticket.team"

    @api.model
    def get_dashboard(self):
        """What the current user's dashboard shows.

        :return: a dict of

            - ``tickets``: what needs the user first, at most ``MOST_TICKETS``, as
              ``_describe_dashboard_ticket`` makes them;
            - ``tiles``: ``{"name", "label", "tone"}`` in the order of the cards;
            - ``is_available``: whether new tickets are assigned to the user automatically;
            - ``teams``: ``{"id", "name", "counts"}`` and what ``_describe_dashboard_team`` adds,
              the user's own first; ``counts`` maps names of tiles to numbers; id False stands
              for tickets without a team
        """
        self.env["telecom.agent"]._check_is_agent()
        tiles = self._get_dashboard_tiles()
        return {
            "tickets": self._find_dashboard_tickets(),
            "tiles": [
                {"name": name, "label": label, "tone": tone}
                for name, (label, tone, _domain, _filters) in tiles.items()
            ],
            "is_available": self.env["telecom.agent"].get_my_availability(),
            "teams": self._count_dashboard_teams(tiles),
        }

    # Numbers

    @api.model
    def _get_dashboard_tiles(self):
        """Hook: the numbers of a team's card, by name, in their order.

        Each is ``(label, tone, domain, filters)``: the list behind it opens with ``filters``
        (names in the tickets' search view), which find what ``domain`` counts; ``tone`` draws
        the eye when the number is not zero.
        """
        is_open = Domain("is_done", "=", False)
        mine = Domain("user_id", "=", self.env.uid) | Domain("collaborator_ids", "in", self.env.uid)
        waiting = Domain("state", "in", ["waiting_customer", "waiting_third_party"])
        return {
            "open": (self.env._("Open"), "none", is_open, ["open"]),
            "unassigned": (
                self.env._("Unassigned"),
                "warning",
                is_open & Domain("user_id", "=", False),
                ["open", "unassigned"],
            ),
            "mine": (self.env._("Mine"), "none", is_open & mine, ["open", "mine"]),
            "escalated": (
                self.env._("Escalated"),
                "danger",
                is_open & Domain("is_escalated", "=", True),
                ["open", "escalated"],
            ),
            "late": (
                self.env._("Overdue"),
                "danger",
                is_open & Domain("date_deadline", "<", "now"),
                ["late"],
            ),
            "waiting": (self.env._("Waiting"), "none", waiting, ["waiting"]),
            "resolved_today": (
                self.env._("Resolved today"),
                "success",
                Domain("resolved_at", ">=", "today"),
                ["resolved_today"],
            ),
        }

    @api.model
    def _count_dashboard_teams(self, tiles):
        tickets = self.env["telecom.ticket"]
        counts = {
            name: dict(tickets._read_group(domain, ["team_id"], ["__count"]))
            for name, (_label, _tone, domain, _filters) in tiles.items()
        }
        teams = self._get_dashboard_teams()
        if counts["open"].get(self.browse()):
            teams = [*teams, self.browse()]
        return [
            {
                "id": team.id,
                "name": team.name or self.env._("Without a team"),
                "counts": {name: counts[name].get(team, 0) for name in tiles},
                **team._describe_dashboard_team(),
            }
            for team in teams
        ]

    def _describe_dashboard_team(self):
        """Hook: what else the card of this team (or of none) says.

        :return: ``{"subtitle": text, "links": [{"label", "count", "method"}]}``; a link calls
            the method of the team, which returns an action
        """
        return {"subtitle": "", "links": []}

    @api.model
    def _get_dashboard_teams(self):
        """The user's own teams; for managers the other ones of the company after them."""
        own = self.search([("member_ids", "in", self.env.uid)])
        if not self.env.user.has_group("telecom_helpdesk.group_manager"):
            return own
        return own + self.search([("id", "not in", own.ids)])

    # What needs the user first

    @api.model
    def _get_dashboard_reasons(self):
        """Hook: why a ticket may need the user, most pressing first.

        Each is ``(label, domain, order, since)``: the field ``since`` says since when.
        """
        mine = Domain("user_id", "=", self.env.uid)
        active = Domain("state", "in", ["new", "open"])
        free = Domain("user_id", "=", False) & Domain("team_id.member_ids", "in", self.env.uid)
        return [
            (
                self.env._("Promised date overdue"),
                mine & Domain("date_deadline", "<", "now") & Domain("is_done", "=", False),
                "date_deadline, id",
                "date_deadline",
            ),
            (
                self.env._("Escalated to you"),
                mine & active & Domain("is_escalated", "=", True),
                "priority desc, escalated_at, id",
                "escalated_at",
            ),
            (
                self.env._("Escalated, unassigned"),
                free & active & Domain("is_escalated", "=", True),
                "priority desc, escalated_at, id",
                "escalated_at",
            ),
            (
                self.env._("Critical, unassigned"),
                free & active & Domain("priority", "=", "3"),
                "id",
                "create_date",
            ),
            (
                self.env._("Waits for your answer"),
                mine & active & Domain("unanswered_since", "!=", False),
                "priority desc, unanswered_since, id",
                "unanswered_since",
            ),
            (
                self.env._("High priority"),
                mine & active & Domain("priority", "in", ["2", "3"]),
                "priority desc, id",
                "assigned_at",
            ),
        ]

    @api.model
    def _find_dashboard_tickets(self):
        tickets = self.env["telecom.ticket"]
        found = []
        for label, domain, order, since in self._get_dashboard_reasons():
            left = MOST_TICKETS - len(found)
            if not left:
                break
            known = [ticket.id for ticket, _label, _since in found]
            found += [
                (ticket, label, since)
                for ticket in tickets.search(
                    domain & Domain("id", "not in", known), order=order, limit=left
                )
            ]
        return [
            self._describe_dashboard_ticket(ticket, label, since) for ticket, label, since in found
        ]

    @api.model
    def _describe_dashboard_ticket(self, ticket, label, since):
        """One line of the dashboard, as a dict; ``since`` is a datetime as text, in UTC."""
        priorities = dict(ticket._fields["priority"]._description_selection(self.env))
        return {
            "id": ticket.id,
            "number": ticket.number,
            "name": ticket.name,
            "customer": ticket.commercial_partner_id.sudo().name
            or ticket.partner_name
            or ticket.partner_email
            or "",
            "team": ticket.team_id.name or "",
            "priority": ticket.priority,
            "priority_label": priorities[ticket.priority],
            "reason": label,
            "since": fields.Datetime.to_string(ticket[since]) or False,
        }

    # Lists behind the numbers

    @api.model
    def action_open_tile(self, team_id, name):
        """The list behind the number ``name`` of a team (False: of tickets without one)."""
        self.env["telecom.agent"]._check_is_agent()
        team = self.browse(team_id or ())
        team.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        tile = self._get_dashboard_tiles().get(name)
        if not tile:
            raise UserError(self.env._("There is no such number on the dashboard."))
        _label, _tone, _domain, filters = tile
        modes = ["list", *(mode for mode in action["view_mode"].split(",") if mode != "list")]
        return {
            **action,
            "display_name": team.name or self.env._("Without a team"),
            "domain": [("team_id", "=", team.id)],
            "views": [(False, mode) for mode in modes],
            "context": {
                "default_team_id": team.id,
                **{f"search_default_{filter_}": 1 for filter_ in filters},
            },
        }

    @api.model
    def action_take_next(self):
        """Take the most urgent ticket that nobody is in charge of in the user's teams."""
        self.env["telecom.agent"]._check_is_agent()
        tickets = self.env["telecom.ticket"]
        level = self.env["telecom.agent"]._get_levels(self.env.user)[self.env.user]
        domain = (
            Domain("user_id", "=", False)
            & Domain("state", "in", ["new", "open"])
            & Domain("team_id.member_ids", "in", self.env.uid)
            & Domain("support_level", "<=", level)
        )
        while ticket := tickets.search(domain, order="priority desc, id", limit=1):
            # Somebody else may be taking it at this moment.
            if ticket.try_lock_for_update():
                ticket.action_assign_to_me()
                return {
                    "type": "ir.actions.act_window",
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                    "views": [(False, "form")],
                }
            domain &= Domain("id", "!=", ticket.id)
        return False
