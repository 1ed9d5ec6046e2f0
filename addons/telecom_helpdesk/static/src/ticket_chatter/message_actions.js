import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

const SPLITTABLE = ["customer", "note", "supplier"];

registerMessageAction("telecom-split", {
    condition: ({ message, thread }) =>
        thread?.model === "telecom.ticket" &&
        thread.hasWriteAccess &&
        SPLITTABLE.includes(message.telecom_kind),
    icon: "fa fa-code-fork",
    name: _t("Split into a new ticket"),
    onSelected: ({ message, store, thread }) =>
        store.env.services.action.doAction("telecom_helpdesk.telecom_ticket_split_action", {
            additionalContext: { default_message_id: message.id },
            onClose: () => thread.fetchNewMessages(),
        }),
    sequence: 75,
});
