"""Which errors are caused by the mail itself, and which are transient."""

import psycopg2
from psycopg2 import errorcodes, errors

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
    """Whether retrying the same mail a moment later can succeed."""
    if isinstance(error, ConcurrencyError | psycopg2.InterfaceError):
        return True
    # Without a code: the connection broke.
    return isinstance(error, psycopg2.OperationalError) and (
        not error.pgcode or error.pgcode in TRANSIENT_ERRORS
    )


# Another transaction was in the way, and is done: a new one sees what it did.
CONFLICTS = (errors.UniqueViolation, errors.SerializationFailure, errors.DeadlockDetected)
MAX_TRIES = 5


def in_transaction(env, work):
    """``work(env)`` in a transaction of its own, which is committed. Returns what that returns.

    It is tried again where another transaction was in its way. ``work`` has to find all that it
    needs in the ``env`` that it is given.
    """
    tries_left = MAX_TRIES
    while True:
        tries_left -= 1
        try:
            with env.registry.cursor() as cr:
                # Rather come again with the mail than wait for ever for the caller's transaction.
                cr.execute("SET LOCAL lock_timeout = '10s'")
                return work(env(cr=cr))
        except CONFLICTS:
            if not tries_left:
                raise
