import { registry } from "@web/core/registry";

// What the colleague does, the test does on the server when this page speaks up there.
registry.category("web_tour.tours").add("telecom_helpdesk_presence", {
    steps: () => [
        {
            content: "The colleague, who came after us, is announced by the bus",
            trigger: ".o_telecom_presence_colleague:contains('Mona Manager is viewing')",
        },
        {
            trigger: "button:contains('Reply to customer')",
            run: "click",
        },
        {
            trigger: ".o-mail-Chatter:not(:has(.o_telecom_collision))",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit About two hours",
        },
        {
            content: "The colleague begins to write as well",
            trigger: ".o_telecom_presence_colleague:contains('Mona Manager is writing an answer')",
        },
        {
            content: "The composer warns",
            trigger: ".o_telecom_collision:contains('Mona Manager is writing an answer too')",
        },
        {
            content: "The colleague sends a moment before we do",
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            content: "Nothing is sent unasked",
            trigger: ".modal:contains('Mona Manager wrote on this ticket') button:contains('Read first')",
            run: "click",
        },
        {
            content: "The colleague's answer is in the thread, ours is not",
            trigger:
                ".o-mail-Thread:not(:contains('About two hours')) .o_telecom_message_reply:contains('An hour at most')",
        },
        {
            content: "The form follows what the colleague's answer did to the ticket",
            trigger: ".o_arrow_button_current:contains('Waiting for Customer')",
        },
        {
            content: "The colleague has left",
            trigger: ".o_form_view:not(:has(.o_telecom_presence_colleague))",
        },
        {
            content: "Having read it, we correct ours and are not asked again",
            trigger: ".o-mail-Composer-input",
            run: "edit More news at noon",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o_telecom_message_reply:contains('More news at noon')",
        },
    ],
});
