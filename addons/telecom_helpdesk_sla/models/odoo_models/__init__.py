from . import (
    res_users,
    resource_calendar,
)
