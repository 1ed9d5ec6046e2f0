"""`make lint`: every check that needs no database, all of them run, all findings shown."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from .overrides import override_findings
from .progress import say
from .settings import ADDONS, PROJECT
from .templates import our_addons

LANGUAGES = ("fr", "de")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")
# The author is not the OCA, a README is made from readme/ at release, one model is spread over
# several files by concern on purpose, and many a hook has nothing to return.
PYLINT_OFF = (
    "manifest-required-author,missing-readme,consider-merging-classes-inherited,missing-return"
)


def main(arguments: list[str]) -> int:
    """Returns 0 when nothing was found."""
    folders = [
        name for name in ("addons", "scripts", "tests", "bench") if (PROJECT / name).is_dir()
    ]
    addons = [f"addons/{name}" for name in our_addons()]
    python = [sys.executable, "-m"]
    programs = Path(sys.executable).parent
    checks = {
        "ruff": [*python, "ruff", "check", "--quiet", *folders, "conftest.py"],
        "ruff format": [*python, "ruff", "format", "--quiet", "--check", *folders, "conftest.py"],
        "pylint-odoo": [*python, "pylint", "--score=n", f"--disable={PYLINT_OFF}", *addons],
        "odoo-linter": [str(programs / "odoo-linter"), "check", *addons],
    }
    failed = []
    for name, line in checks.items():
        done = subprocess.run(
            line,
            cwd=PROJECT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            print(done.stdout.rstrip())
            failed.append(name)
    for name, findings in (
        ("second definitions", override_findings(ADDONS)),
        ("XML", xml_findings()),
        ("translations", po_findings()),
    ):
        if findings:
            print("\n".join(findings))
            failed.append(name)
    say(f"lint: {', '.join(failed)} found something" if failed else "lint: nothing found")
    return 1 if failed else 0


def xml_findings() -> list[str]:
    """XML files that no parser would read."""
    found = []
    for path in sorted(ADDONS.rglob("*.xml")):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            found.append(f"{path.relative_to(PROJECT)}: {error}")
    return found


def po_findings() -> list[str]:
    """What is missing, in doubt or broken in the translations of our addons."""
    found = []
    for addon in our_addons():
        folder = ADDONS / addon / "i18n"
        template = folder / f"{addon}.pot"
        if not template.is_file():
            found.append(f"{template.relative_to(PROJECT)}: missing, `make i18n` makes it")
            continue
        for language in LANGUAGES:
            path = folder / f"{language}.po"
            where = path.relative_to(PROJECT)
            if not path.is_file():
                found.append(f"{where}: missing, `make i18n` makes it")
            else:
                found += [f"{where}: {text}" for text in _po_findings(path, template)]
    return found


def _po_findings(path: Path, template: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
        with template.open("rb") as file:
            terms = {message.id for message in read_po(file) if message.id}
    except (PoFileError, ValueError) as error:
        return [str(error)]
    found = []
    known = set()
    for message in catalog:
        if not message.id:
            continue
        known.add(message.id)
        if message.fuzzy:
            found.append(f"line {message.lineno}: in doubt (fuzzy): {message.id!r}")
        elif not message.string:
            found.append(f"line {message.lineno}: not translated: {message.id!r}")
        elif sorted(PLACEHOLDER.findall(message.id)) != sorted(PLACEHOLDER.findall(message.string)):
            found.append(f"line {message.lineno}: other placeholders than in {message.id!r}")
    found += [f"not in it: {term!r}" for term in sorted(terms - known)]
    return found
