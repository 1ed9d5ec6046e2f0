from collections import defaultdict
from functools import lru_cache

from odoo import api, models
from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.fields import Command
from odoo.models import BaseModel
from odoo.tools import frozendict, ormcache
from odoo.tools.safe_eval import safe_eval

from ...tools.bounds import DAYS, NUMBERS, explain, find_problems
from .guard_mixin import DROPPED

LINKS = ("many2one", "many2many", "one2many", "reference")


class TelecomGuardMixin(models.AbstractModel):
    """What values people may hand in: bounds, what they point to, and what may be chosen."""

    _inherit = "telecom.guard.mixin"

    @api.model
    def _check_bounds(self, vals_list, with_rows=False):
        """:raises ValidationError: ``vals_list`` (dicts) hold what neither a column nor the
        arithmetic behind it can take

        :param with_rows: look at the rows in them too, which is done anyway where they are saved
        """
        types, bounds = self._get_bounded_types(self.env.su)
        for vals in vals_list:
            for name, problem in find_problems(types, vals, bounds):
                label = self._fields[name].get_description(self.env, ["string"])["string"]
                raise ValidationError(explain(self.env, label, problem))
            for name in vals if with_rows else ():
                if types.get(name) not in LINKS[1:3] or not isinstance(vals[name], list | tuple):
                    continue
                comodel = self.env[self._fields[name].comodel_name]
                if isinstance(comodel, self.pool["telecom.guard.mixin"]):
                    comodel._check_bounds(_read_commands(vals[name])[1], with_rows=True)

    @api.model
    @ormcache("by_software")
    def _get_bounded_types(self, by_software):
        """Types by name of the fields that are bounded, and the bounds of those that have own.

        The software knows what it does with texts and with what is its own: mails have subjects
        of any length, and a promise may be broken for years.
        """
        bounds = self._get_own_bounds()
        for name, field in self._fields.items():
            # A setting shows a field of the company.
            other = field.related_field if field.related else None
            model = self.env[other.model_name] if other else None
            if name not in bounds and isinstance(model, self.pool["telecom.guard.mixin"]):
                own = model._get_own_bounds()
                if other.name in own:
                    bounds[name] = own[other.name]
        types = {
            name: field.type
            for name, field in self._fields.items()
            if name not in DROPPED
            and (name in bounds or self._is_guarded(field))
            and not (
                by_software
                and (field.readonly or self._is_software_owned or field.type not in NUMBERS | DAYS)
            )
        }
        return frozendict(types), frozendict(bounds)

    @api.model
    def _get_own_bounds(self):
        """What the classes of this model, of whatever addon, say in ``_bounds``: a new dict."""
        bounds = {}
        for cls in reversed(type(self).mro()):
            bounds.update(vars(cls).get("_bounds", {}))
        return bounds

    @api.model
    def _check_links(self, vals_list):
        """:raises AccessError: ``vals_list`` (dicts) point to what the user may not read"""
        links = defaultdict(set)
        for vals in vals_list:
            self._collect_links(vals, links)
        for (model, name), ids in links.items():
            records = self.env[model].browse(ids)
            if model == "res.company":
                is_allowed = ids <= set(self.env.user._get_company_ids())
            else:
                try:
                    is_allowed = records.has_access("read")
                except MissingError:
                    is_allowed = False
            if not is_allowed:
                raise AccessError(
                    self.env._(
                        "%(field)s: what you chose there does not exist, or you have no access "
                        "to it.",
                        field=name,
                    )
                )

    @api.model
    def _collect_links(self, vals, links):
        """Add ids to the sets of ``links``, by model and the label of the field."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or field is None or field.type not in LINKS or not self._is_guarded(field):
                continue
            model, ids, nested = field.comodel_name if field.type != "reference" else None, (), ()
            if field.type == "reference":
                model, _comma, id_ = str(value).partition(",")
                ids = [int(id_)] if id_.isdigit() and model in self.env else ()
            elif field.type == "many2one":
                ids, nested = _read_one(value)
            else:
                ids, nested = _read_commands(value)
            ids = {id_ for id_ in ids if isinstance(id_, int) and not isinstance(id_, bool)}
            if ids:
                label = field.get_description(self.env, ["string"])["string"]
                links[model, label] |= ids
            comodel = self.env.get(model) if nested else None
            if isinstance(comodel, self.pool["telecom.guard.mixin"]):
                for inner in nested:
                    comodel._collect_links(inner, links)

    def _check_archived(self, vals_list):
        """:raises ValidationError: ``vals_list`` (dicts), about to be written on these records,
        choose configuration or people that have been archived"""
        links = defaultdict(set)
        for vals in vals_list:
            for name in self._get_archivable_links() & vals.keys():
                read = _read_one if self._fields[name].type == "many2one" else _read_commands
                ids = read(vals[name] or ())[0]
                links[name].update(id_ for id_ in ids if type(id_) is int and id_)
        for name, ids in links.items():
            field = self._fields[name]
            chosen = self.env[field.comodel_name].sudo().browse(ids)
            archived = chosen.filtered(lambda record: not record.active)
            for record in self.sudo().with_context(active_test=False) if archived else ():
                archived -= record[name]
            if archived:
                raise ValidationError(
                    self.env._(
                        "“%(choice)s” has been archived and cannot be chosen as %(field)s.",
                        choice=archived[0].display_name,
                        field=field.get_description(self.env, ["string"])["string"],
                    )
                )

    def _read_choosable(self, name):
        """Value for a copy of this record: what may still be chosen as ``name``, a link."""
        field, chosen = self._fields[name], self[name]
        if field.type == "many2one":
            # What has to be there is refused in words.
            return chosen.id if field.required else chosen.filtered("active").id
        return [Command.set(chosen.filtered("active").ids)]

    @api.model
    @ormcache()
    def _get_archivable_links(self):
        """Names of the fields that point to configuration, or to people."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and self._is_guarded(field)
            and (
                field.comodel_name == "res.users"
                or isinstance(
                    self.env[field.comodel_name], self.pool["telecom.configuration.mixin"]
                )
            )
        )

    def _check_choices(self, vals_list):
        """:raises ValidationError: ``vals_list`` (a dict for each record), just written, hold what
        a field's domain leaves out"""
        done = set()
        for record, vals in zip(self, vals_list, strict=True):
            for name in self._get_chosen_fields().intersection(vals):
                if not vals[name]:
                    continue
                field = self._fields[name]
                ids = (_read_one if field.type == "many2one" else _read_commands)(vals[name])[0]
                domain = record._get_choices(field)
                key = (name, tuple(ids), repr(domain))
                if key in done:
                    continue
                done.add(key)
                chosen = self.env[field.comodel_name].sudo().browse(ids)
                if wrong := chosen - chosen.filtered_domain(domain):
                    raise ValidationError(
                        self.env._(
                            "“%(choice)s” cannot be chosen as %(field)s here.",
                            choice=wrong[0].display_name,
                            field=field.get_description(self.env, ["string"])["string"],
                        )
                    )

    @api.model
    @ormcache()
    def _get_chosen_fields(self):
        """Names (frozenset) of the guarded fields whose domain says what may be chosen."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.type in LINKS[:3] and field.domain and self._is_guarded(field)
        )

    def _get_choices(self, field):
        """The domain of a relational field, for this record."""
        domain = field.domain(self) if callable(field.domain) else field.domain
        if not isinstance(domain, str):
            return domain
        record = self.sudo()
        values = {}
        for name in _get_names(domain):
            if name in self._fields:
                value = record[name]
                if isinstance(value, BaseModel):
                    is_one = self._fields[name].type == "many2one"
                    value = value.id if is_one else tuple(value.ids)
                values[name] = value
            elif name == "uid":
                values[name] = self.env.uid
        return _evaluate(domain, frozendict(values))


@lru_cache
def _get_names(domain):
    """Names that a domain (text of a field) reads."""
    return compile(domain, "domain", "eval").co_names


@lru_cache(maxsize=1024)
def _evaluate(domain, values):
    """Domain (text of a field) with these values by name."""
    return safe_eval(domain, dict(values))


def _read_one(value):
    """The same as ``_read_commands`` for a field with one record: Odoo takes an id, a pair of id
    and name, and in a form the values of a record that is not saved, with the id of one that is."""
    if isinstance(value, dict):
        return [value.get("id")], [value]
    return list(value[:1]) if isinstance(value, list | tuple) else [value], []


def _read_commands(commands):
    """Of commands for a field with many records: ids of what becomes linked or is changed, and
    the values (dicts) for records made or changed by the way."""
    ids, nested = [], []
    for command in commands:
        if isinstance(command, dict):
            nested.append(command)
            continue
        if not isinstance(command, (list, tuple)):
            ids.append(command)  # ids alone stand for Command.set
            continue
        code, id_, value = (*command, 0, 0)[:3]
        if code == Command.SET:
            ids += value or ()
        elif code in (Command.LINK, Command.UPDATE):
            ids.append(id_)
        if code in (Command.CREATE, Command.UPDATE) and isinstance(value, dict):
            nested.append(value)
    return ids, nested
