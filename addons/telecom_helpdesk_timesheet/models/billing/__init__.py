from . import (
    analytic_line_billing,
    analytic_line_charges,
    billing_lock,
    billing_report,
    billing_run,
    billing_preview,
    billing_run_line,
    billing_run_line_invoice,
    billing_share,
    time_release,
)
