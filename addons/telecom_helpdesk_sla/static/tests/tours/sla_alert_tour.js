import { registry } from "@web/core/registry";

// The scheduled action runs on the server as soon as this page shows the ticket.
registry.category("web_tour.tours").add("telecom_helpdesk_sla_alert", {
    steps: () => [
        {
            content: "A breach is announced, for screen readers too, and stays",
            trigger:
                ".o_telecom_sla_alert[role=alert]:contains('SLA breached'):contains('First line down'):contains('Resolution within 8 h') .bg-danger",
        },
        {
            content: "Many are three, and one for the rest",
            trigger:
                ".o_notification_manager:has(.o_telecom_sla_alert:nth-child(4)) .o_telecom_sla_alert:contains('at risk or late: 2')",
        },
        {
            content: "One leads to its ticket",
            trigger: ".o_telecom_sla_alert:contains('First line down') button:contains('Open Ticket')",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_last_breadcrumb_item:contains('First line down'), .o_form_view:has(.o_field_widget[name=name] input:value('First line down')), .o_form_view .o_breadcrumb:contains('First line down')",
        },
        {
            trigger: ".o_notification_manager:not(:has(.o_telecom_sla_alert:contains('First line down')))",
        },
        {
            content: "The rest is a list",
            trigger: ".o_telecom_sla_alert:contains('at risk or late: 2') button:contains('Show')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:nth-child(2)",
        },
        {
            trigger: ".o_list_view:not(:has(.o_data_row:nth-child(3)))",
        },
    ],
});
