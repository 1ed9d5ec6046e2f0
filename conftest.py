"""What Odoo's own test runner does and pytest-odoo leaves out.

A test fails when an error was logged while it ran, and test tags are respected: only "standard"
tests run. A test class outside the addons gets no tags from Odoo and must name them.

With `TELECOM_SHUFFLE` in the environment our models' classes are loaded in another order.
"""

import logging
import re

import pytest
from groundwork import shuffle

# Said by a browser or a connection that is being closed, of no meaning to the test.
TEAR_DOWN_NOISE = re.compile(
    r"websocket: (close|closed)|Connection (to remote host was lost|reset by peer)|Broken pipe"
    r"|ChromeBrowser.*(terminat|closed)|invalid websocket state"
)


class ErrorLog(logging.Handler):
    """Keeps the records of level ERROR and above, as text, until they are asked for."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.errors = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record):
        text = self.format(record)
        if not TEAR_DOWN_NOISE.search(text):
            self.errors.append(text)

    def take(self) -> list[str]:
        errors, self.errors = self.errors, []
        return errors


error_log = ErrorLog()
seed = pytest.StashKey[str]()


def pytest_configure(config):
    logging.getLogger().addHandler(error_log)
    config.stash[seed] = shuffle.shuffle_models()


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[seed]:
        terminalreporter.section("models in another order")
        terminalreporter.line(
            f"{shuffle.VARIABLE}={config.stash[seed]} before the command repeats this order"
        )


def pytest_collection_modifyitems(config, items):
    untagged, skipped, chosen = set(), [], []
    for item in items:
        cls = getattr(item, "cls", None)
        is_odoo = cls is not None and any(
            base.__module__ == "odoo.tests.common" for base in cls.__mro__
        )
        tags = getattr(cls, "test_tags", None)
        if is_odoo and tags is None:
            untagged.add(cls)
        elif is_odoo and "standard" not in tags:
            skipped.append(item)
        else:
            chosen.append(item)
    if untagged:
        names = ", ".join(sorted(f"{cls.__module__}.{cls.__name__}" for cls in untagged))
        raise pytest.UsageError(
            f"{names}: tests outside the addons need "
            '@tagged("standard", "post_install", "-at_install")'
        )
    if skipped:
        config.hook.pytest_deselected(items=skipped)
        items[:] = chosen


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    finally:
        fail_on_logged_errors()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    try:
        return (yield)
    finally:
        fail_on_logged_errors()


def fail_on_logged_errors():
    if errors := error_log.take():
        pytest.fail("errors were logged:\n" + "\n".join(errors), pytrace=False)
