from odoo import SUPERUSER_ID, api

BATCH_SIZE = 500


def migrate(cr, version):
    """Questions that were open when their ticket ended are over; terms say whose days off count."""
    cr.execute(
        """UPDATE telecom_sla_term term SET company_id = ticket.company_id
             FROM telecom_ticket ticket
            WHERE ticket.id = term.ticket_id AND term.company_id IS NULL
              AND term.policy_id IS NOT NULL"""
    )
    cr.execute("UPDATE telecom_sla_alert SET late_reason = 'downtime' WHERE is_late")
    cr.execute(
        """UPDATE telecom_sla_clock clock SET ended_at = ended.at
             FROM (
                 SELECT open.id, min(transition.at) AS at
                   FROM telecom_sla_clock open
                   JOIN telecom_ticket_transition transition
                     ON transition.ticket_id = open.ticket_id AND transition.at >= open.started_at
                    AND transition.state_to IN ('resolved', 'closed', 'cancelled')
                  WHERE open.metric != 'resolution' AND open.reached_at IS NULL
               GROUP BY open.id
             ) ended
            WHERE ended.id = clock.id
        RETURNING clock.ticket_id"""
    )
    env = api.Environment(cr, SUPERUSER_ID, {"mail_notrack": True})
    ids = sorted({ticket_id for (ticket_id,) in cr.fetchall()})
    for start in range(0, len(ids), BATCH_SIZE):
        tickets = env["telecom.ticket"].browse(ids[start : start + BATCH_SIZE])
        tickets._rebuild_sla()
        for ticket in tickets.filtered(lambda ticket: not ticket.is_done):
            # What the customer asked since the ticket was reopened had no clock.
            terms = ticket.sla_term_id._get_terms()
            if ticket._log_missed_events(ticket._get_sla_clocks(), terms):
                ticket._rebuild_sla()
        env.cr.flush()
        env.invalidate_all()
