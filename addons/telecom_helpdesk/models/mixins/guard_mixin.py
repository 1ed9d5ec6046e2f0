from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import frozendict, ormcache

SUITE = "telecom_helpdesk"  # what the names of the suite's addons begin with
# Odoo drops them from whatever is handed in.
DROPPED = frozenset({*MAGIC_COLUMNS, "display_name", "parent_path"})


class TelecomGuardMixin(models.AbstractModel):
    """What users may set and read on a model's records, whichever way the server is called.

    Every model of the suite inherits this, and so does every model of Odoo that the suite adds
    fields to; there it guards those fields alone. Views, buttons and domains on the screen only
    help: what holds is here. Code that runs as superuser (``env.su``) is not checked.

    - A field that is ``readonly=True``, or computed without an inverse, is the software's: nobody
      sets it by create, write, nested commands, import or ``default_*`` in the context.
    - Whoever points to a record must be allowed to read it, and a company must be one of theirs.
      That holds for what is saved and for the unsaved record behind a form.
    - People and configuration that have been archived are chosen no more; who chose them before
      keeps them.
    - The ``domain`` of a field says what may be chosen, ``_bounds`` how much, and nothing is
      longer, later or larger than what the rest can work with.
    - Groups named by ``_get_visible_fields`` know of the fields there and of nothing else, be it
      by reading, searching, ordering or grouping.
    """

    _name = "telecom.guard.mixin"
    _description = "Guard Mixin"

    # Fields that software alone sets although Odoo leaves them open. Odoo itself hands them to
    # ``create`` on the way, so they are refused where a call comes in, not as fields.
    _guarded_fields = frozenset(
        {
            "access_token",
            "activity_ids",
            "message_follower_ids",
            "message_ids",
            "message_main_attachment_id",
            "message_partner_ids",
            "rating_ids",
            "website_message_ids",
        }
    )
    # True: logs, clocks and the like. All of its fields are the software's.
    _is_software_owned = False
    # {name of field: (low, high)} where it is not what the field's type allows (see tools/bounds).
    _bounds = frozendict()
    # Fields that people set when they make the record, and never again.
    _fixed_fields = frozenset()
    # True: what no single company owns (``company_id`` is empty, or there is none) is changed by
    # those who work for every company alone: it would change for people of the others too.
    _is_shared = False
    # True: ``_get_visible_fields`` says who knows what. Asked for each field of each record that
    # is read, so that other models do without.
    _is_limited = False

    # Hooks

    @api.model
    def _get_visible_fields(self):
        """Hook: what members of a group know of this model's records.

        It counts where ``_is_limited`` is set.

        :return: names (frozenset) by the group's external id; None where the group knows all.
            Who is in several groups knows what any of them does, and who is in none knows
            nothing. A name may be a path ("service_id.identifier"): no other is followed.
        """
        return {}

    @api.model
    @ormcache("names")
    def _get_declared(self, *names):
        """All that the classes of this model, of whatever addon, list in these attributes."""
        return frozenset().union(
            *(vars(cls).get(name, ()) for cls in type(self).mro() for name in names)
        )

    # The software's fields, and what is visible

    @api.model
    def _is_guarded(self, field):
        """Whether ``field`` belongs to the suite rather than to a model of Odoo that it extends."""
        origin = field.related_field if field.inherited else field
        return self._name.startswith("telecom.") or any(
            module.startswith(SUITE) for module in origin._modules[:1]
        )

    @api.model
    def _has_field_access(self, field, operation):
        if not self.env.su:
            if (
                self._is_limited
                and (visible := self._get_visible(self.env.uid)) is not None
                and field.name not in visible
            ):
                return False
            if (
                operation == "write"
                and (field.readonly or self._is_software_owned)
                and field.name not in DROPPED
                and self._is_guarded(field)
            ):
                return False
        return super()._has_field_access(field, operation)

    @api.model
    @ormcache("uid")
    def _get_visible(self, uid):
        """Names and paths that the user knows of, or None for all."""
        by_group = self._get_visible_fields()
        user = self.env["res.users"].sudo().browse(uid)
        known = [names for group, names in by_group.items() if user.has_group(group)]
        if None in known:
            return None
        return frozenset({"id", "display_name"}).union(*known)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        if self._is_limited and not (self.env.su or bypass_access):
            self._check_paths(self._get_paths(domain, order))
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def _read_group(
        self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None
    ):
        if self._is_limited and not self.env.su:
            self._check_paths(self._get_paths([], *groupby))
        return super()._read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    def _get_paths(self, domain, *specs):
        """Fields and paths in a domain, and in specifications of order or groups.

        Odoo asks for the rights on fields where they reach the database: of one that is searched
        by a method of its own, others do.
        """
        todo = [("", Domain(domain))]
        while todo:
            prefix, part = todo.pop()
            for condition in part.iter_conditions():
                path = prefix + condition.field_expr
                if "any" in condition.operator and isinstance(condition.value, list | Domain):
                    todo.append((f"{path}.", Domain(condition.value)))
                else:
                    yield path
        for spec in specs:
            for term in (spec or "").split(","):
                if path := term.split(":")[0].strip().split(" ")[0]:
                    yield path

    @api.model
    def _check_paths(self, paths):
        visible = self._get_visible(self.env.uid)
        for path in paths if visible is not None else ():
            if path not in visible:
                raise AccessError(
                    self.env._(
                        "You cannot search or sort %(documents)s by “%(path)s”.",
                        documents=self._get_document_label(),
                        path=path,
                    )
                )

    # What companies share

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if not self._is_shared or self.env.su or operation == "read" or not any(self._ids):
            return result
        forbidden = result[0] if result else self.browse()
        shared = self - forbidden
        if "company_id" in self._fields:
            shared = shared.sudo().filtered(lambda record: not record.company_id).sudo(False)
        if not shared or self._works_for_all():
            return result
        return forbidden + shared, lambda: AccessError(
            self.env._(
                "%(document)s: what belongs to all companies is changed by people who work for all "
                "of them. Make one for your company, or ask them.",
                document=self._get_document_label(),
            )
        )

    @api.model
    def _works_for_all(self):
        """Whether the present user may work for each company that there is."""
        others = [("id", "not in", self.env.user._get_company_ids())]
        return self.env.user.has_group("base.group_erp_manager") or not (
            self.env["res.company"].sudo().search_count(others, limit=1)
        )

    # What is handed in

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            self._check_bounds(vals_list)
            return super().create(vals_list)
        defaults = self._get_context_defaults()
        self._check_handed_in([*vals_list, defaults], self._get_declared("_guarded_fields"))
        self._check_archived([*vals_list, defaults])
        self._check_bounds([*vals_list, defaults])
        records = super().create(vals_list)
        records._check_choices([{**defaults, **vals} for vals in vals_list])
        return records

    def write(self, vals):
        if self.env.su:
            self._check_bounds([vals])
            return super().write(vals)
        self._check_handed_in([vals], self._get_declared("_guarded_fields", "_fixed_fields"))
        self._check_archived([vals])
        self._check_bounds([vals])
        result = super().write(vals)
        if self._is_shared and "company_id" in vals:
            self.check_access("write")  # it may be everybody's now
        self._check_choices([vals] * len(self))
        return result

    def onchange(self, values, field_names, fields_spec):
        self._check_bounds([values], with_rows=True)
        if not self.env.su:
            self._check_links([values])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def default_get(self, fields):
        if not self.env.su and (defaults := self._get_context_defaults()):
            wanted = {name: defaults[name] for name in fields if name in defaults}
            self._check_handed_in([wanted], self._get_declared("_guarded_fields"))
        return super().default_get(fields)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not self.env.su:
            # A copy is made as if by hand: what the software noted on the original stays there.
            for record, vals in zip(self, vals_list, strict=True):
                for name in vals.keys() - (default or {}).keys():
                    if not self._has_field_access(self._fields[name], "write"):
                        del vals[name]
                    elif name in self._get_archivable_links():
                        vals[name] = record._read_choosable(name)
        return vals_list

    @api.model
    def _get_context_defaults(self):
        """Values by field name that the context gives to new records."""
        return {
            key.removeprefix("default_"): value
            for key, value in self.env.context.items()
            if key.startswith("default_") and key.removeprefix("default_") in self._fields
        }

    @api.model
    def _check_handed_in(self, vals_list, refused=frozenset()):
        """:raises AccessError: ``vals_list`` (dicts) hold what is not this user's to say, such as
        one of the fields ``refused``"""
        for name in {name for vals in vals_list for name in vals}:
            if field := self._fields.get(name):
                if name in refused and self._is_guarded(field):
                    self._refuse_field(field)
                self._check_field_access(field, "write")
        self._check_links(vals_list)

    @api.model
    def _check_field_access(self, field, operation):
        if (
            operation == "write"
            and self._has_field_access(field, "read")
            and not self._has_field_access(field, "write")
        ):
            self._refuse_field(field)
        super()._check_field_access(field, operation)

    @api.model
    def _refuse_field(self, field):
        """:raises AccessError: ``field`` is the software's"""
        raise AccessError(
            self.env._(
                "%(document)s: “%(field)s” cannot be set by hand.",
                document=self._get_document_label(),
                field=field.get_description(self.env, ["string"])["string"],
            )
        )

    @api.model
    def _get_document_label(self):
        """What people call a record of this model, in their language."""
        return self.env["ir.model"]._get(self._name).name
