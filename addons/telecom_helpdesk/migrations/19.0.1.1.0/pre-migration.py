def migrate(cr, version):
    """Fill the columns that Odoo would fill with a default, which is for new tickets."""
    cr.execute(
        """ALTER TABLE telecom_ticket
             ADD COLUMN IF NOT EXISTS unanswered_since timestamp,
             ADD COLUMN IF NOT EXISTS unassigned_since timestamp,
             ADD COLUMN IF NOT EXISTS priority_by_hand boolean,
             ADD COLUMN IF NOT EXISTS incident_kind varchar,
             ADD COLUMN IF NOT EXISTS incident_since timestamp,
             ADD COLUMN IF NOT EXISTS tie_new_tickets varchar"""
    )
    # Nobody knows any more who chose a priority: what stands out was chosen.
    cr.execute(
        """UPDATE telecom_ticket
              SET unanswered_since = CASE
                      WHEN state NOT IN ('resolved', 'closed', 'cancelled')
                           AND (last_agent_reply_at IS NULL
                                OR last_customer_message_at > last_agent_reply_at)
                      THEN date_trunc('second', COALESCE(last_customer_message_at, create_date))
                  END,
                  unassigned_since = CASE
                      WHEN user_id IS NULL THEN date_trunc('second', create_date)
                  END,
                  priority_by_hand = priority != '1'"""
    )
    # Tickets had been linked to others before these were declared incidents.
    cr.execute(
        """UPDATE telecom_ticket SET incident_kind = 'incident', parent_id = NULL,
                  incident_since = date_trunc('second', create_date), tie_new_tickets = 'offer'
            WHERE id IN (SELECT parent_id FROM telecom_ticket WHERE parent_id IS NOT NULL)"""
    )
    cr.execute(
        """UPDATE telecom_ticket SET parent_id = NULL
            WHERE parent_id IN (SELECT id FROM telecom_ticket WHERE incident_kind IS NULL)"""
    )
