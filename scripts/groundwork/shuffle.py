"""Loads the model classes of our addons in another order than the one they are imported in.

With the environment variable `TELECOM_SHUFFLE` (a number, or `reversed`) set, tests see models
whose classes come in that order. The class that makes a model still comes before those that extend
or inherit it: nothing else may depend on the order of imports.
"""

import os
import random
from collections.abc import Callable

from .settings import ADDONS
from .templates import our_addons

VARIABLE = "TELECOM_SHUFFLE"
# What `make test` tries: every two classes that may change places do in the first.
ORDERS = ("reversed", "1")
# The short core of the suite: by addon, tests of the methods in which many things happen.
CORE_TESTS = {
    "telecom_helpdesk": (
        "test_ticket_state.py",
        "test_ticket_bulk.py::TestBulk",
        "test_ticket_merge.py::TestMerge",
        "test_incident.py::TestIncidentTie",
        "test_rules.py::TestCreationRules",
    ),
    "telecom_helpdesk_mail": ("test_gateway.py::TestMailToTicket",),
    "telecom_helpdesk_sla": ("test_ticket_sla.py",),
    "telecom_helpdesk_timesheet": (
        "test_guard.py",
        "test_share.py::TestShare",
        "test_billing_run.py",
        "test_credit_note.py",
    ),
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


def core_of_the_suite() -> list[str]:
    """What `make test` runs in each of `ORDERS`, as arguments of pytest."""
    found = []
    for addon, tests in CORE_TESTS.items():
        for test in tests:
            name, *classes = test.split("::")
            [path] = (ADDONS / addon / "tests").rglob(name)
            found.append("::".join([str(path), *classes]))
    return found


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
