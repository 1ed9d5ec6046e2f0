def post_init_hook(env):
    """Give every company the project that its support time is booked on."""
    env["res.company"].search([])._create_support_project()
