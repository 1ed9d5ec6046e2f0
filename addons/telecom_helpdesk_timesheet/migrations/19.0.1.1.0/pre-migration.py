def migrate(cr, version):
    """Locks name customers by their ids alone; nobody holds one while the server is upgraded."""
    cr.execute("DELETE FROM telecom_billing_lock")
