from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from ...tools.change import Change

# Fields that may change with another one that is written.
FOLLOWING = {
    "partner_id": ("commercial_partner_id",),
    "stage_id": ("state",),
    "team_id": ("company_id", "stage_id", "state"),
}


class TelecomTicket(models.Model):
    """A customer's incident, question or request, from its arrival to its closure.

    This file holds what it is: subject, classification, relations, number. The rest, by subject:

    - what happens when: ``ticket_reactions`` (created, changed), ``ticket_triage`` (a new one is
      decided on), ``ticket_due`` (what happens later)
    - whose it is: ``ticket_customer``, ``ticket_former_customer``, ``contract_renewal``
    - how pressing it is: ``ticket_priority``, ``priority_matrix``
    - its states: ``ticket_stage``, ``ticket_state``, ``ticket_transition``
    - who works on it: ``ticket_assignment``, ``ticket_auto_assignment``, ``ticket_escalation``,
      ``ticket_collaboration``, ``ticket_presence``, ``ticket_agent_left``, ``ticket_team_archive``
    - its conversation: ``ticket_thread``, ``ticket_reach`` (who is told), ``ticket_conversation``
      (who may read it), ``ticket_follow_up``, ``ticket_portal``
    - several tickets: ``ticket_bulk``, ``ticket_merge``, ``ticket_merge_redirect``,
      ``ticket_split``, ``ticket_link``; ``../incident`` for major incidents
    - rules and macros on it: ``../rule/ticket_rule_application``, ``../macro``
    - finding it: ``ticket_search``; ``ticket_category``, ``ticket_tag``

    Other addons add mails, promises and time in ``models/ticket`` of their own.
    """

    _name = "telecom.ticket"
    _description = "Ticket"
    _inherit = [
        "telecom.guard.mixin",
        "mail.thread.cc",
        "telecom.phone.mixin",
        "mail.activity.mixin",
        "portal.mixin",
        "rating.mixin",
        "telecom.due.owner.mixin",
    ]
    _order = "priority desc, id desc"
    _rec_names_search = ["number", "name"]
    _check_company_auto = True
    _mail_thread_customer = True
    _primary_email = "partner_email"

    number = fields.Char(readonly=True, copy=False, default="/", index="trigram")
    name = fields.Char(string="Subject", required=True, tracking=True, index="trigram")
    description = fields.Html(sanitize_attributes=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    # Classification
    category_id = fields.Many2one("telecom.ticket.category", index=True, tracking=True)
    tag_ids = fields.Many2many("telecom.ticket.tag", string="Tags", context={"active_test": False})
    channel = fields.Selection(
        [
            ("email", "Email"),
            ("portal", "Portal"),
            ("phone", "Phone"),
            ("manual", "Manual"),
            ("api", "API"),
        ],
        default="manual",
        required=True,
    )
    date_deadline = fields.Datetime(
        string="Promised for",
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="Date by which the customer was promised a fix.",
    )
    resolution = fields.Html(copy=False, help="What was wrong and what fixed it.")

    # Relations between tickets
    child_ids = fields.One2many("telecom.ticket", "parent_id", string="Affected Tickets")
    child_count = fields.Integer(
        string="Number of Affected Tickets", compute="_compute_child_count"
    )
    merged_into_id = fields.Many2one(
        "telecom.ticket", readonly=True, copy=False, index="btree_not_null"
    )
    follow_up_of_id = fields.Many2one(
        "telecom.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The closed ticket that the customer came back to.",
    )

    _number_unique = models.UniqueIndex(
        "(number) WHERE number != '/'", "A ticket with this number exists already."
    )
    # Lists and boards read open tickets of a team, newest or most urgent first.
    _queue = models.Index("(team_id, priority DESC, id DESC)")
    _order_default = models.Index("(priority DESC, id DESC)")
    _state_stage = models.Index("(state, stage_id)")
    _account = models.Index("(commercial_partner_id, state)")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for ticket in self:
            ticket.display_name = (
                f"[{ticket.number}] {ticket.name or ''}"
                if ticket.number and ticket.number != "/"
                else ticket.name
            )

    @api.depends("team_id")
    def _compute_company_id(self):
        for ticket in self:
            ticket.company_id = ticket.team_id.company_id or ticket.company_id or self.env.company

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"]))
        for ticket in self:
            ticket.child_count = counts.get(ticket, 0)

    # What happens: see ticket_reactions.py

    @api.model
    @ormcache()
    def _get_compiled_reactions(self):
        """The table of reactions, and the names of the fields that it asks about."""
        reactions = self._get_reactions()
        watched = {name for names in FOLLOWING.values() for name in names}
        for reaction in reactions["written"]:
            watched |= reaction.changed | reaction.written
        return reactions, watched & self._fields.keys()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # the caller's stay as they are
        reactions, _watched = self._get_compiled_reactions()
        for reaction in reactions["handed_in"]:
            getattr(self, reaction.method)(vals_list)
        tickets = super().create(vals_list)
        Change(tickets).run(reactions["created"])
        tickets._triage()
        return tickets

    @api.model
    def _prepare_create_values(self, vals_list):
        # What people handed in was checked a moment ago: now the software may add its own.
        vals_list = [dict(vals) for vals in vals_list]
        reactions, _watched = self._get_compiled_reactions()
        for reaction in reactions["own_values"]:
            getattr(self, reaction.method)(vals_list)
        return super()._prepare_create_values(vals_list)

    def write(self, vals):
        # Otherwise a later error message could reveal a ticket that the user may not read.
        self.check_access("write")
        reactions, watched = self._get_compiled_reactions()
        change = Change(self, vals, watched, FOLLOWING)
        change.run(reactions["before_write"])
        result = super().write(vals)
        change.read_again()
        change.run(reactions["written"])
        return result

    # Numbers

    @api.model
    def _fill_numbers(self, vals_list):
        """Draw a number for each of ``vals_list`` from its company's sequence."""
        by_company = {}
        for vals in vals_list:
            if vals.get("number", "/") == "/":
                by_company.setdefault(self._company_of(vals), []).append(vals)
        for company_id, without in by_company.items():
            for vals, number in zip(
                without, self._draw_numbers(company_id, len(without)), strict=True
            ):
                vals["number"] = number

    @api.model
    def _draw_numbers(self, company_id, count):
        """The next ``count`` ticket numbers (texts) of a company.

        :raises ValidationError: there is no sequence to draw them from
        """
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .search_fetch(
                [("code", "=", "telecom.ticket"), ("company_id", "in", [company_id, False])],
                ["implementation", "use_date_range", "prefix", "suffix", "padding"],
                order="company_id",
                limit=1,
            )
        )
        if not sequence:
            raise ValidationError(self.env._("There is no sequence with the code telecom.ticket."))
        if count == 1 or sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence._next() for _number in range(count)]
        # Odoo would ask the database once for each.
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        # As ``get_next_char`` does, which reads the prefix anew for each.
        prefix, suffix = sequence._get_prefix_suffix()
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in rows]

    @api.model
    def _company_of(self, vals):
        team = self.env["telecom.ticket.team"].sudo().browse(vals.get("team_id"))
        return team.company_id.id or vals.get("company_id") or self.env.company.id

    def action_open_children(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "domain": [("parent_id", "=", self.id)],
            "context": {"default_parent_id": self.id},
        }

    @api.model
    def get_empty_list_help(self, help_message):
        self = self.with_context(
            empty_list_help_model="telecom.ticket.team",
            empty_list_help_id=self.env.context.get("default_team_id"),
            empty_list_help_document_name=self.env._("ticket"),
        )
        return super().get_empty_list_help(help_message)
