"""Results as a table with ratios and verdicts, and as JSON."""

import json
import os
import platform
from datetime import datetime, timezone
from pathlib import Path

from groundwork import databases, templates

from odoo.release import version as odoo_version

from . import peer
from .fill import PARTNERS
from .measure import Result

COLUMNS = ("ours", "peer", "floor")
HEAD = """\
# What it costs

Made by `make bench` on {date}: {machine}.

Every piece of work is done by our addons ({addons}), by the peer ({peer}) and by the floor (a bare
`mail.thread` model with the same five fields), in turn, in one process on one database server. A
cell gives the median, the middle half of the times in brackets, and the number of SQL queries. The
clock runs from the start of a transaction's work to the end of its commit: record caches are empty,
caches of the registry warm, the garbage collector waits. Agents are ordinary ones, in two of ten
teams, under record rules; lists ask for what the web client asks for. Tickets are alike for all
three: {partners} customers, ten teams, fifty agents, three years, 5 % open, three messages and up
to two followers each; no mail leaves the machine. Open tickets are from the last tenth of that
time. The peer keeps two SLA targets a ticket, ours those of the shipped policies. Mails of
the peer and the floor take Odoo's own gateway; ours go through all filters. The ratio is ours to
theirs, the highest good one in brackets; it says so where the floor is over it, too.

"""


def machine() -> str:
    """Cores, memory and versions: what a reader needs to compare, nothing to tell hosts apart."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Python {platform.python_version()}, "
        f"Odoo {odoo_version.split('-')[0]}"
    )


def row(work, size: int, results: dict[str, Result]) -> dict:
    """One line of the report, as plain data."""
    ratios = {}
    for other in ("peer", "floor"):
        if other in results:
            target = work.targets.get(other) if size >= work.target_size else None
            ratio = results["ours"].median / results[other].median
            passed = None if target is None else ratio <= target
            ratios[other] = {"ratio": ratio, "target": target, "passed": passed}
    if {"peer", "floor"} <= results.keys():
        ratios["peer"]["floor_ratio"] = results["floor"].median / results["peer"].median
    return {
        "work": work.title,
        "unit": work.unit,
        "tickets": size,
        "results": {key: vars(result) for key, result in results.items()},
        "ratios": ratios,
    }


def table(rows: list[dict]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| work | tickets | ours | peer | floor | ours : peer | ours : floor |",
        "|---|--:|--:|--:|--:|---|---|",
    ]
    for line in rows:
        unit = f", per {line['unit']}" if line["unit"] else ""
        cells = [f"{line['work']}{unit}", f"{line['tickets']:,}"]
        cells += [_cost(line["results"].get(key)) for key in COLUMNS]
        cells += [_verdict(line["ratios"].get(key)) for key in ("peer", "floor")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


SLA_HEAD = """
## SLA

The scheduled action that sends alerts, among ever more open tickets, each with its clocks; compared
with the first line. A breach is an alert, a mail, activities, a notification in the backend and a
note each. And one deadline in a calendar with breaks and holidays, beside Odoo's own
`resource.calendar.plan_hours`.

"""


def sla_table(rows: list[dict]) -> str:
    """The rows of the SLA measurements as a Markdown table."""
    lines = ["| work | open tickets | ours | Odoo | ratio |", "|---|--:|--:|--:|---|"]
    for line in rows:
        unit = f", per {line['unit']}" if line["unit"] else ""
        cells = [f"{line['work']}{unit}", f"{line['tickets']:,}" if line["tickets"] else ""]
        cells += [_cost(line["results"].get(key)) for key in ("ours", "odoo")]
        verdict = "PASS" if line["passed"] else "**over**"
        cells.append(f"{line['ratio']:.3g} (≤ {line['target']:g}) {verdict}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


BILLING_HEAD = """
## Billing

Approved time becomes draft invoices by an accountant's click: ours from tickets, Odoo's
(`sale_timesheet`) from sales orders made and confirmed before, with the same hours of the
same customers at the same price. An order has one line for all of its hours, so that finer lines
have no counterpart there. The bare invoices are what ours come to (products, quantities, prices and
texts), made by Odoo's `account.move.create` at once: no time is looked for, described or linked to
its line.

"""


def billing_table(rows: list[dict]) -> str:
    """The rows of the billing measurements as a Markdown table."""
    lines = [
        "| work | entries | customers | ours | Odoo | bare | ours : Odoo | ours : bare |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for line in rows:
        cells = [line["work"], f"{line['entries']:,}", f"{line['customers']:,}"]
        cells += [_cost(line["results"].get(key)) for key in ("ours", "odoo", "bare")]
        cells += [_verdict(line["ratios"].get(key)) for key in ("odoo", "bare")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def tables(rows: list[dict], sla_rows: list[dict], billing_rows: list[dict]) -> list[str]:
    """What was measured, as Markdown tables."""
    return [table(rows), sla_table(sla_rows), billing_table(billing_rows)]


def _cost(result: dict | None) -> str:
    if not result:
        return ""
    low, median, high = (
        f"{result[key] * 1000:.3g}" if result[key] < 1 else f"{result[key] * 1000:.0f}"
        for key in ("low", "median", "high")
    )
    return f"{median} ms ({low}–{high}), {result['queries']:.3g} q"


def _verdict(ratio: dict | None) -> str:
    if not ratio:
        return ""
    text = f"{ratio['ratio']:.3g}"
    if ratio["target"] is not None:
        text += f" (≤ {ratio['target']:g}) {'PASS' if ratio['passed'] else '**over**'}"
        if not ratio["passed"] and ratio.get("floor_ratio", 0) > ratio["target"]:
            text += f", as is the floor: {ratio['floor_ratio']:.3g}"
    return text


def write(folder: Path, rows, sla_rows, billing_rows, load: str) -> None:
    """Writes bench.md and bench.json into `folder`; `load` is the machine's before and after."""
    with databases.cursor() as cr:
        cr.execute("SHOW server_version")
        server = cr.fetchone()[0].split()[0]
    today = datetime.now(timezone.utc).date().isoformat()
    told = f"{machine()}, PostgreSQL {server}; load {load}"
    addons = templates.addons_to_install()
    head = HEAD.format(
        date=today,
        machine=told,
        addons=", ".join(f"`{addon}`" for addon in addons),
        peer=peer.NAME,
        partners=f"{PARTNERS:,}",
    )
    folder.mkdir(parents=True, exist_ok=True)
    tickets, sla, billing = tables(rows, sla_rows, billing_rows)
    (folder / "bench.md").write_text(head + tickets + SLA_HEAD + sla + BILLING_HEAD + billing)
    content = {
        "date": today,
        "machine": told,
        "peer": peer.PINNED,
        "addons": addons,
        "rows": rows,
        "sla": sla_rows,
        "billing": billing_rows,
    }
    (folder / "bench.json").write_text(json.dumps(content, indent=1) + "\n")
