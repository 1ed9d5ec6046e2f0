from . import (
    # These make what others here extend or inherit.
    guard_mixin,
    # alphabetical
    cached_mixin,
    configuration_mixin,
    due_base,
    due_mixin,
    due_step_mixin,
    guard_values,
    phone_mixin,
    planning_mixin,
    wizard_mixin,
)
