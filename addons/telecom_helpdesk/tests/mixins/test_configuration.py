from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..common import HelpdeskCase


class TestConfigurationInUse(HelpdeskCase):
    """What is in use is archived, not deleted, and chosen by nobody from then on."""

    def models(self):
        """Names of the models that hold configuration, of whatever addon."""
        mixin = self.registry["telecom.configuration.mixin"]
        return [
            model._name
            for model in self.env.values()
            if isinstance(model, mixin) and not model._abstract
        ]

    def pointers(self):
        """Triples (model, name of a field, model that it points to): all fields of the suite that
        point to configuration."""
        for target in self.models():
            for name, field_name in self.env[target]._get_pointers():
                yield self.env[name], field_name, target

    def refusal(self, call):
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            call()
        return caught.exception.args[0]

    def test_whatever_points_to_it_counts(self):
        """By the field's own row, made in the database: no table of uses is kept by hand."""
        self.make_ticket()
        tried = 0
        for model, name, target in self.pointers():
            field = model._fields[name]
            with self.subTest(f"{model._name}.{name} → {target}"):
                record = self.env[target].with_context(active_test=False).search([], limit=1)
                row = model.with_context(active_test=False).search([], limit=1)
                if not record or not row or row == record:
                    continue
                if field.type == "many2one":
                    self.cr.execute(
                        f"UPDATE {model._table} SET {name} = %s WHERE id = %s", [record.id, row.id]
                    )
                else:
                    self.cr.execute(
                        f"INSERT INTO {field.relation} ({field.column1}, {field.column2}) "
                        "VALUES (%s, %s) ON CONFLICT DO NOTHING",
                        [row.id, record.id],
                    )
                self.env.invalidate_all()
                label = self.env["ir.model"]._get(model._name).name
                message = self.refusal(record.unlink)
                self.assertRegex(message, f"{label}: [1-9]")
                self.assertIn("Archive it instead", message)
                tried += 1
        self.assertGreater(tried, 15)

    def test_manager_who_deletes_a_category_is_told_what_uses_it(self):
        category = self.env["telecom.ticket.category"].create({"name": "Fax"})
        self.make_ticket(category_id=category.id)
        self.make_ticket(category_id=category.id)
        rule = self.env["telecom.ticket.rule"].create(
            {
                "name": "Fax is urgent",
                "domain": f"[('category_id', 'child_of', {category.id})]",
                "set_minimum_priority": "2",
            }
        )
        message = self.refusal(category.with_user(self.env.ref("base.user_admin")).unlink)
        self.assertIn("“Fax” is in use", message)
        self.assertIn("Ticket: 2", message)
        self.assertIn("Automation Rule: 1", message, "its condition names the category")
        rule.domain = "[]"
        self.env["telecom.ticket"].search([("category_id", "=", category.id)]).category_id = False
        category.unlink()
        self.assertFalse(category.exists())

    def test_nothing_is_counted_that_is_not_ones_to_see(self):
        company = self.env["res.company"].create({"name": "Belgium"})
        team = self.make_team("Belgium", self.env["res.users"], company_id=company.id)
        tag = self.env["telecom.ticket.tag"].create({"name": "VIP"})
        self.env["telecom.ticket"].create(
            {"name": "Theirs", "team_id": team.id, "tag_ids": [Command.set(tag.ids)]}
        )
        message = self.refusal(tag.with_user(self.manager).unlink)
        self.assertIn("(others that you cannot see)", message)

    def test_what_is_archived_is_chosen_no_more_and_kept_where_it_was(self):
        values = {
            "category_id": self.env["telecom.ticket.category"].create({"name": "Fax"}),
            "tag_ids": self.env["telecom.ticket.tag"].create({"name": "Old"}),
        }
        ticket = self.make_ticket(
            category_id=values["category_id"].id, tag_ids=[Command.set(values["tag_ids"].ids)]
        )
        other = self.make_ticket().with_user(self.agent_voice)
        for name, record in values.items():
            record.active = False
            value = record.id if name == "category_id" else [Command.link(record.id)]
            with self.subTest(name):
                for call in (
                    lambda value=value, name=name: other.write({name: value}),
                    lambda value=value, name=name: self.make_ticket(**{name: value}),
                    lambda value=value, name=name: (
                        self.env["telecom.ticket"]
                        .with_user(self.agent_voice)
                        .with_context(**{f"default_{name}": value})
                        .create({"name": "By the context"})
                    ),
                ):
                    with self.assertRaises(ValidationError) as caught:
                        call()
                    self.assertIn("has been archived", caught.exception.args[0])
                self.env.invalidate_all()
                self.assertEqual(ticket[name], record)
                ticket.with_user(self.agent_voice).write({name: value})  # saved as it is
                copied = ticket.with_user(self.manager).copy()
                self.assertFalse(copied[name])

    def test_a_category_takes_those_below_along(self):
        parent = self.env["telecom.ticket.category"].create({"name": "Fax"})
        child = parent.create({"name": "Fax over IP", "parent_id": parent.id})
        parent.action_archive()
        self.assertFalse(child.active)

    def test_a_rule_adds_no_archived_tag(self):
        old, new = self.env["telecom.ticket.tag"].create([{"name": "Old"}, {"name": "New"}])
        self.env["telecom.ticket.rule"].create(
            {"name": "Tags", "add_tag_ids": [Command.set((old + new).ids)]}
        )
        old.active = False
        self.assertEqual(self.make_ticket().tag_ids, new)

    def test_every_model_can_be_archived(self):
        for name in self.models():
            with self.subTest(name):
                field = self.env[name]._fields["active"]
                self.assertTrue(field.store)
                self.assertTrue(field.default(self.env[name]))
