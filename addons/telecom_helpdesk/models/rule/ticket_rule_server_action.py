from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What those who may not write server actions change on a rule that runs one, besides stopping it.
FREE_FIELDS = frozenset({"name", "sequence"})


class TelecomTicketRule(models.Model):
    """Server actions: what a rule runs besides, and who may say so.

    It runs as superuser, like all that a rule does: a rule has no user of its own, and whoever may
    write server actions may run code as anybody already. For the same reason nobody else chooses
    one, or changes when and on which tickets it runs.
    """

    _inherit = "telecom.ticket.rule"

    server_action_id = fields.Many2one(
        "ir.actions.server",
        string="Run Server Action",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        domain="[('model_name', '=', 'telecom.ticket'), ('usage', '=', 'ir_actions_server')]",
        help="Odoo action that runs on the ticket, last of all and as superuser. If it fails, the "
        "rule does nothing at all and the managers are notified. Only administrators choose it; "
        "on a rule that has one, only they change when it fires and what it does.",
    )

    @api.model
    def _may_choose_server_action(self):
        return self.env.su or self.env["ir.actions.server"].has_access("write")

    @api.model
    def _has_field_access(self, field, operation):
        if (
            field.name == "server_action_id"
            and operation == "write"
            and not self._may_choose_server_action()
        ):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _refuse_field(self, field):
        if field.name == "server_action_id":
            raise AccessError(
                self.env._("Only administrators choose the server action that a rule runs.")
            )
        super()._refuse_field(field)

    def _check_may_retarget(self, vals):
        """:raises AccessError: ``vals`` would have one of these rules run its server action at
        other times, on other tickets, or again, and the user may not write such actions
        """
        changed = vals.keys() - FREE_FIELDS
        if not vals.get("active", True):
            changed -= {"active"}
        if not changed or self._may_choose_server_action():
            return
        if running := self.sudo().filtered("server_action_id")[:1]:
            raise AccessError(
                self.env._(
                    "“%(rule)s” runs a server action: you can switch it off, but only "
                    "administrators change it or switch it on.",
                    rule=running.name,
                )
            )

    def _describe_server_action(self):
        """What a trial, which runs no server action, says of it; empty where there is none."""
        action = self.server_action_id.sudo()
        if not action:
            return ""
        return self.env._("Would run the server action “%s” on each.", action.name)

    def _run_server_action(self, tickets):
        """Run this rule's server action on ``tickets``; return a line that says so.

        What an action does may be a reason for rules to fire, for new tickets above all: these run
        no action in their turn, which might never end.
        """
        action = self.server_action_id
        if self.env.context.get("telecom_server_action"):
            return self.env._("Not run, because another server action caused this: %s", action.name)
        if action.model_name != tickets._name:
            raise UserError(self.env._("“%s” is no longer an action on tickets.", action.name))
        action.with_context(
            active_model=tickets._name,
            active_ids=tickets.ids,
            active_id=tickets[:1].id,
            mail_notrack=False,  # nobody else says what it changed
            telecom_server_action=True,
        ).run()
        return self.env._("Server action: %s", action.name)
