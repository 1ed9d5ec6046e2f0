"""Loads the model classes of our addons in another order than the one they are imported in.

With the environment variable `TELECOM_SHUFFLE` (a number, or `reversed`) set, tests see models
whose classes come in that order. The class that makes a model still comes before those that extend
or inherit it: nothing else may depend on the order of imports.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

from .settings import ADDONS
from .templates import our_addons

VARIABLE = "TELECOM_SHUFFLE"
# What `make test` tries: every two classes that may change places do in the first.
ORDERS = ("reversed", "1")
# The short core of the suite: by addon, the tests of methods in which many things happen.
CORE_TESTS = {
    "telecom_helpdesk": (
        "test_ticket_state",
        "test_ticket_bulk",
        "test_ticket_merge",
        "test_incident",
        "test_rules",
    ),
    "telecom_helpdesk_mail": ("test_gateway",),
    "telecom_helpdesk_sla": ("test_ticket_sla",),
    "telecom_helpdesk_timesheet": ("test_guard", "test_share", "test_credit_note"),
}


def shuffled(classes: list, choose: Callable[[list], object]) -> list:
    """`classes`, definitions of models as Odoo keeps them, in an order that `choose` decides.

    :param choose: takes those of them that may come next, and returns one
    """
    waiting, done = list(classes), []
    while waiting:
        ready = [cls for cls in waiting if not any(_comes_before(other, cls) for other in waiting)]
        done.append(choose(ready))
        waiting.remove(done[-1])
    return done


def _comes_before(other, cls) -> bool:
    """Whether `other` has to be loaded before `cls`: it makes a model that `cls` builds on."""
    return other is not cls and other._name in cls._inherit and other._name not in other._inherit


def chooser(seed: str) -> Callable[[list], object]:
    """What a value of `TELECOM_SHUFFLE` means, as `choose` of `shuffled`."""
    if seed == "reversed":
        return lambda ready: ready[-1]
    return random.Random(int(seed)).choice


def core_of_the_suite() -> list[Path]:
    """Files of the tests that `make test` runs in each of `ORDERS`."""
    return [
        path
        for addon, names in CORE_TESTS.items()
        for name in names
        for path in [*(ADDONS / addon / "tests").rglob(f"{name}.py")] or [Path(name)]
    ]


def shuffle_models() -> str | None:
    """Has Odoo load our addons' classes as `TELECOM_SHUFFLE` says; returns what it says."""
    seed = os.environ.get(VARIABLE)
    if not seed:
        return None
    # Odoo is not there for every part of this package.
    from odoo.orm.models import MetaModel
    from odoo.orm.registry import Registry

    choose = chooser(seed)
    ours = set(our_addons())
    load = Registry.load

    def load_shuffled(registry, module):
        if module.name in ours:
            classes = MetaModel._module_to_models__[module.name]
            classes[:] = shuffled(classes, choose)
        return load(registry, module)

    Registry.load = load_shuffled
    return seed
