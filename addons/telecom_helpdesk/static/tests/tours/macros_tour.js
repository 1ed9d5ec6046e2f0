import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("telecom_helpdesk_macros", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons button:contains('Macros')",
            run: "click",
        },
        {
            content: "The menu says what each does",
            trigger: ".o_telecom_macros .dropdown-item:contains('It works again'):contains('Resolved')",
        },
        {
            trigger: ".o_telecom_macros .dropdown-item:contains('Say hello')",
            run: "click",
        },
        {
            content: "The answer is in the thread",
            trigger: ".o_telecom_message_reply:contains('Hello Carla Contact')",
        },
        {
            content: "The ticket is mine",
            trigger: ".o_field_widget[name='user_id'] input:value('Vera Voice')",
        },
        {
            trigger: ".o_statusbar_buttons button:contains('Macros')",
            run: "click",
        },
        {
            trigger: ".o_telecom_macros .dropdown-item:contains('It works again')",
            run: "click",
        },
        {
            content: "It is read before it is sent",
            trigger: ".modal .odoo-editor-editable:contains('Your service works again')",
        },
        {
            trigger: ".modal:contains('On sending'):contains('Resolved') button[name='action_send_mail']",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_reply:contains('Your service works again')",
        },
        {
            trigger: ".o_arrow_button_current:contains('Resolved')",
        },
    ],
});

registry.category("web_tour.tours").add("telecom_helpdesk_canned", {
    steps: () => [
        {
            trigger: "button:contains('Reply to customer')",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit ::line",
        },
        {
            trigger: ".o-mail-Composer-suggestion:contains('Your line is in good order')",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input:value('Your line is in good order')",
        },
        {
            trigger: ".o-mail-Composer-send:contains('Send reply'):enabled",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_reply:contains('Your line is in good order')",
        },
    ],
});
