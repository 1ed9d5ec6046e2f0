from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..registry.tier import PRIORITIES


class TelecomTicketMacro(models.Model):
    """A macro: a reply and changes to the ticket, applied in one click.

    The answer is rendered by Odoo's own engine for mail templates, in the customer's language.
    """

    _name = "telecom.ticket.macro"
    _description = "Ticket Macro"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin", "mail.render.mixin"]
    _is_shared = True
    _order = "sequence, name, id"
    _check_company_auto = True
    # As for mail templates: who may write one is checked when it is saved.
    _unrestricted_rendering = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, index=True)
    team_ids = fields.Many2many(
        "telecom.ticket.team",
        string="Teams",
        check_company=True,
        help="Teams whose tickets it is offered on. Empty: all.",
    )
    summary = fields.Char(string="What It Does", compute="_compute_summary")

    # The answer
    body = fields.Html(
        string="Text",
        translate=True,
        render_engine="qweb",
        render_options={"post_process": True},
        sanitize="email_outgoing",
        help="Translate it: each customer gets it in their language.",
    )
    kind = fields.Selection(
        [("reply", "Reply to the customer"), ("note", "Internal note")],
        string="Write as",
        default="reply",
        required=True,
    )
    review = fields.Boolean(
        string="Read before Sending",
        default=True,
        help="The text opens in the composer; nothing is changed before it is sent.",
    )

    # What becomes of the ticket
    stage_id = fields.Many2one(
        "telecom.ticket.stage",
        help="Tickets of a team that has no such stage go to its first one with the same state.",
    )
    priority = fields.Selection(PRIORITIES)
    category_id = fields.Many2one("telecom.ticket.category")
    added_tag_ids = fields.Many2many(
        "telecom.ticket.tag", "telecom_ticket_macro_added_tag_rel", string="Add Tags"
    )
    removed_tag_ids = fields.Many2many(
        "telecom.ticket.tag", "telecom_ticket_macro_removed_tag_rel", string="Remove Tags"
    )
    assignment = fields.Selection(
        [("me", "Whoever applies it"), ("user", "A certain agent"), ("nobody", "Nobody")],
        string="Assign to",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        check_company=True,
        domain=[("telecom_support_level", ">=", "1")],
    )

    _agent_named = models.Constraint(
        "CHECK (assignment != 'user' OR user_id IS NOT NULL)",
        "Choose the agent whom the tickets are assigned to.",
    )

    def _compute_render_model(self):
        self.render_model = "telecom.ticket"

    @api.depends(
        "body", "kind", "review", "stage_id", "priority", "category_id", "added_tag_ids",
        "removed_tag_ids", "assignment", "user_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_summary(self):
        for macro in self:
            kinds = dict(macro._fields["kind"]._description_selection(self.env))
            text = [kinds[macro.kind]] if macro._has_text() else []
            macro.summary = " · ".join(text + macro._describe_changes())

    def _describe_changes(self):
        """What this macro changes on a ticket, in words."""
        self.ensure_one()
        macro = self.sudo()
        parts = [macro.stage_id.name]
        if macro.priority:
            parts.append(
                dict(self._fields["priority"]._description_selection(self.env))[macro.priority]
            )
        parts.append(macro.category_id.name)
        parts += [f"+{name}" for name in macro.added_tag_ids.mapped("name")]
        parts += [f"−{name}" for name in macro.removed_tag_ids.mapped("name")]
        if macro.assignment == "user":
            parts.append(macro.user_id.name)
        elif macro.assignment == "me":
            parts.append(self.env._("assigned to me"))
        elif macro.assignment == "nobody":
            parts.append(self.env._("assigned to nobody"))
        return [part for part in parts if part]

    @api.constrains("body")
    def _check_body(self):
        """Find placeholders that do not work before a customer reads them, in each language."""
        self = self.sudo(False)  # constraints run as superuser, who may write anything
        ticket = self.env["telecom.ticket"].search([], limit=1)
        ticket_id = ticket.id or self.env["telecom.ticket"].new({})._ids[0]
        is_editor = self.env.su or self.env.user.has_group("mail.group_mail_template_editor")
        for macro in self:
            if not is_editor and macro._has_unsafe_expression():
                continue  # refused below, and not run before
            for code, language in self.env["res.lang"].get_installed():
                try:
                    macro.with_context(lang=code)._render_text(ticket_id)
                except UserError as error:
                    raise ValidationError(
                        self.env._(
                            "A placeholder in the text of “%(macro)s” (%(language)s) does not "
                            "work: %(reason)s",
                            macro=macro.name,
                            language=language,
                            reason=macro._find_cause(error),
                        )
                    ) from error

    def _check_access_right_dynamic_template(self):
        try:
            return super()._check_access_right_dynamic_template()
        except AccessError as error:
            raise AccessError(
                self.env._(
                    "The text of “%(macro)s” has a placeholder that does not exist, or that takes "
                    "the right to edit mail templates. Everybody may use: %(placeholders)s.",
                    macro=self[:1].name,
                    placeholders=", ".join(
                        self.env["telecom.ticket"].mail_allowed_qweb_expressions()
                    ),
                )
            ) from error

    @api.model
    def _find_cause(self, error):
        """What went wrong at the bottom of ``error``, without the path to it."""
        while error.__cause__ or error.__context__:
            error = error.__cause__ or error.__context__
        return f"{type(error).__name__}: {error}"

    def _update_field_translations(self, field_name, *args, **kwargs):
        result = super()._update_field_translations(field_name, *args, **kwargs)
        if field_name == "body":
            self._check_body()
        return result
