"""The boundary to Odoo: whatever of Odoo's our addons override stands in ``docs/upgrade.md``.

The tables there are the list to go through when a new Odoo comes. ``TELECOM_REFRESH=1`` before the
test brings their rows and the files in them up to date; reason and test are written by hand.
"""

import os
import re
from collections import defaultdict
from pathlib import Path

from odoo.orm.model_classes import is_model_class, is_model_definition
from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/upgrade.md"
ROWS, ORM_ROWS = "## What we override", "## Methods of the ORM"
SUITE = "odoo.addons.telecom_helpdesk"
# Everybody overrides these: which models do is enough to know.
ORM_METHODS = {
    "_auto_init", "_compute_display_name", "action_archive", "copy", "copy_data", "create",
    "default_get", "fields_get", "get_view", "name_search", "onchange", "unlink", "write",
}  # fmt: skip
# What a model says of itself, and what Odoo keeps on each class.
DECLARATIONS = {
    "_auto", "_check_company_auto", "_depends", "_description", "_field_definitions", "_inherit",
    "_module", "_name", "_order", "_parent_store", "_rec_name", "_rec_names_search", "_register",
    "_table_object_definitions", "_table_query",
}  # fmt: skip
TO_WRITE = "…"


def get_owner(cls):
    """The model of Odoo's that a class is of; what every model has belongs to ``base``."""
    return getattr(cls, "_name", None) or "base"


def get_file(cls):
    return cls.__module__.removeprefix("odoo.addons.").replace(".", "/") + ".py"


def table_rows(text, heading):
    """Cells of the rows below ``heading``, but for the head of the table."""
    section = text.split(heading)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@tagged("standard", "post_install", "-at_install")
class TestBoundary(TransactionCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overrides = set(cls.find_overrides())
        if os.environ.get("TELECOM_REFRESH"):
            cls.refresh()
        cls.text = DOCUMENT.read_text()

    @classmethod
    def find_overrides(cls):
        """Yield model and name in Odoo, and our class that overrides it."""
        for model in cls.registry.values():
            mro = model.mro()
            for position, ours in enumerate(mro):
                if not (is_model_definition(ours) and ours.__module__.startswith(SUITE)):
                    continue
                for name in vars(ours).keys() - DECLARATIONS:
                    below = [
                        other
                        for other in mro[position + 1 :]
                        if name in vars(other)
                        and not is_model_class(other)
                        and not other.__module__.startswith(SUITE)
                    ]
                    if below and not name.startswith("__"):
                        yield get_owner(below[0]), name, ours

    @classmethod
    def get_rows(cls):
        """Files by ``(model of Odoo, name, our model, our addon)``."""
        rows = defaultdict(set)
        for owner, name, ours in cls.overrides:
            if name not in ORM_METHODS:
                addon, _slash, file = get_file(ours).partition("/")
                rows[f"`{owner}`", f"`{name}`", f"`{ours._name}`", addon].add(file)
        return {
            key: ", ".join(f"`{file}`" for file in sorted(files)) for key, files in rows.items()
        }

    @classmethod
    def get_orm_rows(cls):
        models = defaultdict(set)
        for _owner, name, ours in cls.overrides:
            if name in ORM_METHODS:
                models[f"`{name}`"].add(f"`{ours._name}`")
        return {name: ", ".join(sorted(names)) for name, names in models.items()}

    @classmethod
    def refresh(cls):
        """Write the rows, with the reasons and tests that are there."""
        text = DOCUMENT.read_text()
        written = {tuple(row[:4]): row[5:] for row in table_rows(text, ROWS)}
        rows = [
            [*key, file, *written.get(key, (TO_WRITE, TO_WRITE))]
            for key, file in sorted(cls.get_rows().items())
        ]
        for heading, fresh in ((ROWS, rows), (ORM_ROWS, sorted(cls.get_orm_rows().items()))):
            before, section = text.split(heading)
            section, *after = section.split("\n## ", 1)
            head = [line for line in section.splitlines() if not line.startswith("| `")]
            lines = [f"| {' | '.join(row)} |" for row in fresh]
            text = before + heading + "\n".join([*head, *lines, ""])
            text += "".join(f"\n## {part}" for part in after)
        DOCUMENT.write_text(text)

    def test_every_override_is_in_the_table(self):
        written = {tuple(row[:4]): row[4] for row in table_rows(self.text, ROWS)}
        self.assertEqual(
            written, self.get_rows(), "TELECOM_REFRESH=1 before the test brings it up to date"
        )

    def test_every_method_of_the_orm_is_in_the_table(self):
        self.assertEqual(
            dict(table_rows(self.text, ORM_ROWS)),
            self.get_orm_rows(),
            "TELECOM_REFRESH=1 before the test brings it up to date",
        )

    def test_each_has_a_reason_and_a_test(self):
        for *key, _file, reason, test in table_rows(self.text, ROWS):
            with self.subTest(" ".join(key)):
                self.assertNotIn(TO_WRITE, reason)
                [name] = re.findall(r"^`(test_\w+\.py)`$", test)
                self.assertTrue(
                    list(ROOT.glob(f"addons/{key[3]}/tests/**/{name}"))
                    or list(ROOT.glob(f"addons/*/tests/**/{name}"))
                    or (ROOT / "tests" / name).is_file(),
                    f"there is no {name}",
                )

    def test_odoos_models_are_extended_in_one_place(self):
        """Each in the file of ``models/odoo_models/`` that bears its name, or with the dialogs.

        A file may hold models whose names begin with its own: calendar, attendances, leaves.
        """
        found = set()
        for _owner, name, ours in self.overrides:
            path = Path(get_file(ours))
            if ours._name.startswith("telecom.") or path.parts[1] == "wizard":
                continue
            is_named = ours._name.replace(".", "_").startswith(path.stem)
            if not (is_named and path.parts[1:-1] == ("models", "odoo_models")):
                found.add(f"{ours._name}.{name} in {path}")
        self.assertEqual(sorted(found), [])
