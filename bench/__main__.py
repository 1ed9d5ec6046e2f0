"""`python -m bench`: makes a database, fills it, measures, reports.

Needs the project's Python environment (`scripts/ground`).
"""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from groundwork import Trouble, cluster, databases, odoo_server, templates
from groundwork.progress import Progress
from groundwork.settings import ADDONS, PROJECT, PROJECT_KEY

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

from . import billing, fill, measure, peer, report, sla
from .contenders import Floor, Ours, Peer
from .works import WORKS

SIZES = [10_000, 200_000]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of tickets")
    parser.add_argument(
        "--open",
        type=int,
        nargs="+",
        default=sla.OPEN,
        help="numbers of open tickets for the SLA pass",
    )
    parser.add_argument(
        "--customers", type=int, default=billing.CUSTOMERS, help="customers whose time is billed"
    )
    parser.add_argument("--only", default="", help="works with this text in their title")
    parser.add_argument("--quick", action="store_true", help="few repeats: does it run at all")
    parser.add_argument("--database", default=f"bench_{PROJECT_KEY}", help="name for the database")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    parser.add_argument(
        "--output", type=Path, help="folder for bench.md and bench.json (a whole run: docs)"
    )
    options = parser.parse_args(arguments)
    if (
        options.sizes == SIZES
        and options.open == sla.OPEN
        and options.customers == billing.CUSTOMERS
        and not options.only
        and not options.quick
    ):
        options.output = options.output or PROJECT / "docs"
    with Progress("database server"):
        cluster.connect_environment()
    load = [f"{os.getloadavg()[0]:.1f} before"]
    try:
        registry = make_database(options.database)
        rows, sla_rows, billing_rows = run(registry, options)
    finally:
        if not options.keep:
            databases.drop(options.database)
    load.append(f"{os.getloadavg()[0]:.1f} after")
    tables = rows, sla_rows, billing_rows
    print(*report.tables(*tables), sep="\n")
    if options.output:
        report.write(options.output, *tables, ", ".join(load))
    return 0


def make_database(name: str) -> Registry:
    """Database `name` with our addons, the peer and the floor. Returns its registry."""
    paths = [ADDONS, PROJECT / "bench" / "addons", peer.addons_path()]
    addons_path = "--addons-path=" + ",".join(map(str, paths))
    databases.clone(templates.template("test_base"), name)
    ours = templates.addons_to_install()
    modules = [*ours, *peer.MODULES, *billing.MODULES, "bench_floor"]
    templates.install(
        name, "our addons, the peer and the floor", "-i", ",".join(modules),
        "--skip-auto-install", addons_path,
    )  # fmt: skip
    os.environ.update(odoo_server.environment())
    config.parse_config(["-d", name, addons_path, "--log-level=warn"], setup_logging=True)
    registry = Registry(name)
    # Mail is made up to the last step, but never leaves.
    registry["ir.mail_server"]._disable_send = classmethod(lambda cls: True)
    return registry


def run(registry, options) -> tuple[list[dict], list[dict], list[dict]]:
    """Fills and measures at every size. Returns the lines of the report's three tables."""
    contenders = [Ours(), Peer(), Floor()]
    sizes = sorted(options.sizes)
    rows = []
    with Progress("customers and agents"), environment(registry) as env:
        people = fill.set_up(env, contenders, min(fill.PARTNERS, sizes[-1]))
    for size in sizes:
        with Progress(f"{size:,} tickets each"):
            with environment(registry) as env:
                fill.fill(env, contenders, people, size)
            vacuum(registry, contenders)
            with environment(registry) as env:
                fill.check_alike(env, contenders, people)
        for kind in WORKS:
            work = kind(people, quick=options.quick)
            if options.only.lower() not in work.title.lower():
                continue
            if work.largest_only and size != sizes[-1]:
                continue
            with Progress(work.title):
                rows.append(report.row(work, size, measure.compare(registry, work, contenders)))
            print(report.table(rows[-1:]).splitlines()[-1], flush=True)
    sla_rows = measure_sla(registry, contenders, people, options)
    return rows, sla_rows, measure_billing(registry, contenders, options)


def measure_sla(registry, contenders, people, options) -> list[dict]:
    """The lines of the SLA table: passes among ever more open tickets, and a deadline."""
    ours = contenders[0]
    rows = []
    works = [(sla.AlertPass, size) for size in sorted(options.open)] + [(sla.Deadline, 0)]
    for kind, size in works:
        work = kind(people, quick=options.quick)
        if options.only.lower() not in work.title.lower():
            continue
        if size:
            with Progress(f"{size:,} open tickets"):
                with environment(registry) as env:
                    fill.empty(env, contenders)
                    sla.fill_open(env, ours, people, size)
                vacuum(registry, contenders)
        with Progress(work.title):
            results = measure.compare(registry, work, [ours, sla.Odoo()])
        rows.append(sla.row(work, size, results, rows))
        print(report.sla_table(rows[-1:]).splitlines()[-1], flush=True)
    return rows


def measure_billing(registry, contenders, options) -> list[dict]:
    """The lines of the billing table: the same hours by us, by Odoo's orders, and bare."""
    works = [kind for kind in billing.GROUPINGS if options.only.lower() in billing.TITLE.lower()]
    if not works:
        return []
    with Progress(f"{options.customers * billing.ENTRIES_EACH:,} hours' entries each"):
        with environment(registry) as env:
            books = billing.Books(env, options.customers)
        with databases.cursor(registry.db_name) as cr:
            cr.execute("VACUUM ANALYZE")
    rows = []
    for grouping in works:
        work = billing.Invoicing(books, grouping, quick=options.quick)
        with Progress(work.title):
            others = [billing.OdooTimesheet(), billing.BareInvoices()]
            results = measure.compare(registry, work, [contenders[0], *others])
        rows.append(billing.row(work, results))
        print(report.billing_table(rows[-1:]).splitlines()[-1], flush=True)
    return rows


def vacuum(registry, contenders):
    with databases.cursor(registry.db_name) as cr:
        cr.execute(f"VACUUM ANALYZE {', '.join(fill.tables(contenders))}")


@contextlib.contextmanager
def environment(registry):
    """The superuser's environment in a transaction that commits."""
    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(f"\nbench: {trouble}")
