import { registry } from "@web/core/registry";

const row = (text) => `.o_data_row:contains('${text}')`;

registry.category("web_tour.tours").add("telecom_helpdesk_time_review", {
    steps: () => [
        {
            trigger: ".o_group_header:contains('ACME')",
            run: "click",
        },
        {
            trigger: `${row("Reset the port")} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: `${row("Line test")} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Both at once",
            trigger: "button[name='action_approve']",
            run: "click",
        },
        {
            content: "What is approved is not to be reviewed any more",
            trigger: `.o_list_view:not(:has(${row("Line test")})) ${row("Had a look")} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: "button[name='action_reject']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit At what?",
        },
        {
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent:contains('Nothing to review')",
        },
    ],
});

registry.category("web_tour.tours").add("telecom_helpdesk_bill_time", {
    steps: () => [
        {
            content: "Two customers: 1:15 h of one, and what the other lacks",
            trigger: `.modal ${row("ACME")}:contains('New invoice'):contains('01:15'):contains('100.00')`,
        },
        {
            trigger: `.modal ${row("Globex")}:contains('no invoicing address')`,
        },
        {
            trigger: ".modal button[name='action_bill']",
            run: "click",
        },
        {
            trigger: `.o_form_view ${row("ACME")}:contains('Billed')`,
        },
        {
            trigger: `.o_form_view ${row("Globex")}:contains('Left'):contains('no invoicing address')`,
        },
        {
            trigger: "button[name='action_open_invoices']",
            run: "click",
        },
        {
            trigger: `${row("ACME")} td[name='invoice_partner_display_name']`,
            run: "click",
        },
        {
            trigger: ".o_form_view [name='invoice_line_ids']:contains('No dial tone')",
        },
        {
            content: "From the invoice to the work",
            trigger: "button[name='action_open_support_time']",
            run: "click",
        },
        {
            trigger: `${row("Reset the port")} button[name='action_open_billed_ticket']`,
            run: "click",
        },
        {
            content: "to the ticket, and back",
            trigger: ".o_form_view:contains('No dial tone') button[name='action_open_invoices']",
            run: "click",
        },
        {
            trigger: ".o_form_view [name='invoice_line_ids']:contains('No dial tone')",
        },
    ],
});
