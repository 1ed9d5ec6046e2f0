"""How many queries a piece of work may cost.

Each addon declares its own share: ``tests/query_budget.py`` has ``QUERIES``, the queries that it
adds to a work where nothing of its own is set up (no promise, no timer). What may be spent is the
sum of the installed addons' shares, so that a test holds whichever are there.
"""

import runpy
from pathlib import Path

from lxml import etree

from odoo.modules import get_module_path


def get_shares(env, work):
    """``{addon: queries that it declares for work}`` of the installed addons of ours."""
    shares = {}
    for addon in sorted(env.registry._init_modules):
        if addon.startswith("telecom_helpdesk"):
            path = Path(get_module_path(addon)) / "tests" / "query_budget.py"
            shares[addon] = runpy.run_path(path)["QUERIES"].get(work, 0) if path.is_file() else 0
    return shares


class CountsQueries:
    """For test cases that hold work to its budget."""

    def count(self, action, *args, **kwargs):
        """Queries of ``action``, with caches as a new request finds them."""
        action(*args, **kwargs)  # access rights, views, external ids
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action(*args, **kwargs)
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def specify(self, view_type, without=None):
        """What the web client asks for to show the view of tickets.

        :param without: an addon whose fields are left out
        """
        arch = etree.fromstring(self.tickets.get_view(view_type=view_type)["arch"])
        specification = {}
        for node in arch.iter("field"):
            if any(parent.tag == "field" for parent in node.iterancestors()):
                continue
            field = self.tickets._fields[node.get("name")]
            if set(field._modules) != {without}:
                specification[field.name] = (
                    {"fields": {"display_name": {}}} if field.relational else {}
                )
        return specification

    def assertWithinBudget(self, work, queries, more=0):
        """``queries`` are no more than the installed addons declare for ``work``.

        :param more: what the caller's own set-up may cost besides
        """
        shares = get_shares(self.env, work)
        self.assertLessEqual(queries, sum(shares.values()) + more, f"{work}: {shares}, {more} more")

    def assertAddsNoMoreThanDeclared(self, addon, view_type, ticket, more=0):
        """To show ``addon``'s fields of a ticket costs what it declares for the view, whatever the
        other addons spend."""

        def show(**values):
            return self.count(ticket.web_read, self.specify(view_type, **values))

        most = get_shares(self.env, view_type)[addon] + more
        self.assertLessEqual(show() - show(without=addon), most)
