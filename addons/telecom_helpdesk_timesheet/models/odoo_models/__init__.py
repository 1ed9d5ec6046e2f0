from . import (
    account_analytic_account,
    account_analytic_line,
    account_move,
    account_move_line,
    hr_employee,
    ir_http,
    product_product,
    product_template,
    project_project,
    res_company,
    res_partner,
    res_users,
)
