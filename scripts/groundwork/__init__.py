"""What stands behind the Makefile: database server, template databases, Odoo processes, mail.

`scripts/ground` has put the Python of `.ground/venv` in place before any of this runs. Tests and
benchmarks import it too::

    from groundwork import databases, mail, odoo_server, templates

Every function that can fail for a reason the user can mend raises `Trouble` with that reason.
"""


class Trouble(Exception):
    """Something the user can mend; the text says what and how."""
