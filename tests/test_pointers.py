"""What points to people and configuration, and that nobody works out on their own whom to tell.

``docs/architecture.md`` says for each field what happens when what it points to is gone.
"""

import ast
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parent.parent
HEADING = "## What is gone, and who points to it"
# Where people are found: in one place. Everything else asks it.
FINDERS = {"addons/telecom_helpdesk/models/team/agent_recipients.py"}
# What somebody who looks for people by themselves would use, and who else has to.
SOURCES = {
    "leader_id": {
        # keeps the leader a member, and gives the leader to ``_get_people_to_notify``
        "addons/telecom_helpdesk/models/team/ticket_team.py",
    },
    "all_user_ids": {
        # watches who leaves the group
        "addons/telecom_helpdesk/models/odoo_models/res_groups.py",
    },
    "base.user_admin": set(),
}
# Calls that tell somebody, and the arguments that say whom.
TELLING = {
    "activity_schedule": "user_id",
    "message_notify": "partner_ids",
}
ANSWERS = {"_get_people_to_notify", "_get_due_responsible", "_get_deciders", "_find_communicators"}
# Functions that are handed the people whom others found.
HANDED = {
    ("analytic_line_waiting.py", "_remind_to_approve"),
    ("ticket_agent_left.py", "_notify_agent_left"),
    ("ticket_escalate.py", "_notify"),
    ("mail_thread.py", "message_notify"),  # refuses customers, and lets Odoo's go on
}


@tagged("standard", "post_install", "-at_install")
class TestPointers(TransactionCase):
    def test_every_pointer_is_in_the_table(self):
        text = (ROOT / "docs/architecture.md").read_text()
        section = text.split(HEADING)[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("|")]
        named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", "\n".join(rows)))
        self.assertEqual(named, set(self.pointers()))

    def pointers(self):
        """Names such as ``telecom.ticket.user_id`` of the suite's columns and relations to people
        and configuration."""
        guard = self.registry["telecom.guard.mixin"]
        mixin = self.registry["telecom.configuration.mixin"]
        for model in self.env.values():
            if model._abstract or model._transient or not model._auto:
                continue
            for field in model._fields.values():
                if (
                    isinstance(model, guard)
                    and field.store
                    and field.type in ("many2one", "many2many")
                    and field.name not in ("create_uid", "write_uid")
                    and model._is_guarded(field)
                    and (
                        field.comodel_name in ("res.users", "ir.actions.server")
                        or isinstance(self.env[field.comodel_name], mixin)
                    )
                ):
                    yield f"{model._name}.{field.name}"

    def test_nothing_is_searched_while_a_user_is_made(self):
        """A plain domain of users is a dependency: Odoo would store a half-made user to search by
        it, who breaks a constraint where notifications are handled in Odoo."""
        found = [
            str(field)
            for model in self.env.values()
            for field in model._fields.values()
            if field.type in ("one2many", "many2many")
            and field.comodel_name == "res.users"
            and field._modules
            and field._modules[0].startswith("telecom_helpdesk")
            and isinstance(field.domain, list)
            and field.domain
        ]
        self.assertEqual(found, [])

    def test_whatever_points_to_a_team_is_moved_or_led_on(self):
        team = self.env["telecom.ticket.team"]
        pointers = set(team._get_pointers())
        moved = {(model, name) for model, (name, _domain) in team._get_moved_fields().items()}
        self.assertEqual(
            pointers - moved,
            {
                ("telecom.ticket", "escalated_from_team_id"),
                ("telecom.ticket.stage", "team_ids"),
                ("telecom.ticket.team", "successor_id"),
            },
        )


@tagged("standard", "post_install", "-at_install")
class TestOneAnswer(TransactionCase):
    """Nothing goes round ``_get_people_to_notify``."""

    def sources(self):
        for path in sorted((ROOT / "addons").rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not {"tests", "demo", "migrations"}.intersection(path.parts) and name not in FINDERS:
                yield name, ast.parse(path.read_text())

    def test_people_are_looked_for_in_one_place(self):
        for name, tree in self.sources():
            for node in ast.walk(tree):
                # ``team.leader_id`` and ``env.ref("base.user_admin")``
                word = getattr(node, "attr", None) or getattr(node, "value", None)
                if isinstance(word, str) and word in SOURCES:
                    with self.subTest(f"{name}:{node.lineno} {word}"):
                        self.assertIn(name, SOURCES[word])

    def test_who_is_told_comes_from_the_one_answer(self):
        found = 0
        for name, tree in self.sources():
            for function in ast.walk(tree):
                if not isinstance(function, ast.FunctionDef):
                    continue
                calls = [
                    node
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in TELLING
                ]
                if not calls:
                    continue
                found += len(calls)
                asked = {
                    node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)
                }
                with self.subTest(f"{name}: {function.name}"):
                    self.assertTrue(
                        asked & ANSWERS or (Path(name).name, function.name) in HANDED,
                        "ask telecom.agent who is to be told",
                    )
        self.assertGreater(found, 10)
