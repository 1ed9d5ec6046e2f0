from . import (
    agent,
    agent_people,
    ticket_team,
    ticket_team_availability,
    ticket_dashboard,
)
