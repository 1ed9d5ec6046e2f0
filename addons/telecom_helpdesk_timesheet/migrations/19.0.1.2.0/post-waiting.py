def migrate(cr, version):
    """Time that waits for approval says since when: since it was logged, as far as is known."""
    cr.execute(
        """UPDATE account_analytic_line SET waiting_since = create_date
            WHERE billing_state = 'to_approve' AND waiting_since IS NULL"""
    )
