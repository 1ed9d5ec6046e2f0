from . import (
    # These make what others here extend or inherit.
    billing_run,
    # alphabetical
    analytic_line_billing,
    analytic_line_billing_share,
    analytic_line_charges,
    billing_lock,
    billing_preview,
    billing_report,
    billing_run_line,
    billing_run_line_invoice,
    billing_run_schedule,
    credit_note,
    invoice_line,
    invoice_support_time,
    invoice_taken_off,
    time_release,
)
