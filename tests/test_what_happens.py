"""The page "What happens when" of ``docs/architecture.md`` says what the code does, in order."""

import ast
import inspect
import re
import textwrap
from itertools import groupby
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ROOT = Path(__file__).parent.parent
HEADING = "## What happens when"
# Events that the table of reactions knows: what changes, and the fields that say so.
CHANGES = {
    "Its stage changes": {"stage_id", "state"},
    "Its team changes": {"team_id", "company_id"},
    "Its agent changes": {"user_id"},
    "Its level changes": {"support_level"},
    "Its customer changes": {"partner_id", "commercial_partner_id"},
    "Its service changes": {"service_id"},
    "Its priority changes": {"priority"},
    "It is linked to an incident, or unlinked": {"parent_id"},
    "It is archived, or restored": {"active"},
}
# Events that have a method which lists its steps.
METHODS = {
    "Triage": "_triage",
    "Its state is logged": "_on_transition",
    "A customer writes": "_on_customer_message",
    "An agent answers": "_on_agent_reply",
    "It is merged into another": "_merge_into",
}
MOMENTS = {
    "handed_in": "Its values are completed by what a person could have given:",
    "own_values": "They were checked, and the software adds its own:",
    "created": "It is there:",
}


@tagged("standard", "post_install", "-at_install")
class TestWhatHappens(TransactionCase):
    maxDiff = None  # what the page has to say is in the message

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What time rules read makes a ticket be planned anew: here there are none.
        cls.env["telecom.ticket.rule"].search([("trigger", "=", "on_time")]).active = False
        cls.reactions = cls.env["telecom.ticket"]._get_reactions()

    def sections(self):
        page = (ROOT / "docs/architecture.md").read_text().split(HEADING)[1].split("\n## ")[0]
        parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)[1:]
        return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))

    def lines(self, reactions):
        """The numbered list that the page has for ``reactions``."""
        lines = []
        for number, reaction in enumerate(reactions, 1):
            addon = self.addon(reaction.method)
            where = "" if addon == "telecom_helpdesk" else f", {addon}"
            lines.append(f"{number}. {reaction.what} (`{reaction.method}`{where})")
        return "\n".join(lines)

    def addon(self, method):
        """The one addon of the suite that defines ``method`` of tickets."""
        names = {
            cls.__module__.split(".")[2]
            for cls in self.registry["telecom.ticket"].__mro__
            if method in vars(cls) and cls.__module__.startswith("odoo.addons.")
        }
        (name,) = names
        return name

    def steps(self, method):
        """The steps of ``method`` in their order: names of methods that the core calls, and
        names of the addons that have it do more."""
        *others, core = [
            cls
            for cls in self.registry["telecom.ticket"].__mro__
            if method in vars(cls) and cls.__module__.startswith("odoo.addons.telecom_")
        ]
        self.assertEqual(core.__module__.split(".")[2], "telecom_helpdesk", f"{method}: core twice")
        steps = [re.search(r"\.(_\w+)\(", line)[1] for line in self.read_steps(core, method)]
        for cls in reversed(others):
            lines = self.read_steps(cls, method)
            (place,) = (i for i, line in enumerate(lines) if f"super().{method}(" in line)
            own = [cls.__module__.split(".")[2]]
            steps = own * bool(lines[:place]) + steps + own * bool(lines[place + 1 :])
        return [step for step, _same in groupby(steps)]

    def read_steps(self, cls, method):
        """Those statements of ``method`` in ``cls`` that do something, as source."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(vars(cls)[method])))
        sources = [
            ast.unparse(statement)
            for statement in tree.body[0].body
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        ]
        return [source for source in sources if re.search(r"^if |\._\w+\(", source)]

    def test_creation(self):
        expected = "\n\n".join(
            f"{title}\n\n{self.lines(self.reactions[moment])}" for moment, title in MOMENTS.items()
        )
        self.assertEqual(self.sections()["It is created"], expected)

    def test_changes(self):
        sections = self.sections()
        for title, names in CHANGES.items():
            with self.subTest(title):
                concerned = [
                    reaction
                    for moment in ("before_write", "written")
                    for reaction in self.reactions[moment]
                    if names & (reaction.changed | reaction.written)
                ]
                self.assertEqual(sections[title], self.lines(concerned))

    def test_methods_that_list_their_steps(self):
        sections = self.sections()
        for title, method in METHODS.items():
            with self.subTest(title):
                items = re.findall(r"^\d+\. .*?\(`?(\w+)`?\)$", sections[title], re.MULTILINE)
                self.assertEqual(items, self.steps(method))

    def test_the_page_has_no_other_sections(self):
        self.assertEqual(set(self.sections()), {"It is created", *CHANGES, *METHODS})

    def test_every_method_is_there_once(self):
        """Each stands in the file of its subject, and each field that is named exists."""
        fields = self.env["telecom.ticket"]._fields
        for moment, reactions in self.reactions.items():
            methods = [reaction.method for reaction in reactions]
            self.assertEqual(len(methods), len(set(methods)), moment)
            for reaction in reactions:
                with self.subTest(reaction.method):
                    self.addon(reaction.method)
                    self.assertLessEqual(reaction.changed | reaction.written, fields.keys())
