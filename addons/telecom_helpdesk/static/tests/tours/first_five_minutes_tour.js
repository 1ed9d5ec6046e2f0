import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("telecom_helpdesk_first_five_minutes", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the helpdesk",
            trigger: ".o_app[data-menu-xmlid='telecom_helpdesk.telecom_helpdesk_menu']",
            run: "click",
        },
        {
            content: "Go to the board",
            trigger: "button[data-menu-xmlid='telecom_helpdesk.telecom_ticket_menu']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='telecom_helpdesk.telecom_ticket_menu_all']",
            run: "click",
        },
        {
            content: "Open the ticket",
            trigger: ".o_kanban_group:contains('New') .o_kanban_record:contains('No dial tone')",
            run: "click",
        },
        {
            content: "Take it",
            trigger: "button[name='action_assign_to_me']",
            run: "click",
        },
        {
            content: "It is mine",
            trigger: ".o_field_widget[name='user_id'] input:value('Vera Voice')",
        },
        {
            content: "Leave a note",
            trigger: "button:contains('Internal note')",
            run: "click",
        },
        {
            content: "It is for colleagues",
            trigger: ".o_telecom_note:contains('Only colleagues see this')",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit The exchange is in alarm",
        },
        {
            trigger: ".o-mail-Composer-send:contains('Save internal note'):enabled",
            run: "click",
        },
        {
            content: "The thread labels it a note",
            trigger:
                ".o_telecom_message_note:contains('The exchange is in alarm') .o_telecom_message_label:contains('Internal note')",
        },
        {
            content: "Answer the customer",
            trigger: "button:contains('Reply to customer')",
            run: "click",
        },
        {
            content: "The customer will get it",
            trigger:
                ".o_telecom_reply:contains('Carla Contact'):contains('carla.contact@customer.example.com')",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit We are mending it",
        },
        {
            trigger: ".o-mail-Composer-send:contains('Send reply'):enabled",
            run: "click",
        },
        {
            content: "The thread labels it a reply",
            trigger:
                ".o_telecom_message_reply:contains('We are mending it') .o_telecom_message_label:contains('Public reply')",
        },
        {
            content: "The form knows that the ticket waits for the customer now",
            trigger: ".o_arrow_button_current:contains('Waiting for Customer')",
        },
        {
            content: "It is mended",
            trigger: "button[name='action_resolve']",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('Resolved')",
        },
    ],
});
