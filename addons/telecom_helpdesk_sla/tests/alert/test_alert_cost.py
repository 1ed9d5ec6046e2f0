from odoo.tools import SQL

from ..common import frozen
from .test_alert import AlertCase


class TestAlertCost(AlertCase):
    """A pass costs what is due, whatever else is open, and a batch shares its queries."""

    def open_tickets(self, count):
        """``count`` more tickets with clocks that run, bare rows, in no time."""
        ticket = self.ticket_at("2026-07-15 13:00:00")
        copies = self.copy_ticket(ticket, count)
        for table, column in (
            ("telecom_sla_term", "ticket_id"),
            ("telecom_sla_clock", "ticket_id"),
        ):
            columns = self.env.execute_query(
                SQL(
                    """SELECT column_name FROM information_schema.columns
                       WHERE table_name = %s AND column_name NOT IN ('id', %s)""",
                    table,
                    column,
                )
            )
            names = SQL(", ").join(SQL.identifier(name) for (name,) in columns)
            self.env.cr.execute(
                SQL(
                    """INSERT INTO %(table)s (%(column)s, %(names)s)
                       SELECT copy, %(names)s FROM %(table)s, unnest(%(copies)s) AS copy
                       WHERE %(column)s = %(ticket)s""",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    names=names,
                    copies=copies.ids,
                    ticket=ticket.id,
                )
            )
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.cr.execute("ANALYZE telecom_ticket")
        self.env.invalidate_all()

    def scans(self):
        """How often this transaction read one of the large tables from end to end."""
        return self.env.execute_query(
            SQL(
                """SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname IN
                   ('telecom_ticket', 'telecom_sla_clock', 'telecom_sla_term') ORDER BY relname"""
            )
        )

    def count_queries(self, due):
        """Queries of a pass that tells of ``due`` breaches."""
        tickets = [self.ticket_at(self.CREATED) for _copy in range(due)]
        self.env.flush_all()
        self.env.invalidate_all()
        with frozen(self.BREACH):
            before = self.env.cr.sql_log_count
            self.assertEqual(self.env["telecom.sla.clock"]._run_due_batch(), due)
            self.env.cr.flush()
            count = self.env.cr.sql_log_count - before
        self.assertEqual({self.alerts(ticket)[-1].kind for ticket in tickets}, {"breach"})
        return count

    def test_as_many_queries_among_10_open_tickets_as_among_3000(self):
        self.count_queries(5)  # fills caches
        self.open_tickets(10)
        few = self.count_queries(5)
        self.open_tickets(3000)
        before = self.scans()
        many = self.count_queries(5)
        self.assertEqual(few, many)
        self.assertEqual(self.scans(), before, "by indexes alone")

    def test_40_alerts_share_the_queries_of_5(self):
        self.count_queries(5)
        self.assertLessEqual(self.count_queries(40), self.count_queries(5) + 5)
