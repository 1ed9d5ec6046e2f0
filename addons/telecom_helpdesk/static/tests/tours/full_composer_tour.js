import { registry } from "@web/core/registry";

// The colleague answers, on the server, when this page asks whether anybody did.
registry.category("web_tour.tours").add("telecom_helpdesk_full_composer", {
    steps: () => [
        {
            trigger: "button:contains('Reply to customer')",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit About two hours",
        },
        {
            trigger: "button[name='open-full-composer']",
            run: "click",
        },
        {
            content: "The large composer says who will read it",
            trigger: ".modal .o_telecom_reply:contains('Reply to customer')",
        },
        {
            trigger: ".modal .odoo-editor-editable:contains('About two hours')",
        },
        {
            trigger: ".modal button[name='action_send_mail']:contains('Send')",
            run: "click",
        },
        {
            trigger: ".modal:contains('Mona Manager wrote on this ticket') button:contains('Send anyway')",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_reply:contains('About two hours')",
        },
    ],
});
