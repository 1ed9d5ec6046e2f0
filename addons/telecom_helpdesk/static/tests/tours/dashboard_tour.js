import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("telecom_helpdesk_dashboard", {
    url: "/odoo/helpdesk",
    steps: () => [
        {
            content: "What needs me first is on top",
            trigger: ".o_telecom_dashboard_ticket:contains('Waits for your answer'):contains('No dial tone')",
        },
        {
            content: "A number opens its list",
            trigger: ".card:contains('Voice') [data-tile='unassigned']:contains('1')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Dropped calls')",
        },
        {
            trigger: ".o_list_view .o_searchview_facet:contains('Unassigned')",
        },
        {
            content: "Back home",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('Overview')",
            run: "click",
        },
        {
            content: "Going to lunch",
            trigger: ".o_control_panel .form-switch input:checked",
            run: "click",
        },
        {
            trigger: ".o_control_panel .form-switch input:not(:checked)",
        },
        {
            content: "Take the next ticket",
            trigger: "button:contains('Take the Next Ticket')",
            run: "click",
        },
        {
            content: "It is mine",
            trigger: ".o_form_view .o_field_widget[name='user_id'] input:value('Vera Voice')",
        },
    ],
});
