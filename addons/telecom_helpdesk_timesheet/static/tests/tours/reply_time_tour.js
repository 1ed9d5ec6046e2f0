import { registry } from "@web/core/registry";

const minutes = ".o-mail-Composer .o_telecom_reply_minutes";

registry.category("web_tour.tours").add("telecom_helpdesk_reply_time", {
    steps: () => [
        {
            trigger: "button:contains('Reply to customer')",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit It works again",
        },
        {
            trigger: minutes,
            run: "edit ten",
        },
        {
            trigger: `${minutes}.is-invalid`,
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            content: "Nonsense is refused; what was written stays",
            trigger: ".o_notification:contains('“ten” is no number of minutes')",
        },
        {
            trigger: ".o-mail-Composer-input:value(It works again)",
        },
        {
            trigger: minutes,
            run: "edit 10",
        },
        {
            content: "The server refuses it once, for reasons of its own",
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".modal:contains('has no employee record') .modal-footer button",
            run: "click",
        },
        {
            content: "Nothing is lost, and it can be sent again",
            trigger: "body:not(:has(.modal)) .o-mail-Composer-input:value(It works again):not([readonly])",
        },
        {
            trigger: `${minutes}:value(10)`,
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_reply:contains('It works again')",
        },
        {
            content: "A note takes the time of the timer",
            trigger: "button:contains('Internal note')",
            run: "click",
        },
        {
            trigger: `${minutes}:value()`,
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit The port was stuck",
        },
        {
            trigger: ".o_telecom_use_timer",
            run: "click",
        },
        {
            trigger: `${minutes}:value(30)`,
        },
        {
            content: "So does the large composer, which takes over what was entered",
            trigger: "button[name='open-full-composer']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='telecom_minutes'] input:value(30)",
        },
        {
            trigger: ".modal:contains('Your timer on this ticket ends by it')",
        },
        {
            trigger: ".modal button[name='action_send_mail']:contains('Log')",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_note:contains('The port was stuck')",
        },
        {
            trigger: ".o_telecom_ticket_head .o_telecom_timer[data-look='none']",
        },
    ],
});
