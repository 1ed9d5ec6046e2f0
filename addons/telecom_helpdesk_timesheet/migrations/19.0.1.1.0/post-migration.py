def migrate(cr, version):
    """What credit notes gave back, or will once they are posted, is kept entry by entry."""
    cr.execute(
        """INSERT INTO telecom_time_release (move_id, entry_id, line_id, minutes, included_periods)
           SELECT credit.move_id, entry.id, credit.support_origin_id,
                  ROUND(60 * (entry.billed_hours - COALESCE(entry.included_hours, 0))),
                  entry.included_periods
             FROM account_analytic_line entry
             JOIN account_move_line credit ON credit.id = entry.credited_line_id
            WHERE credit.support_origin_id IS NOT NULL
        UNION ALL
           SELECT move.id, entry.id, credit.support_origin_id,
                  ROUND(60 * (entry.billed_hours - COALESCE(entry.included_hours, 0))),
                  entry.included_periods
             FROM account_move move
             JOIN account_move_line credit ON credit.move_id = move.id
             JOIN account_analytic_line entry ON entry.invoice_line_id = credit.support_origin_id
            WHERE move.frees_support_time AND move.state = 'draft'
               ON CONFLICT DO NOTHING"""
    )
    # Lines of credit notes bill no time; what was made in their place does.
    cr.execute(
        """UPDATE account_move_line line SET is_support_time = FALSE
             FROM account_move move
            WHERE move.id = line.move_id AND line.is_support_time
              AND (move.move_type = 'out_refund' OR move.reversed_entry_id IS NOT NULL)"""
    )
