"""`make i18n`: templates from Odoo's export, translations merged into them."""

import polib

from . import Trouble, cluster, databases, odoo_server, templates
from .lint import LANGUAGES, po_findings
from .progress import Progress, say
from .settings import ADDONS
from .tests import scratch, sweep


def main(arguments: list[str]) -> int:
    """Writes each addon's .pot, merges it into the .po files, says what is left to translate."""
    cluster.connect_environment()
    sweep()
    database = templates.clone("test", scratch("i18n"))
    try:
        for addon in templates.our_addons():
            export(database, addon)
            for language in LANGUAGES:
                merge(addon, language)
    finally:
        databases.drop(database)
    for finding in po_findings():
        print(finding)
    return 0


def export(database: str, addon: str) -> None:
    """Writes `i18n/ADDON.pot`, without the dates that would change it every time."""
    target = ADDONS / addon / "i18n" / f"{addon}.pot"
    target.parent.mkdir(exist_ok=True)
    with Progress(f"exporting the terms of {addon}"):
        job = odoo_server.run("i18n", "export", "-d", database, "-o", str(target), addon)
    if job.returncode or not target.is_file():
        raise Trouble("\n".join([f"the terms of {addon} could not be exported:", *job.lines[-15:]]))
    template = polib.pofile(str(target), wrapwidth=78)
    for header in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(header, None)
    template.save()


def merge(addon: str, language: str) -> None:
    """Brings `i18n/LANGUAGE.po` in line with the template, keeping what is translated."""
    folder = ADDONS / addon / "i18n"
    template = polib.pofile(str(folder / f"{addon}.pot"), wrapwidth=78)
    path = folder / f"{language}.po"
    known = {}
    if path.is_file():
        known = {
            entry.msgid: entry.msgstr for entry in polib.pofile(str(path)) if not entry.obsolete
        }
    for entry in template:
        entry.msgstr = known.get(entry.msgid, "")
    template.metadata["Language"] = language
    template.metadata["Plural-Forms"] = (
        "nplurals=2; plural=(n > 1);" if language == "fr" else "nplurals=2; plural=(n != 1);"
    )
    template.save(str(path))
    gone = sorted(set(known) - {entry.msgid for entry in template})
    say(f"{path.name} of {addon}: {template.percent_translated()} %, {len(gone)} terms gone")
