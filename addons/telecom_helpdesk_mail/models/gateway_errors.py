"""Which errors are a mail's own, and which pass."""

import psycopg2
from psycopg2 import errorcodes

from odoo.exceptions import ConcurrencyError
from odoo.service.model import PG_CONCURRENCY_ERRORS_TO_RETRY

# Trouble of the database server that is not the mail's fault: trying again helps.
TRANSIENT_ERRORS = {
    *PG_CONCURRENCY_ERRORS_TO_RETRY,
    errorcodes.ADMIN_SHUTDOWN,
    errorcodes.CRASH_SHUTDOWN,
    errorcodes.CANNOT_CONNECT_NOW,
    errorcodes.DISK_FULL,
    errorcodes.OUT_OF_MEMORY,
    errorcodes.TOO_MANY_CONNECTIONS,
}


def is_transient(error):
    """Whether the same mail may well be processed a moment later."""
    if isinstance(error, ConcurrencyError | psycopg2.InterfaceError):
        return True
    # Without a code: the connection broke.
    return isinstance(error, psycopg2.OperationalError) and (
        not error.pgcode or error.pgcode in TRANSIENT_ERRORS
    )
