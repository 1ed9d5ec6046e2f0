# One file for each model of Odoo: all that works otherwise there is to be seen in it.
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
