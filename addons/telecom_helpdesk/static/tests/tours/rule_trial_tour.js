import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("telecom_helpdesk_rule_trial", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: "[name=name] input",
            run: "edit Outages are critical",
        },
        {
            trigger: "[name=keywords] textarea",
            run: "edit outage",
        },
        {
            content: "The rule is tried while nothing of it is saved",
            trigger: ".o_telecom_rule_dry_run",
            run: "click",
        },
        {
            trigger: ".o_telecom_rule_dry_run_result:contains('Total outage in Lyon')",
        },
        {
            trigger: ".o_telecom_rule_dry_run_result td:contains('found in the subject')",
        },
        {
            trigger: ".modal .btn-close, .modal .oi-arrow-left",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) [name=set_minimum_priority] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Critical')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});
