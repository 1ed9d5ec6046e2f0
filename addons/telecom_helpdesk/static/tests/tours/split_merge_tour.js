import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("telecom_helpdesk_split_merge", {
    steps: () => [
        {
            trigger: ".o_telecom_message_customer:contains('an invoice is missing')",
            run: "hover && click .o-mail-Message:contains('an invoice is missing') [title='Expand']",
        },
        {
            trigger: ".o-dropdown-item:contains('Split into a new ticket')",
            run: "click",
        },
        {
            content: "The dialog shows the message",
            trigger: ".modal:contains('an invoice is missing') .o_field_widget[name='name'] input",
            run: "edit Invoice missing",
        },
        {
            trigger: ".modal button[name='action_split']",
            run: "click",
        },
        {
            content: "The new ticket opens, with the message in its thread",
            trigger:
                ".o_form_view:contains('Invoice missing') .o_telecom_message_customer:contains('an invoice is missing')",
        },
        {
            content: "Back to the ticket that it was split from",
            trigger: ".o-mail-Message a[data-oe-model='telecom.ticket']",
            run: "click",
        },
        {
            trigger: ".o_form_view .o-mail-Message:contains('was split off into')",
        },
        {
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains('Merge…')",
            run: "click",
        },
        {
            trigger: ".modal:contains('cannot be undone') .o_field_widget[name='target_id'] input",
            run: "edit older",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('The older one')",
            run: "click",
        },
        {
            trigger: ".modal button[name='action_merge']",
            run: "click",
        },
        {
            content: "The ticket that stays opens",
            trigger: ".o_form_view:contains('The older one') .o-mail-Message:contains('Merged into this ticket')",
        },
        {
            content: "The merged one leads to it, and nothing is written there any more",
            trigger: ".o-mail-Message:contains('Merged into this ticket') a[data-oe-model='telecom.ticket']",
            run: "click",
        },
        {
            trigger: ".o_form_view .alert:contains('Merged into'):contains('The older one')",
        },
        {
            trigger: ".o-mail-Chatter:not(:has(.o-mail-Chatter-sendMessage))",
        },
    ],
});
