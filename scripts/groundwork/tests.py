"""`make test`: pytest over addons and `tests/` and over the demo data, and Odoo's own runner.

Odoos that run here get ports that nobody uses: `make run`, or another `make test`, goes on beside.
"""

import functools
import itertools
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import Trouble, cluster, databases, day, shuffle, templates
from .odoo_server import environment, free_port
from .progress import Progress, say
from .settings import ADDONS, PROJECT, PROJECT_KEY

PREFIX = f"test_{PROJECT_KEY}_"
CORE = "telecom_helpdesk"
AT_ONCE = 2  # processes, each on a database of its own

_copies = itertools.count(1)


def scratch(name: str = "") -> str:
    """A name for a database that this process uses and drops, swept up later if it cannot."""
    return f"{PREFIX}{os.getpid()}{name and '_'}{name}"


def sweep() -> None:
    """Drops scratch databases of processes that are no more."""
    for name in databases.names():
        found = re.match(rf"{PREFIX}(\d+)", name)
        if found and not Path(f"/proc/{found.group(1)}").exists():
            databases.drop(name)


def forgotten() -> list[str]:
    """Test files that the `__init__.py` beside them does not import: Odoo would not run them."""
    found = []
    for path in sorted(ADDONS.glob("*/tests/**/test_*.py")):
        init = path.with_name("__init__.py")
        if not init.is_file() or not re.search(rf"\b{path.stem}\b", init.read_text()):
            found.append(str(path.relative_to(PROJECT)))
    return found


def with_pytest(
    arguments: list[str],
    kind: str = "test",
    at_once: bool = True,
    variables: dict[str, str] | None = None,
) -> int:
    """Runs pytest on a copy of template `kind`. Returns its exit code.

    Without `at_once` its output is kept until it ends, not to mingle with that of another.
    `variables` are added to its environment.
    """
    database = scratch(f"{kind}_{next(_copies)}")
    try:
        templates.clone(kind, database)
        done = subprocess.run(
            pytest_command(database, *arguments), env=environment() | (variables or {}),
            cwd=PROJECT, check=False, text=True, stdout=None if at_once else subprocess.PIPE,
            stderr=None if at_once else subprocess.STDOUT,
        )  # fmt: skip
    finally:
        databases.drop(database)
    if not at_once:
        print(f"\n{' '.join(arguments)}\n{done.stdout}", flush=True)
    return done.returncode


def pytest_command(database: str, *arguments: str) -> list[str]:
    """The command line of pytest on `database`. It chooses its HTTP port itself."""
    return [
        *day.python("pytest"), f"--odoo-database={database}", "--odoo-http",
        f"--odoo-extra=gevent-port={free_port()}", "--odoo-log-level=warn",
        f"--config-file={PROJECT / 'pyproject.toml'}", *arguments,
    ]  # fmt: skip


def with_part(folder: str) -> int:
    """Runs the tests below `folder` of the project, but for those of the demo data."""
    say(f"{folder} ...")
    return with_pytest([folder, "--ignore-glob=*/test_demo*.py"], at_once=False)


def with_demo_data(*arguments: str, at_once: bool = True) -> int:
    """Runs the tests that look at the demo data, on a copy of what `make run` serves."""
    paths = sorted(ADDONS.glob("*/tests/test_demo.py"))
    if day.shift() is None:
        paths += sorted((PROJECT / "tests").glob("test_demo_*.py"))
    return with_pytest([*map(str, paths), *arguments], "demo", at_once)


def with_models_shuffled(order: str) -> int:
    """Runs a short core of the suite with our models' classes in another order."""
    say(f"models in another order: {order} ...")
    tests = shuffle.core_of_the_suite()
    return with_pytest(tests, at_once=False, variables={shuffle.VARIABLE: order})


def with_odoo() -> int:
    """Installs our addons on Odoo's apps and runs the core's at_install tests as Odoo does.

    They run before any other addon of ours is there, which pytest cannot do. What the others' would
    see differs little from what pytest sees, and is left to it.
    """
    if names := forgotten():
        say("not imported by the __init__.py beside them: " + ", ".join(names))
        return 1
    database = databases.clone(templates.template("test_base"), scratch("install"))
    tags = f"/{CORE},-post_install"
    try:
        job = templates.install(
            database, "Odoo's own test runner", "-i", ",".join(templates.addons_to_install()),
            "--test-tags", tags, "--log-level=test", "--skip-auto-install",
        )  # fmt: skip
    except Trouble as trouble:
        say(str(trouble))
        return 1
    finally:
        databases.drop(database)
    for line in job.lines:
        if re.search(r"tests in [\d.]+s|failed, \d+ error", line):
            print(line, flush=True)
    return 0


def main(arguments: list[str]) -> int:
    """Everything, or with arguments what they tell pytest. Returns the exit code."""
    with Progress("database server"):
        cluster.connect_environment()
    sweep()
    if arguments[:1] == ["--demo"]:
        return with_demo_data(*arguments[1:])
    if arguments[:1] == ["--shuffled"]:
        return max(map(with_models_shuffled, arguments[1:] or shuffle.ORDERS))
    if arguments:
        return with_pytest(arguments)
    templates.template("test")
    # What takes longest comes first, so that no half of a machine idles at the end.
    parts = ["tests", "addons/telecom_helpdesk_timesheet", "addons/telecom_helpdesk"]
    parts += sorted({f"addons/{addon}" for addon in templates.our_addons()} - {*parts})
    jobs = [functools.partial(with_part, part) for part in parts]
    jobs[3:3] = [with_odoo, lambda: with_demo_data("-m", "not slow", at_once=False)]
    jobs += [functools.partial(with_models_shuffled, order) for order in shuffle.ORDERS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        code = max(pool.map(lambda job: job(), jobs))
    say("all passed" if code == 0 else "there were failures")
    return code
