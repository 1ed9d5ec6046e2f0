from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import is_html_empty

from .tier import PRIORITIES


class TelecomTicketMacro(models.Model):
    """What agents do many times a day, in one click: an answer, and what becomes of the ticket.

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
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("telecom_helpdesk.group_agent").id)
        ],
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

    # Use

    @api.model
    def _get_domain_for(self, tickets):
        """Domain of the macros that are offered on all of ``tickets``."""
        domain = Domain("company_id", "in", [False, *tickets.company_id.ids])
        # Archived teams count: without them, it would be for everybody.
        for_all = Domain("team_ids", "not any", Domain("active", "in", [True, False]))
        if len(tickets.company_id) > 1:
            domain = Domain("company_id", "=", False)
        if len(tickets.team_id) == 1 and all(ticket.team_id for ticket in tickets):
            return domain & (for_all | Domain("team_ids", "in", tickets.team_id.ids))
        return domain & for_all

    def _check_usable(self):
        """:raises UserError: it is switched off, or gives what is no more"""
        macro = self.sudo().with_context(active_test=False)
        if not macro.active:
            raise UserError(self.env._("“%(macro)s” has been switched off.", macro=macro.name))
        # Tags that were archived are left out, what is one alone is missed.
        for record in (macro.stage_id, macro.category_id, macro.user_id):
            if record and not record.active:
                raise UserError(
                    self.env._(
                        "“%(macro)s” cannot be applied: %(record)s has been archived. Ask a "
                        "manager to change the macro.",
                        macro=macro.name,
                        record=record.display_name,
                    )
                )

    def _check_offered(self, tickets):
        # Archived teams count: without them, it would be for everybody.
        macro = self.sudo().with_context(active_test=False)
        for ticket in tickets:
            if (macro.company_id and macro.company_id != ticket.company_id) or (
                macro.team_ids and ticket.team_id not in macro.team_ids
            ):
                raise UserError(
                    self.env._(
                        "“%(macro)s” is not meant for tickets of this team or company.",
                        macro=self.name,
                    )
                )

    def _has_text(self):
        return not is_html_empty(self.body)

    def _render_text(self, ticket_id):
        """The text (Markup) for a ticket, in the language of the context."""
        return self._render_field("body", [ticket_id])[ticket_id]

    def _apply(self, tickets):
        """Write the text on ``tickets`` and change them.

        :return: why it was refused (text), by ticket; nothing happened to these
        """
        self.ensure_one()
        texts = {}

        def prepare(tickets):
            self._change(tickets)
            for ticket in tickets if self._has_text() else ():
                macro = self.with_context(lang=ticket._get_customer_lang())
                texts[ticket] = macro._render_text(ticket.id)

        # Whatever may be refused comes first: what is mailed cannot be taken back.
        refused = tickets._try_all(prepare)
        able = tickets.filtered(lambda ticket: ticket not in refused)
        for ticket in able.filtered(texts.get):
            ticket.message_post(
                body=texts[ticket],
                message_type="comment",
                subtype_xmlid="mail.mt_note" if self.kind == "note" else "mail.mt_comment",
                partner_ids=self._get_recipients(ticket).ids,
            )
        self._move(able)
        return refused

    def _get_recipients(self, ticket):
        """People outside (res.partner) whom the chatter would propose besides the followers."""
        if self.kind == "note":
            return self.env["res.partner"]
        suggested = ticket._message_get_suggested_recipients_batch(reply_discussion=True)
        ids = [recipient["partner_id"] for recipient in suggested[ticket.id]]
        return self.env["res.partner"].browse(filter(None, ids)).filtered("partner_share")

    def _change(self, tickets):
        """Change ``tickets``, all but the stage; make sure that the stage can be reached.

        :raises UserError: somebody objects
        """
        self.check_access("read")
        tickets.check_access("write")
        self._check_usable()
        self._check_offered(tickets)
        tickets.sudo().filtered("merged_into_id")[:1].with_env(self.env)._refuse_as_merged()
        for ticket in tickets:
            self._get_stage(ticket)
        vals = {}
        if self.category_id:
            vals["category_id"] = self.category_id.id
        if self.assignment:
            vals["user_id"] = {"me": self.env.uid, "user": self.user_id.id}.get(
                self.assignment, False
            )
        tags = [Command.link(tag.id) for tag in self.added_tag_ids]
        tags += [Command.unlink(tag.id) for tag in self.removed_tag_ids]
        if tags:
            vals["tag_ids"] = tags
        if vals:
            tickets.write(vals)
        if self.priority:
            # Alone: whoever wrote the macro chose it, it is not what a category gives.
            tickets.write({"priority": self.priority})

    def _get_stage(self, ticket):
        """The stage that ``ticket`` goes to; may be empty.

        :raises ValidationError: the ticket's team has none with that state
        """
        stage = self.stage_id.sudo()
        if stage and stage.team_ids and ticket.team_id not in stage.team_ids:
            return ticket._pick_stage(stage.state)
        return self.stage_id

    def _move(self, tickets):
        # After the answer, which may move a ticket as well: the macro has the last word.
        for stage, group in tickets.grouped(self._get_stage).items():
            if stage:
                group.stage_id = stage

    def _open_composer(self, ticket):
        """Action: the text in the composer; sending it applies the rest."""
        macro = self.with_context(lang=ticket._get_customer_lang())
        is_note = self.kind == "note"
        return {
            "name": self.name,
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_body": macro._render_text(ticket.id),
                "default_composition_mode": "comment",
                "default_model": ticket._name,
                "default_partner_ids": self._get_recipients(ticket).ids,
                "default_res_ids": ticket.ids,
                "default_subtype_xmlid": "mail.mt_note" if is_note else "mail.mt_comment",
                "default_telecom_macro_id": self.id,
            },
        }
