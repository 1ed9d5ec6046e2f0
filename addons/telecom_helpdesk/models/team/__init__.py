from . import (
    # These make what others here extend or inherit.
    ticket_team,
    # alphabetical
    agent,
    agent_people,
    res_users_leaving,
    ticket_dashboard,
    ticket_team_availability,
)
