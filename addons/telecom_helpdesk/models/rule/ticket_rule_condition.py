import contextlib

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import condition
from ...tools.condition import ConditionError

# Rules work as superuser, for all teams: what they compare must be what managers may read anyway.
# That is the ticket's own columns, of these kinds, ...
FIELD_TYPES = frozenset(
    {
        "boolean", "char", "date", "datetime", "float", "html", "integer", "many2many", "many2one",
        "monetary", "selection", "text",
    }
)  # fmt: skip
# ... except keys to what is behind them, ...
SECRET_FIELDS = frozenset({"access_token"})
# ... what is worked out from these columns, and a step or two beyond.
CONDITION_PATHS = frozenset(
    {
        "category_id.parent_id",
        "commercial_partner_id.category_id",
        "commercial_partner_id.city",
        "commercial_partner_id.country_id",
        "commercial_partner_id.is_company",
        "commercial_partner_id.lang",
        "commercial_partner_id.name",
        "commercial_partner_id.ref",
        "commercial_partner_id.state_id",
        "commercial_partner_id.telecom_tier_id",
        "commercial_partner_id.zip",
        "contract_id.date_end",
        "contract_id.date_start",
        "contract_id.name",
        "contract_id.state",
        "contract_id.type_id",
        "is_done",
        "is_incident",
        "parent_id.incident_kind",
        "parent_id.state",
        "partner_id.category_id",
        "partner_id.city",
        "partner_id.country_id",
        "partner_id.is_company",
        "partner_id.lang",
        "partner_id.name",
        "partner_id.ref",
        "partner_id.state_id",
        "partner_id.zip",
        "phone_mobile_search",
        "service_id.identifier",
        "service_id.site_partner_id",
        "service_id.site_partner_id.city",
        "service_id.site_partner_id.country_id",
        "service_id.site_partner_id.zip",
        "service_id.state",
        "service_id.supplier_id",
        "service_id.supplier_reference",
        "service_id.type_id",
        "stage_id.name",
        "tag_ids.name",
        "team_id.name",
        "tier_id.name",
        "user_id.name",
    }
)
# Records of these may be looked for by a part of their names, of others by themselves alone.
NAMED_MODELS = frozenset(
    {"res.company", "res.country", "res.country.state", "res.partner", "res.partner.category",
     "res.users"}
)  # fmt: skip


class TelecomTicketRule(models.Model):
    """Conditions: what managers may compare in one, checked on save and on use."""

    _inherit = "telecom.ticket.rule"

    @api.model
    def _get_condition_paths(self):
        """Hook: paths that a condition may compare besides the ticket's own columns."""
        return CONDITION_PATHS

    @api.model
    def _may_compare(self, path):
        if path in self._get_condition_paths():
            return self._find_condition_field(path) is not None
        field = self.env["telecom.ticket"]._fields.get(path)
        return bool(
            field
            and field.store
            and field.type in FIELD_TYPES
            and not field.groups
            and path not in SECRET_FIELDS
        )

    @api.model
    def _find_condition_field(self, path):
        """The field that ``path`` leads to from a ticket, or None."""
        model, field = self.env["telecom.ticket"], None
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            model = self.env[field.comodel_name] if field and field.relational else None
        return field

    @api.model
    def _read_condition(self, expression):
        """What ``expression`` asks now: a Domain, and whether it asks the same at any time.

        :raises ConditionError: it is not allowed
        """
        value, is_constant = condition.read(expression)
        for comparison in condition.compare(value):
            if not self._may_compare(comparison.path):
                raise ConditionError("path", comparison.path)
            field = self._find_condition_field(comparison.path)
            if field.relational and self._is_by_name(comparison):
                comodel = field.comodel_name
                if comodel not in NAMED_MODELS and not comodel.startswith("telecom."):
                    raise ConditionError("by_name", comparison.path)
        return Domain(value), is_constant

    @api.model
    def _is_by_name(self, comparison):
        values = comparison.value
        values = values if isinstance(values, list | tuple) else [values]
        return any(isinstance(value, str) for value in values)

    def _check_condition_records(self):
        """Whoever writes a condition may name only records that they may read.

        Otherwise a rule's note would tell them what these are called.
        """
        # Constraints run as superuser: it is asked for who writes.
        user = self.env.user
        env = self.env(su=False, context={"allowed_company_ids": user.company_ids.ids})
        for path, named in self._get_named():
            records = named.with_env(env).exists()
            if records._filtered_access("read") != records:
                raise ValidationError(
                    self.env._(
                        "The condition of rule “%(rule)s” names a record under “%(field)s” that "
                        "you may not read. Choose another one.",
                        rule=self.name,
                        field=self._describe_path(path),
                    )
                )

    def _get_named(self):
        """Pairs (path, records) of what the condition names by id; nothing is read of it.

        :raises ConditionError: the condition is not allowed
        """
        named = []
        for comparison in condition.compare(condition.read(self.domain or "[]")[0]):
            field = self._find_condition_field(comparison.path)
            if field is None or not (field.relational or comparison.path == "id"):
                continue
            values = comparison.value
            values = values if isinstance(values, list | tuple) else [values]
            ids = [value for value in values if type(value) is int]
            comodel = field.comodel_name if field.relational else "telecom.ticket"
            named.append((comparison.path, self.env[comodel].browse(ids)))
        return named

    @api.model
    def _find_naming(self, records):
        """Rules, archived ones too, whose condition names one of ``records``."""
        rules = self.sudo().with_context(active_test=False).search([("domain", "!=", "[]")])
        naming = rules.browse()
        for rule in rules:
            with contextlib.suppress(ConditionError):
                if any(
                    named._name == records._name and named & records
                    for _path, named in rule._get_named()
                ):
                    naming += rule
        return naming

    # In words

    @api.model
    def _describe_path(self, path):
        """``path`` as the screens have it, such as "Customer / City"."""
        model, labels = self.env["telecom.ticket"], []
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if not field:
                return path
            labels.append(field._description_string(self.env))
            model = self.env[field.comodel_name] if field.relational else None
        return " / ".join(labels)

    @api.model
    def _explain_condition_error(self, error):
        """What is not allowed, and what is instead."""
        what = error.what
        if error.reason in ("path", "by_name"):
            what = self._describe_path(what)
        texts = {
            "path": self.env._(
                "“%(what)s” cannot be used in a condition. Allowed are the ticket's own fields, "
                "and: %(paths)s.",
                what=what,
                paths=", ".join(
                    sorted(
                        self._describe_path(path)
                        for path in self._get_condition_paths()
                        if "." in path and self._find_condition_field(path)
                    )
                ),
            )
            if error.reason == "path"
            else "",
            "by_name": self.env._("Choose “%(what)s” from the list, not by its name.", what=what),
            "name": self.env._(
                "“%(what)s” cannot be used: besides fixed values there are context_today(), "
                "relativedelta(…), datetime and time.strftime(…). A rule has no user of its own.",
                what=what,
            ),
            "long": self.env._("it is too long (%(what)s characters at most).", what=what),
            "deep": self.env._("it is nested too deep (%(what)s levels at most).", what=what),
            "comparisons": self.env._(
                "it compares too much (%(what)s comparisons at most). Make two rules of it.",
                what=what,
            ),
            "values": self.env._(
                "a comparison has too many values (%(what)s at most). Use a tag, a category or a "
                "tier that they have in common.",
                what=what,
            ),
            "text": self.env._(
                "a text in it is too long (%(what)s characters at most).", what=what
            ),
            "number": self.env._("%(what)s is too large a number.", what=what),
            "operator": self.env._("there is no comparison “%(what)s”.", what=what),
            "pattern": self.env._(
                "in “%(what)s”, a percent sign can only be the first or the last character of a "
                "pattern (=like, =ilike). “Contains” needs none.",
                what=what,
            ),
        }
        return texts.get(error.reason) or self.env._("it is no list of comparisons.")
