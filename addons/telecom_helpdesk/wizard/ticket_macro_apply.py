from odoo import api, fields, models
from odoo.exceptions import UserError

# Each of them may write to a customer.
MOST_AT_ONCE = 200


class TelecomTicketMacroApply(models.TransientModel):
    """Which macro is applied to a selection of tickets."""

    _name = "telecom.ticket.macro.apply"
    _description = "Apply Macro"
    _inherit = ["telecom.wizard.mixin"]

    ticket_ids = fields.Many2many("telecom.ticket", string="Tickets", required=True)
    available_macro_ids = fields.Many2many(
        "telecom.ticket.macro", compute="_compute_available_macro_ids"
    )
    macro_id = fields.Many2one(
        "telecom.ticket.macro", required=True, domain="[('id', 'in', available_macro_ids)]"
    )
    summary = fields.Char(compute="_compute_preview")
    kind = fields.Selection(
        lambda self: self.env["telecom.ticket.macro"]._fields["kind"].selection,
        compute="_compute_preview",
    )
    preview = fields.Html(
        compute="_compute_preview", help="As the first of the tickets gets it.", sanitize=False
    )

    unreached = fields.Char(
        string="Reaches Nobody",
        compute="_compute_preview",
        help="Tickets without a reader outside.",
    )

    @api.depends("ticket_ids")
    def _compute_available_macro_ids(self):
        for wizard in self:
            macros = self.env["telecom.ticket.macro"]
            wizard.available_macro_ids = macros._find_for(wizard.ticket_ids._origin)

    @api.depends("ticket_ids", "macro_id")
    def _compute_preview(self):
        for wizard in self:
            # What is saved and may be read: whoever calls may hand in a macro of their own making,
            # whose text would be run.
            ticket = wizard.ticket_ids._origin[:1]._filtered_access("read")
            macro = wizard.macro_id._origin._filtered_access("read")
            wizard.summary, wizard.kind = macro.summary, macro.kind
            wizard.preview = wizard.unreached = False
            if macro.kind == "reply":
                tickets = wizard.ticket_ids._origin._filtered_access("read")
                unreached = tickets.filtered("reaches_nobody")
                wizard.unreached = ", ".join(unreached.mapped("number"))
            if ticket and macro:
                macro = macro.with_context(lang=ticket._get_customer_lang())
                wizard.preview = macro._render_text(ticket.id)

    def action_apply(self):
        self.ensure_one()
        tickets = self.ticket_ids
        # What is refused is named: of tickets that may not be read nothing is said.
        tickets.check_access("read")
        if len(tickets) > MOST_AT_ONCE:
            raise UserError(
                self.env._(
                    "A macro can be applied to %(count)s tickets at a time at most. If many have "
                    "the same cause, declare a major incident.",
                    count=MOST_AT_ONCE,
                )
            )
        refused = self.macro_id._apply(tickets)
        return tickets._notify_done(
            self.env._(
                "“%(macro)s” was applied to %(count)s ticket(s).",
                macro=self.macro_id.name,
                count=len(tickets) - len(refused),
            ),
            refused,
        )
