"""What the operator promises, told after the stories were lived: as if it had always been so."""


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
    """Log who waited for whom after the first answer, as the conversation tells it."""
    events = ticket.env["telecom.sla.event"]
    known = {(event.kind, event.at) for event in events.search([("ticket_id", "=", ticket.id)])}
    answered, asked = False, False
    for message in ticket.message_ids.sorted("date"):
        if not ticket._is_public(message) or ticket._is_automatic(message):
            continue
        is_answer = ticket._is_agent(message.author_id)
        kind = "answered" if is_answer and (asked or not answered) else None
        if not is_answer and answered and not asked:
            kind = "asked"
        answered, asked = answered or is_answer, not is_answer and (asked or answered)
        if kind and (kind, message.date) not in known:
            events._log(ticket, message.date, kind)
