"""What the operator promises, told after the stories were lived: as if it had always been so."""

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES


def load(env):
    """Promise every ticket of the operator what its policy says, from its creation on."""
    tickets = env["telecom.ticket"].search(
        [("company_id", "=", env.company.id), ("sla_term_id", "=", False)]
    )
    other = tickets._find_other_terms()
    tickets = tickets.browse(other)
    tickets._take_terms(other, quiet=True)
    for ticket in tickets:
        log_responses(ticket)
    tickets._rebuild_sla()
    tickets._advance_sla(tickets._due_now())


def log_responses(ticket):
    """Log who waited for whom after the first question, as the conversation tells it."""
    events = ticket.env["telecom.sla.event"]
    known = {(event.kind, event.at) for event in events.search([("ticket_id", "=", ticket.id)])}
    story = [
        (message.date, "answered" if ticket._speaks_for_us(message.author_id) else "asked")
        for message in ticket.message_ids
        if ticket._is_public(message) and not ticket._is_automatic(message)
    ]
    story += [(row.at, "ended") for row in ticket.transition_ids if row.state_to in DONE_STATES]
    is_answered, is_waiting = False, True
    for at, kind in sorted(story):
        if kind == "asked":
            is_news, is_waiting = not is_waiting, True
        else:
            is_news = kind == "answered" and (is_waiting or not is_answered)
            is_answered, is_waiting = is_answered or kind == "answered", False
        if is_news and (kind, at) not in known:
            events._log(ticket, at, kind)
