from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import is_html_empty


class TelecomTicketMacro(models.Model):
    """Applying macros: on which tickets they are offered, and what they change."""

    _inherit = "telecom.ticket.macro"

    @api.model
    def _find_for(self, tickets):
        """The macros that are offered on all of ``tickets``."""
        companies, teams = [False], [False]
        if len(tickets.company_id) == 1:
            companies.append(tickets.company_id.id)
        if len(tickets.team_id) == 1 and all(ticket.team_id for ticket in tickets):
            teams.append(tickets.team_id.id)
        # Archived teams count: without them, a macro for such a team would be for all.
        macros = self.with_context(active_test=False)
        return macros.search(
            [("active", "=", True), ("company_id", "in", companies), ("team_ids", "in", teams)]
        ).with_env(self.env)

    def _check_usable(self):
        """:raises UserError: it is switched off, or sets something that was archived"""
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
        tickets.sudo().filtered("merged_into_id")[:1].with_env(self.env)._redirect_if_merged()
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
