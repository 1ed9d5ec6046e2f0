"""Models' classes in another order: what stays before what, and how an order is repeated."""

import re
from pathlib import Path

from groundwork.shuffle import chooser, core_of_the_suite, shuffled


class Definition:
    """A class of a model as far as its order goes."""

    def __init__(self, label, name, *inherit):
        self.label, self._name, self._inherit = label, name, list(inherit)

    def __repr__(self):
        return self.label


CLASSES = [
    Definition("mixin", "mixin"),
    Definition("ticket", "ticket", "mixin", "mail.thread"),
    Definition("ticket with mixin", "ticket", "ticket", "mixin"),
    Definition("partner", "res.partner", "res.partner"),
    Definition("mixin extended", "mixin", "mixin"),
    Definition("ticket extended", "ticket", "ticket"),
    Definition("partner extended", "res.partner", "res.partner", "mixin"),
]


def labels(seed):
    return [cls.label for cls in shuffled(CLASSES, chooser(seed))]


def test_every_pair_that_may_turns_round():
    assert labels("reversed") == [
        "partner",
        "mixin",
        "partner extended",
        "mixin extended",
        "ticket",
        "ticket extended",
        "ticket with mixin",
    ]


def test_models_are_made_before_they_are_used():
    for seed in range(50):
        order = labels(str(seed))
        assert sorted(order) == sorted(cls.label for cls in CLASSES)
        assert order.index("mixin") < min(map(order.index, ("ticket", "partner extended")))
        assert order.index("ticket") < order.index("ticket extended")


def test_a_number_repeats_its_order_and_others_give_others():
    assert labels("7") == labels("7")
    assert len({tuple(labels(str(seed))) for seed in range(20)}) > 10


def test_the_core_of_the_suite_is_there():
    for test in core_of_the_suite():
        path, *classes = test.split("::")
        for name in classes:
            assert re.search(rf"^class {name}\(", Path(path).read_text(), re.M), test
