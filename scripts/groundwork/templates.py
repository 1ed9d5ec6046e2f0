"""Template databases: built once from what they are named by, then copied in a second.

========== =========================================================================
test_base  the Odoo apps that our addons depend on, no demo data
test       all our addons on top; what tests run on
demo_base  the same apps with French and German, and what installs itself; no demo data of Odoo's
demo       all our addons with theirs on top; what `make run` serves
========== =========================================================================

The base of a template is kept apart, so that a change in our addons costs their installation alone.
A template's name ends in a hash of what it was made from; it gets that name when it is whole.
"""

import ast
import contextlib
import fcntl
import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import Trouble, databases, day, odoo_server
from .progress import Progress, say
from .settings import ADDONS, GROUND, PROJECT_KEY, odoo_version

LANGUAGES = "en_US,fr_FR,de_DE"  # the first is the default
SPACE_NEEDED = 1000  # MiB, for one template in the making

# Databases for work and tests call nobody outside, send no mails of Odoo's demo data, and have
# their pages ready: what our addons do not change is made in the base, for good. Odoo's bundles
# for unit tests of its own, half of all, are nobody's page.
UNIT_TESTS = {
    "web.assets_unit_tests",
    "web.assets_unit_tests_setup",
    "web.qunit_suite_tests",
    "web.tests_assets",
}
CHANGED_BY_OURS = {
    "web.__assets_tests_call__",
    "web.assets_tests",
    "web.assets_web",
    "web.assets_web_dark",
    "web.assets_web_print",
}
FINISH = """
for service in ("iap", "iap.partner_autocomplete", "sms", "snailmail"):
    env["ir.config_parameter"].set_param(f"{service}.endpoint", "http://127.0.0.1:9")
env.ref("mail.ir_cron_module_update_notification").active = False
env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
pages = env["ir.qweb"]
scripts, styles = pages._get_bundles_to_pregenarate()
for bundle in sorted(scripts - LEFT_OUT):
    pages._get_asset_bundle(bundle, css=False, js=True).js()
for bundle in sorted(styles - LEFT_OUT):
    pages._get_asset_bundle(bundle, css=True, js=False).css()
env.cr.commit()
"""


@dataclass(frozen=True)
class Recipe:
    """How one template is made: Odoo's apps on nothing, or our addons on the template `parent`."""

    title: str
    parent: str | None
    arguments: tuple[str, ...]
    with_demo: bool = False


RECIPES = {
    "test_base": Recipe("Odoo's apps for the tests", None, ("--skip-auto-install",)),
    "test": Recipe("our addons for the tests", "test_base", ("--skip-auto-install",)),
    "demo_base": Recipe("Odoo's apps for the demo", None, (f"--load-language={LANGUAGES}",)),
    "demo": Recipe("our addons with demo data", "demo_base", (), with_demo=True),
}


def our_addons() -> list[str]:
    """Names of the project's addons."""
    return sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))


def manifest(addon: str) -> dict:
    """The manifest of one of our addons."""
    return ast.literal_eval((ADDONS / addon / "__manifest__.py").read_text())


def apps_below() -> list[str]:
    """Odoo's modules that our addons name as dependencies; self-installing bridges count not."""
    ours = our_addons()
    named = set()
    for addon in ours:
        content = manifest(addon)
        if not content.get("auto_install"):
            named.update(content.get("depends", ()))
    return sorted(named - set(ours))


def addons_to_install() -> list[str]:
    """Our addons, but for those that install themselves where another app is present."""
    return [addon for addon in our_addons() if not manifest(addon).get("auto_install")]


def addons_key() -> str:
    """Hash of all that our addons put into a database: their files but for tests and texts."""
    digest = hashlib.sha256()
    for path in sorted(ADDONS.rglob("*")):
        inside = path.relative_to(ADDONS).parts
        if not path.is_file() or "__pycache__" in inside or inside[1] in ("tests", "readme"):
            continue
        if path.suffix in (".pyc", ".md", ".pot", ".toml"):
            continue
        digest.update("/".join(inside).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:10]


def key(kind: str) -> str:
    """Hash of everything that template `kind` is made from."""
    recipe = RECIPES[kind]
    parts = [repr(recipe), _finish(recipe)]
    if recipe.parent:
        parts += [key(recipe.parent), addons_key()]
    else:
        parts += [odoo_version(), *apps_below()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]


def template(kind: str) -> str:
    """The name of template database `kind` ("test", "demo", ...), which is built where missing."""
    prefix = f"template_{PROJECT_KEY}_{kind}_"
    name = prefix + key(kind)
    with _lock(kind):
        if databases.exists(name):
            return name
        recipe = RECIPES[kind]
        parent = template(recipe.parent) if recipe.parent else None
        with day.today():
            _build(kind, recipe, parent, name)
        for old in databases.names():
            if old.startswith(prefix) and old != name and len(old) == len(name):
                databases.drop(old)
    return name


def clone(kind: str, name: str) -> str:
    """Makes database `name` from template `kind`, in place of one made here before.

    On another day than today (`day`), what the demo tells is made anew, which takes minutes.
    """
    if kind != "demo" or day.shift() is None:
        return databases.clone(template(kind), name, addons_key())
    recipe = RECIPES[kind]
    databases.clone(template(recipe.parent), name, addons_key())
    with demo_alone(name):
        install(name, recipe.title, "-i", ",".join(addons_to_install()), *recipe.arguments)
    return name


@contextlib.contextmanager
def demo_alone(name: str):
    """What is installed in database `name` inside gets its demo data, without Odoo's own.

    Odoo loads that of a module where all that it depends on has some. Its own would hide the
    operator behind strangers, and take as long as all the rest; so it is only said to be there.
    """
    with databases.cursor(name) as cr:
        cr.execute(
            "UPDATE ir_module_module SET demo = true WHERE NOT demo AND state = 'installed' "
            "RETURNING id"
        )
        without = [id_ for (id_,) in cr.fetchall()]
        yield
        cr.execute("UPDATE ir_module_module SET demo = false WHERE id = ANY(%s)", [without])


def install(name: str, title: str, *arguments: str) -> odoo_server.Job:
    """Runs Odoo on database `name` until all its modules are loaded, with progress.

    `arguments` are such as `-i addon`. `Trouble` when Odoo fails, when it logs an error, when demo
    data did not load, or when a module is left half installed.
    """
    log = GROUND / f"{name}.log"
    with Progress(title) as progress:
        job = odoo_server.run(
            "server", "--database", name, "--stop-after-init", "--no-http",
            "--max-cron-threads=0", *odoo_server.free_ports(), *arguments, on_line=progress.feed,
        )  # fmt: skip
        log.write_text("\n".join(job.lines))
        problems = job.logged("ERROR", "CRITICAL")
        problems += [line for line in job.lines if "demo data failed to install" in line]
        problems += [f"module {module} is {state}" for module, state in _half_installed(name)]
        if job.returncode or problems:
            raise failure(title, [*problems, *job.lines[-25:]], log)
    for line in job.logged("WARNING"):
        say(line)
    log.unlink()
    return job


def failure(title: str, lines: list[str], log: Path | None = None) -> Trouble:
    """What to tell the user when Odoo failed, with the lines that say why."""
    text = "\n".join([f"{title} failed" + (f"; the whole log is {log}" if log else ""), *lines])
    if re.search("no space left|disk full|could not extend file", text, re.IGNORECASE):
        text += "\nThe disk is full: free some space and start again, nothing needs to be undone."
    return Trouble(text)


def _half_installed(name: str) -> list[tuple[str, str]]:
    if not databases.exists(name):
        return []
    with databases.cursor(name) as cr:
        cr.execute("SELECT to_regclass('ir_module_module')")
        if not cr.fetchone()[0]:
            return []
        cr.execute("SELECT name, state FROM ir_module_module WHERE state LIKE 'to %'")
        return cr.fetchall()


def _build(kind: str, recipe: Recipe, parent: str | None, name: str) -> None:
    """Builds a template under another name, which an interrupted build leaves to the next one."""
    building = f"building_{PROJECT_KEY}_{kind}"
    databases.drop(building)
    free = shutil.disk_usage(GROUND).free // 2**20
    if free < SPACE_NEEDED:
        raise Trouble(f"{recipe.title}: needs {SPACE_NEEDED} MiB in {GROUND}, only {free} are free")
    modules = addons_to_install() if parent else apps_below()
    if parent:
        databases.clone(parent, building)
    with demo_alone(building) if recipe.with_demo else contextlib.nullcontext():
        install(building, recipe.title, "-i", ",".join(modules or ["base"]), *recipe.arguments)
    with databases.cursor(building) as cr:
        cr.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
        if absent := set(modules) - {module for (module,) in cr.fetchall()}:
            raise Trouble(f"{recipe.title}: Odoo did not install {', '.join(sorted(absent))}")
    with Progress(f"{recipe.title}, finishing"):
        job = odoo_server.run("shell", "-d", building, "--no-http", script=_finish(recipe))
        if job.returncode:
            raise failure(recipe.title, job.lines[-25:])
    with databases.cursor(building) as cr:
        cr.execute("VACUUM ANALYZE")
    databases.rename(building, name)
    databases.seal(name)


def _finish(recipe: Recipe) -> str:
    """What is done with a template of `recipe` in Odoo's shell when all is installed."""
    left_out = UNIT_TESTS if recipe.parent else UNIT_TESTS | CHANGED_BY_OURS
    return f"LEFT_OUT = set({sorted(left_out)}){FINISH}"


@contextlib.contextmanager
def _lock(kind: str):
    """One builder of a template at a time; a second one waits and then finds it done."""
    with (GROUND / f"template-{kind}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is making the {kind} database, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
