def migrate(cr, version):
    """Mails about incidents have a title in each language, not the incident's own name.

    What was sent keeps what it was sent under, also for those who still wait for it. A draft had
    the incident's name, which may hold a customer's words: it gets a title before it is sent.
    """
    cr.execute(
        """UPDATE telecom_incident_update_text text SET title = update.subject
             FROM telecom_incident_update update
            WHERE update.id = text.update_id AND update.sent_at IS NOT NULL
              AND update.reach = 'all' AND text.title IS NULL"""
    )
