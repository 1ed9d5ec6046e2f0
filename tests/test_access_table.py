"""What each role may do with each model, field, method and route, against ``access_table.py``.

Everything is taken from the registry, so that what is new and nobody has classified fails here.
A refusal is an ``AccessError`` before anything was done or told; everything is tried as the role's
user, as a call from outside would be, and undone.
"""

import contextlib
from functools import partial
from unittest.mock import patch

import access_table as table
from access_scenario import SUITE, Scenario, is_suites

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw, get_public_method
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
QUIET = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.models",
    "odoo.orm.models",
    "odoo.sql_db",
    "odoo.domains",
)
DROPPED = {*MAGIC_COLUMNS, "display_name", "parent_path"}
# Of a form's values, what is written back changes nothing; of these types not even notes are made.
PLAIN = ("char", "text", "integer", "float", "boolean", "selection", "date", "datetime", "monetary")


class Walk(Scenario):
    """Ways to ask for the same thing, and what came of it."""

    @contextlib.contextmanager
    def undone(self):
        """Whatever happens in it is undone."""
        with contextlib.suppress(_Undo), self.env.cr.savepoint():
            yield
            raise _Undo
        self.env.invalidate_all()

    def is_refused(self, call, errors=AccessError):
        """Whether ``call`` is refused for want of a right; other errors in words are none."""
        refused = False
        with self.undone():
            try:
                call()
                self.env.flush_all()
            except errors:
                refused = True
            except UserError:
                refused = False
        return refused

    def models(self):
        """Models of the suite, without those that only others are made of."""
        return [
            self.env[name]
            for name in sorted(self.env.registry)
            if name.startswith("telecom.") and not self.env[name]._abstract
        ]

    def extended(self):
        """Models of Odoo that the suite adds fields to: pairs (model, names)."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if name.startswith("telecom.") or model._abstract:
                continue
            names = [
                field.name
                for field in model._fields.values()
                if not field.inherited and field._modules and is_suites(field._modules[0])
            ]
            if names:
                yield model, names

    def guarded(self):
        """Pairs (model, fields of the suite in it)."""
        for model in self.models():
            yield model, [field for field in model._fields.values() if field.name not in DROPPED]
        for model, names in self.extended():
            yield model, [model._fields[name] for name in names]

    def rights(self, record, role):
        record = record.with_user(self.roles[role])
        return (
            "".join(letter for letter, name in OPERATIONS.items() if record.has_access(name)) or "-"
        )

    def is_public(self, model, name):
        try:
            get_public_method(model, name)
        except (AccessError, AttributeError):
            return False
        return True

    def methods(self):
        """Public methods that the suite defines or extends: triples (model, name, function)."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if model._abstract and name.startswith("telecom."):
                continue
            found = set()
            for cls in type(model).mro():
                if is_suites(getattr(cls, "_module", None)):
                    found |= {name for name in vars(cls) if self.is_public(model, name)}
            for key in sorted(found):
                yield model, key

    def find_wrong_rights(self, models=None):
        """Lines on samples where a role may do more or less than the table says."""
        wrong = []
        extended = [
            self.env[name] for name in sorted(table.RIGHTS) if not name.startswith("telecom.")
        ]
        for model in models or self.models() + extended:
            samples = self.samples.get(model._name, [])
            rows = table.RIGHTS.get(model._name, [])
            if not samples:
                wrong.append(f"{model._name}: no sample")
            for number, sample in enumerate(samples):
                found = [self.rights(sample, role) for role in self.roles]
                expected = rows[number] if number < len(rows) else None
                if found != expected:
                    wrong.append(f"{model._name} {' '.join(found)}  (expected {expected})")
        return wrong

    def find_wrong_fields(self, only=None):
        """Lines on fields that people may write, and the table does not say so, or the reverse."""
        wrong = []
        for model, fields in self.guarded():
            if only and model._name != only:
                continue
            admin = model.with_user(self.roles["administrator"])
            refused = admin._get_declared("_guarded_fields")
            writable = {
                field.name
                for field in fields
                if admin._has_field_access(field, "write") and field.name not in refused
            }
            expected = set(table.WRITABLE.get(model._name, ()))
            if writable != expected:
                wrong.append(
                    f"{model._name}: writable {sorted(writable - expected)}, "
                    f"not writable {sorted(expected - writable)}"
                )
        return wrong


class _Undo(Exception):
    pass


@tagged("standard", "post_install", "-at_install")
class TestAccessTable(Walk, TransactionCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*QUIET))

    def test_each_role_has_the_rights_of_the_table(self):
        self.assertEqual(list(self.roles), table.ROLES)
        self.assertEqual(self.find_wrong_rights(), [])

    def test_every_way_to_ask_gives_the_same_answer(self):
        """Search, count, search by name, groups, export and reading agree on who sees what."""
        for model in self.models():
            for sample in self.samples[model._name]:
                for role, user in self.roles.items():
                    with self.subTest(sample=sample, role=role):
                        self.check_ways(sample, user)

    def check_ways(self, sample, user):
        may_read = sample.with_user(user).has_access("read")
        domain = [("id", "=", sample.id)]
        model = sample.browse().with_user(user).with_context(active_test=False)
        record = sample.with_user(user)
        if not model.has_access("read"):
            for call in (
                lambda: model.search(domain),
                lambda: model.search_count(domain),
                lambda: model.name_search("", domain),
                lambda: model._read_group(domain, [], ["__count"]),
                lambda: record.read(["id"]),
                lambda: record.web_read({"display_name": {}}),
            ):
                self.assertTrue(self.is_refused(call))
            # Odoo says in words of its own who may not export anything.
            self.assertTrue(
                self.is_refused(lambda: record.export_data([".id", "display_name"]), UserError)
            )
            return
        self.assertEqual(model.search(domain).ids, sample.ids if may_read else [])
        self.assertEqual(model.search_count(domain), int(may_read))
        if model._name != "telecom.ticket.timer":  # Odoo names it by its ticket
            self.assertEqual(len(model.name_search("", domain)), int(may_read))
        [(count,)] = model._read_group(domain, [], ["__count"])
        self.assertEqual(count, int(may_read))
        for call in (
            lambda: record.read(["display_name"]),
            lambda: record.web_read({"display_name": {}}),
        ):
            self.assertEqual(self.is_refused(call), not may_read)
        if not may_read:
            self.assertTrue(
                self.is_refused(lambda: record.export_data([".id", "display_name"]), UserError)
            )

    def test_who_may_not_change_a_record_does_not(self):
        for model in self.models():
            names = table.WRITABLE.get(model._name, ())
            plain = [name for name in names if model._fields[name].type in PLAIN]
            for sample in self.samples[model._name]:
                values = {name: sample[name] for name in plain}
                for role, user in self.roles.items():
                    record = sample.with_user(user)
                    for letter, call in (
                        ("w", lambda r=record, v=values: r.write(v)),
                        ("d", record.unlink),
                    ):
                        if not record.has_access(OPERATIONS[letter]):
                            with self.subTest(sample=sample, role=role, operation=letter):
                                self.assertTrue(self.is_refused(call))

    def test_every_model_is_guarded(self):
        guard = self.env.registry["telecom.guard.mixin"]
        wizard = self.env.registry["telecom.wizard.mixin"]
        for model, _fields in self.guarded():
            is_dialog = model._transient and model._name.startswith("telecom.")
            with self.subTest(model=model._name):
                self.assertIsInstance(model, wizard if is_dialog else guard)

    def test_people_write_the_fields_of_the_table_alone(self):
        self.assertEqual(self.find_wrong_fields(), [])

    def test_what_the_software_owns_nobody_sets(self):
        """By create, write, a default of the context, a nested command and an import."""
        for model, fields in self.guarded():
            own = [
                field for field in fields if field.name not in table.WRITABLE.get(model._name, ())
            ]
            sample = (self.samples.get(model._name) or [model.browse()])[0]
            for role in ("administrator", "manager", "agent", "accountant", "customer"):
                user = self.roles[role]
                for field in own:
                    value = self.another_value(sample, field)
                    with self.subTest(field=str(field), role=role):
                        self.check_owned(sample.with_user(user), field.name, value)

    def another_value(self, sample, field):
        """Something else than what the sample has in ``field``, of the right kind if possible."""
        value = field.convert_to_write(sample[field.name], sample) if sample else False
        if field.type == "boolean":
            return not value
        if field.type == "many2one" and not value and self.samples.get(field.comodel_name):
            return self.samples[field.comodel_name][0].id
        return value

    def check_owned(self, record, name, value):
        model = record.browse()
        calls = [lambda: record.write({name: value})]
        if model._name.startswith("telecom."):  # Odoo's own want more than one value
            calls += [
                lambda: model.create({name: value}),
                lambda: model.with_context(**{f"default_{name}": value}).create({}),
            ]
        for call in calls:
            # Where something else is wrong with the record, that may be said first.
            self.assertTrue(self.is_refused(call, UserError))

    def test_nested_commands_are_no_way_round(self):
        """Whoever may change a record changes nothing more of the records that belong to it."""
        for model, fields in self.guarded():
            sample = (self.samples.get(model._name) or [None])[0]
            for field in fields:
                if not sample or field.type not in ("one2many", "many2many"):
                    continue
                comodel = self.env[field.comodel_name]
                if not comodel._name.startswith("telecom."):
                    continue
                inner = next(
                    (
                        f.name for f in comodel._fields.values()
                        if f.store and f.name not in DROPPED
                        and f.name not in table.WRITABLE.get(comodel._name, ())
                    ),
                    None,
                )  # fmt: skip
                if not inner:
                    continue
                target = self.samples[comodel._name][0]
                value = target._fields[inner].convert_to_write(target[inner], target)
                for command in (
                    Command.update(target.id, {inner: value}),
                    Command.create({inner: value}),
                ):
                    with self.subTest(field=str(field), inner=inner):
                        record = sample.with_user(self.roles["administrator"])
                        self.assertTrue(
                            self.is_refused(partial(record.write, {field.name: [command]}))
                        )

    def test_an_import_sets_nothing_of_the_softwares(self):
        for model in self.models():
            own = [
                f for f in model._fields.values()
                if f.store and f.type in PLAIN and f.name not in DROPPED
                and f.name not in table.WRITABLE.get(model._name, ())
            ]  # fmt: skip
            for field in own:
                with self.subTest(field=str(field)), self.undone():
                    admin = model.with_user(self.roles["administrator"])
                    result = {}
                    with contextlib.suppress(AccessError):
                        result = admin.load([field.name], [["1"]])
                    self.assertFalse(result.get("ids"))

    # What is pointed at

    def test_nobody_points_to_what_they_may_not_read(self):
        """By create, by a default and in an unsaved form; what is shown is nothing."""
        for model, fields in self.guarded():
            for field in fields:
                if (
                    field.type not in ("many2one", "many2many", "one2many")
                    or field.name not in table.WRITABLE.get(model._name, ())
                    or not self.samples.get(field.comodel_name)
                ):
                    continue
                for role in ("foreign manager", "foreign agent", "other agent", "accountant"):
                    target = self.samples[field.comodel_name][0].with_user(self.roles[role])
                    if target.has_access("read") or not model.with_user(target.env.user).has_access(
                        "create"
                    ):
                        continue
                    with self.subTest(field=str(field), role=role):
                        self.check_door(target.env[model._name], field, target.id)

    def check_door(self, model, field, id_):
        value = id_ if field.type == "many2one" else [Command.link(id_)]
        spec = {field.name: {"fields": {"display_name": {}}}}
        default = model.with_context(**{f"default_{field.name}": id_})
        calls = [
            lambda: model.create({field.name: value}),
            lambda: model.onchange({field.name: value}, [field.name], spec),
        ]
        if field.type == "many2one":
            calls += [
                lambda: default.onchange({}, [], spec),
                lambda: default.create({}),
            ]
        for call in calls:
            self.assertTrue(self.is_refused(call))

    def test_a_company_is_one_of_theirs(self):
        for model, fields in self.guarded():
            for field in fields:
                if field.comodel_name != "res.company" or field.name not in table.WRITABLE.get(
                    model._name, ()
                ):
                    continue
                for role in ("foreign manager", "foreign agent", "administrator"):
                    user = self.roles[role]
                    mine = model.with_user(user)
                    if not mine.has_access("create") or self.company in user.company_ids:
                        continue
                    with self.subTest(field=str(field), role=role):
                        values = {field.name: self.company.id}
                        self.assertTrue(self.is_refused(partial(mine.create, values)))

    # What a role knows

    def test_a_role_knows_the_fields_of_the_table(self):
        for (name, role), expected in table.VISIBLE.items():
            model = self.env[name].with_user(self.roles[role])
            with self.subTest(model=name, role=role):
                self.assertEqual(sorted(model.fields_get()), sorted(expected))

    def test_what_a_role_does_not_know_it_does_not_find_out(self):
        """Not by reading, searching, ordering, grouping, exporting, or a path that begins there."""
        for (name, role), visible in table.VISIBLE.items():
            sample = self.samples[name][0].with_user(self.roles[role])
            model = sample.browse()
            for field in model._fields.values():
                if field.name in visible or field.name in ("id", "display_name"):
                    continue
                with self.subTest(field=str(field), role=role):
                    for call in self.questions(model, sample, field):
                        self.assertTrue(self.is_refused(call))
                    export = partial(sample.export_data, [field.name])
                    self.assertTrue(self.is_refused(export, UserError))

    def questions(self, model, sample, field):
        name = field.name
        yield lambda: sample.read([name])
        yield lambda: sample.web_read({name: {}})
        yield lambda: model.search([(name, "!=", False)])
        if field.store and field.type not in ("one2many", "many2many", "html", "text", "binary"):
            yield lambda: model.search([], order=name)
            yield lambda: model._read_group([], [name])
            yield lambda: model.formatted_read_group([], [name], ["__count"])
        if field.relational:
            yield lambda: model.search([(f"{name}.id", "!=", 0)])
            yield lambda: model.search([(name, "any", [("id", "!=", 0)])])

    def test_no_path_leads_out_of_what_a_role_knows(self):
        for (name, role), visible in table.VISIBLE.items():
            model = self.env[name].with_user(self.roles[role])
            for field in model._fields.values():
                if field.name not in visible or not field.relational:
                    continue
                for inner in self.env[field.comodel_name]._fields.values():
                    path = f"{field.name}.{inner.name}"
                    if path in visible:
                        continue
                    with self.subTest(path=path, role=role):
                        self.assertTrue(self.is_refused(partial(model.search, [(path, "!=", 0)])))
                    break

    # Methods

    def test_every_public_method_is_in_the_table(self):
        found = {f"{model._name}.{name}" for model, name in self.methods()}
        found = {name for name in found if name.rpartition(".")[2] not in table.ORM_METHODS}
        self.assertEqual(sorted(found - table.METHODS.keys()), [], "nobody classified them")
        self.assertEqual(sorted(table.METHODS.keys() - found), [], "they are no more")

    def test_a_method_asks_before_it_does_or_tells_anything(self):
        for full_name, need in table.METHODS.items():
            model, _dot, name = full_name.rpartition(".")
            for sample in self.samples.get(model, []):
                for role in self.roles:
                    if self.may_call(sample, role, need):
                        continue
                    with self.subTest(method=full_name, sample=sample, role=role):
                        self.assertTrue(self.is_refused(partial(self.call, sample, role, name)))

    def may_call(self, sample, role, need):
        if need in OPERATIONS.values():
            return sample.with_user(self.roles[role]).has_access(need)
        if need == "ticket":
            return sample.ticket_id.with_user(self.roles[role]).has_access("read")
        if need == "owner":
            return sample._get_record().with_user(self.roles[role]).has_access("write")
        return need == "anybody" or self.roles[role].has_group(table.GROUPS[need])

    def call(self, sample, role, name):
        """The call as it comes in from outside."""
        arguments = table.ARGUMENTS.get(f"{sample._name}.{name}", lambda _sample: [])(sample)
        model = self.env[sample._name].with_user(self.roles[role])
        is_model = getattr(getattr(type(model), name), "_api_model", False)
        args = arguments if is_model else [sample.ids, *arguments]
        return call_kw(model, name, args, {})

    # Routes

    def test_every_route_is_in_the_table(self):
        found = {}
        modules = self.env.registry._init_modules
        for url, endpoint in self.env["ir.http"]._generate_routing_rules(modules, False):
            if endpoint.func.__module__.startswith("odoo.addons.telecom_helpdesk"):
                found[url] = endpoint.routing["auth"]
        self.assertEqual(found, table.ROUTES)

    def test_mail_is_handed_over_by_the_gateway_alone(self):
        mail = "From: a@customer.example.com\r\nTo: support@operator.example.com\r\n\r\nHello"
        for role, user in self.roles.items():
            threads = self.env["mail.thread"].with_user(user)
            for call in (
                lambda t=threads: call_kw(t, "message_process", [False, mail], {}),
                lambda t=threads: call_kw(t, "telecom_receive_mail", ["Zm9v"], {}),
            ):
                if not user.has_group("base.group_system"):
                    with self.subTest(role=role):
                        self.assertTrue(self.is_refused(call))


@tagged("standard", "post_install", "-at_install")
class TestMutants(Walk, TransactionCase):
    """What is taken away is missed: each rule, each right, each declaration."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*QUIET))

    def of_the_suite(self, model):
        """Records of ``model`` (ir.rule, ir.model.access) that the suite brings: (name, record)."""
        data = self.env["ir.model.data"].search(
            [("model", "=", model), ("module", "=like", f"{SUITE}%")], order="module, name"
        )
        for row in data:
            record = self.env[model].browse(row.res_id).exists()
            if record and row.complete_name not in table.UNNOTICED:
                yield row.complete_name, record

    def test_each_record_rule_is_missed(self):
        for name, rule in self.of_the_suite("ir.rule"):
            with self.subTest(rule=name), self.undone():
                rule.active = False
                self.env.flush_all()
                self.assertTrue(self.find_wrong_rights([self.env[rule.model_id.model]]))

    def test_each_right_is_missed(self):
        for name, access in self.of_the_suite("ir.model.access"):
            for right in ("perm_read", "perm_write", "perm_create", "perm_unlink"):
                if not access[right] or self.is_given_otherwise(access, right):
                    continue
                with self.subTest(access=name, right=right), self.undone():
                    access[right] = False
                    self.env.flush_all()
                    self.assertTrue(self.find_wrong_rights([self.env[access.model_id.model]]))

    def is_given_otherwise(self, access, right):
        """Whether the members of the group have the right by another of their groups as well."""
        return bool(
            self.env["ir.model.access"].search(
                [
                    ("id", "!=", access.id),
                    ("model_id", "=", access.model_id.id),
                    (right, "=", True),
                    ("group_id", "in", (access.group_id.all_implied_ids | access.group_id).ids),
                ],
                limit=1,
            )
        )

    def test_each_field_of_the_softwares_is_missed(self):
        for model, fields in self.guarded():
            for field in fields:
                if field.readonly and not model._is_software_owned:
                    with self.subTest(field=str(field)), patch.object(field, "readonly", False):
                        self.assertTrue(self.find_wrong_fields(model._name))

    def test_each_declaration_is_missed(self):
        for model in self.models():
            cls = type(model)
            for name, empty in (("_is_software_owned", False), ("_is_shared", False)):
                if not getattr(cls, name) or model._name in table.UNNOTICED:
                    continue
                with (
                    self.subTest(model=model._name, declaration=name),
                    patch.object(cls, name, empty),
                ):
                    self.assertTrue(
                        self.find_wrong_fields(model._name) or self.find_wrong_rights([model])
                    )
        ticket = self.env["telecom.ticket"].with_user(self.roles["customer"])
        self.assertNotIn("support_level", ticket.fields_get())
        with patch.object(type(ticket), "_is_limited", False):
            self.assertIn("support_level", ticket.fields_get())

    def test_the_owner_of_a_dialog_is_missed(self):
        mixin = self.env.registry["telecom.guard.mixin"]
        wizard = self.env["telecom.ticket.merge"]
        with patch.object(type(wizard), "_check_access", mixin._check_access):
            self.assertTrue(self.find_wrong_rights([wizard]))
