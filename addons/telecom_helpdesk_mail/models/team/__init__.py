from . import (
    company_partner,
    ticket_team,
    ticket_team_address,
)
