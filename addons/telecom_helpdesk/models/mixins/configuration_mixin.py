from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import ormcache


class TelecomConfigurationMixin(models.AbstractModel):
    """Configuration that other records point to: once in use it is archived, never deleted.

    What uses it is found in the registry, so that an addon's own fields count from the day that
    they are there. The guard refuses to choose what has been archived (``_check_archived``); what
    chose it before keeps it.
    """

    _name = "telecom.configuration.mixin"
    _description = "Configuration Mixin"

    active = fields.Boolean(default=True)

    @api.model
    @ormcache()
    def _get_pointers(self):
        """Pairs (model, field) of all columns and relations that point to records of this model.

        Left out is what is part of such a record (``ondelete="cascade"``), the other side of a
        relation of its own, and what does not last: dialogs, and views of the database.
        """
        own = {field.relation for field in self._fields.values() if field.type == "many2many"}
        return tuple(
            (model._name, field.name)
            for model in self.env.values()
            if model._auto and not model._abstract and not model._transient
            for field in model._fields.values()
            if field.store
            and field.comodel_name == self._name
            and (
                (field.type == "many2one" and field.ondelete != "cascade")
                or (field.type == "many2many" and field.relation not in own)
            )
        )

    def _get_use_domains(self):
        """``{model: Domain}`` of all records that use one of these."""
        domains = defaultdict(lambda: Domain.FALSE)
        for model, name in self._get_pointers():
            domains[model] |= Domain(name, "in", self.ids)
        rules = self.env["telecom.ticket.rule"]._find_naming(self)
        domains[rules._name] |= Domain("id", "in", rules.ids)
        return domains

    @api.model
    def _count_uses(self, domains):
        """How many records there are in each of ``domains`` ({model: Domain}), in words.

        Records that the present user may not read are mentioned, but neither counted nor named.

        :return: text, empty where there are none
        """
        uses, is_used_elsewhere = [], False
        for name, domain in domains.items():
            model = self.env[name].with_context(active_test=False)
            total = model.sudo().search_count(domain)
            try:
                count = model.search_count(domain) if total else 0
            except AccessError:
                count = 0
            if count:
                uses.append(f"{self.env['ir.model']._get(name).name}: {count}")
            is_used_elsewhere |= count < total
        if is_used_elsewhere:
            uses.append(self.env._("others that you cannot see"))
        return ", ".join(uses)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for record in self:
            if uses := record._count_uses(record._get_use_domains()):
                raise UserError(
                    self.env._(
                        "“%(name)s” is in use (%(uses)s). Archive it instead: then nobody can "
                        "choose it any more, and existing records keep it.",
                        name=record.display_name,
                        uses=uses,
                    )
                )
