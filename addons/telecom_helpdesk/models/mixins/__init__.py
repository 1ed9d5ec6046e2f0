from . import (
    guard_mixin,
    guard_values,
    wizard_mixin,
    cached_mixin,
    matching_mixin,
    configuration_mixin,
    due_base,
    due_mixin,
    due_step_mixin,
    planning_mixin,
    phone_mixin,
)
