from contextlib import ExitStack
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import BaseCase

from ...tools.change import Change, Reaction, Reactions
from ..common import HelpdeskCase

TYPES = {"stage": "many2one", "team": "many2one", "company": "many2one", "tags": "many2many"}
FOLLOWING = {"team": ("company",)}


class Records:
    """As little of a recordset as a change needs; values are kept in ``table`` by id."""

    _fields = {name: SimpleNamespace(type=type_) for name, type_ in TYPES.items()}

    def __init__(self, table, ids, su=False, calls=None):
        self.table, self._ids = table, tuple(ids)
        self.env = SimpleNamespace(su=su)
        self.calls = [] if calls is None else calls

    def sudo(self):
        return Records(self.table, self._ids, True, self.calls)

    def browse(self, ids):
        return Records(self.table, ids, self.env.su, self.calls)

    def __iter__(self):
        return iter([self.browse([id_]) for id_ in self._ids])

    def __len__(self):
        return len(self._ids)

    def __getitem__(self, name):
        return self.table[self.id].get(name)

    @property
    def id(self):
        return self._ids[0]

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)
        return lambda _change: self.calls.append((name, self._ids))


class TestChange(BaseCase):
    def setUp(self):
        super().setUp()
        self.records = Records(
            {
                1: {"stage": "new", "team": "north", "company": "acme"},
                2: {"stage": "open", "team": "south", "company": "acme"},
                3: {"stage": "new", "team": "south", "company": "acme"},
            },
            [1, 2, 3],
        )

    def write(self, watched=TYPES, reactions=(), also=None, **vals):
        """The change of a write of ``vals``; ``also`` says what of others follows by id."""
        change = Change(self.records, vals, watched, FOLLOWING)
        for id_, row in self.records.table.items():
            row.update(vals, **(also or {}).get(id_, {}))
        change.read_again()
        change.run(reactions)
        return change

    def test_only_what_is_different_is_changed(self):
        change = self.write(stage="open")
        self.assertEqual(change.changed("stage")._ids, (1, 3))
        self.assertEqual(change.changed("team")._ids, ())
        self.assertEqual(change.changed("team", "stage")._ids, (1, 3))
        self.assertEqual(change.before(change.changed("stage").browse([1]), "stage"), "new")

    def test_what_was_not_written_is_as_before(self):
        change = self.write(stage="open")
        self.assertEqual(change.before(self.records.browse([2]), "team"), "south")

    def test_what_follows_counts_where_it_changed(self):
        change = self.write(team="east", also={2: {"company": "other"}})
        self.assertEqual(change.changed("company")._ids, (2,))
        self.assertEqual(change.before(self.records.browse([2]), "company"), "acme")
        self.assertEqual(self.write(stage="done").changed("company")._ids, ())

    def test_several_records_count_as_changed_where_written(self):
        change = self.write(tags=[])
        self.assertIs(change.changed("tags"), self.records)

    def test_nothing_is_known_of_what_nobody_watches(self):
        self.assertEqual(self.write(watched={"team"}, stage="open").changed("stage")._ids, ())

    def test_by_hand(self):
        self.assertTrue(Change(self.records, {}).by_hand)
        self.assertFalse(Change(self.records.sudo(), {}).by_hand)

    def test_nested_writes_do_not_change_what_was_changed(self):
        change = self.write(stage="open")
        self.write(stage="new")
        self.assertEqual(change.changed("stage")._ids, (1, 3))

    def test_a_reaction_gets_the_records_that_it_is_about(self):
        reactions = [
            Reaction("", "on_company", changed={"company"}),
            Reaction("", "on_stage", changed={"stage", "company"}),
            Reaction("", "on_stage_written", changed={"team"}, written={"stage"}),
            Reaction("", "on_team_written", written={"team"}),
            Reaction("", "on_any"),
        ]
        table = [
            ({"stage": "open"}, [("on_stage", (1, 3)), ("on_stage_written", (1, 2, 3))]),
            # For nobody: nothing is different, but one of them is about what is written.
            ({"stage": "open"}, [("on_stage_written", (1, 2, 3))]),
            ({"team": "south"}, [("on_stage_written", (1,)), ("on_team_written", (1, 2, 3))]),
            ({"tags": []}, []),
        ]
        for vals, expected in table:
            with self.subTest(vals=vals):
                self.records.calls.clear()
                self.write(reactions=reactions, **vals)
                self.assertEqual(self.records.calls, [*expected, ("on_any", (1, 2, 3))])

    def test_before_the_write_only_what_is_written_counts(self):
        change = Change(self.records, {"stage": "open"}, TYPES)
        change.run([Reaction("", "on_w", written={"stage"}), Reaction("", "on_t", written={"x"})])
        self.assertEqual(self.records.calls, [("on_w", (1, 2, 3))])

    def test_a_new_record_changed_what_it_has(self):
        del self.records.table[2]["team"]
        change = Change(self.records)
        self.assertEqual(change.changed("team", "tags")._ids, (1, 3))
        self.assertIsNone(change.before(self.records.browse([1]), "team"))
        change.run([Reaction("", "on_team", changed={"team"}), Reaction("", "on_all")])
        self.assertEqual(self.records.calls, [("on_team", (1, 3)), ("on_all", (1, 2, 3))])

    def test_nobody_is_called_for_none(self):
        change = Change(self.records.browse([]), {"stage": "open"}, TYPES)
        change.read_again()
        change.run([Reaction("", "on_any"), Reaction("", "on_stage", written={"stage"})])
        self.assertEqual(self.records.calls, [])

    def test_addons_say_where_their_lines_come(self):
        one, two, three, four = (Reaction("", name) for name in ("a", "b", "c", "d"))
        reactions = Reactions(written=[one])
        reactions.add("written", two)
        reactions.add("written", three, before="a")
        reactions.add("written", four, after="a")
        reactions.add("created", one)
        self.assertEqual(
            {moment: [step.method for step in steps] for moment, steps in reactions.items()},
            {"written": ["c", "a", "d", "b"], "created": ["a"]},
        )
        with self.assertRaises(ValueError):
            reactions.add("written", one, before="gone")


class TestTicketReactions(HelpdeskCase):
    """The table of what happens to tickets, at work."""

    def record(self, tickets, vals):
        """Write ``vals``; names of the methods that were called, and the tickets that they got."""
        called = {}
        methods = {reaction.method for reaction in tickets._get_reactions()["written"]}
        with ExitStack() as stack:
            for name in methods:
                stack.enter_context(
                    patch.object(
                        type(tickets),
                        name,
                        lambda records, _change, name=name: called.update({name: records}),
                    )
                )
            tickets.write(vals)
        return called

    def test_nothing_runs_for_what_is_as_it_was(self):
        ticket = self.make_ticket(partner_id=self.customer_contact.id)
        vals = {name: ticket[name].id for name in ("stage_id", "team_id", "partner_id")}
        self.assertEqual(self.record(ticket, {**vals, "active": True, "parent_id": False}), {})

    def test_a_method_gets_those_that_changed(self):
        tickets = self.make_ticket() + self.make_ticket()
        tickets[0].action_resolve()
        called = self.record(tickets, {"stage_id": tickets[0].stage_id.id})
        self.assertEqual(called["_log_transitions"], tickets[1])
        self.assertEqual(called["_plan_anew"], tickets[1])
        self.assertNotIn("_follow_distribution", called)

    def test_who_is_put_into_the_queue_is_left_there_even_if_in_it(self):
        tickets = self.make_ticket() + self.make_ticket()
        called = self.record(tickets, {"user_id": False})
        self.assertEqual(called, {"_follow_distribution": tickets})

    def test_an_addon_puts_its_line_where_it_says(self):
        order = []
        cls = type(self.env["telecom.ticket"])
        get_reactions = cls._get_reactions

        def _get_reactions(model):
            reactions = get_reactions(model)
            reactions.add(
                "written",
                Reaction("", "_follow_name", changed={"name"}),
                before="_log_transitions",
            )
            return reactions

        tickets = self.make_ticket(name="One") + self.make_ticket(name="Two")
        before = tickets[0].state
        self.addCleanup(self.registry.clear_cache)
        with (
            patch.object(cls, "_get_reactions", _get_reactions),
            patch.object(
                cls,
                "_follow_name",
                lambda records, change: order.append(
                    (records, change.before(records, "name"), change.by_hand)
                ),
                create=True,
            ),
            patch.object(cls, "_on_transition", lambda *_args: order.append("transition")),
        ):
            self.registry.clear_cache()
            stage = tickets[0]._pick_stage("resolved")
            tickets.with_user(self.agent_voice).write({"name": "Two", "stage_id": stage.id})
        self.assertNotEqual(before, "resolved")
        self.assertEqual(order, [(tickets[0], "One", True), "transition"])
