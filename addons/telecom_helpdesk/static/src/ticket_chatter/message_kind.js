import { _t } from "@web/core/l10n/translation";

const KINDS = {
    note: { icon: "fa-lock", label: _t("Internal note") },
    reply: { icon: "fa-reply", label: _t("Public reply") },
    customer: { icon: "fa-user", label: _t("Customer") },
    supplier: { icon: "fa-truck", label: _t("Supplier") },
    automatic: { icon: "fa-cog", label: _t("Automatic message") },
};

/**
 * How to mark a message in a ticket's thread, so that nobody takes a note for a reply.
 *
 * @param {import("models").Message} message
 * @returns {{className: string, icon: string, label: string}|undefined} nothing for messages
 *  of other threads and for what the system logged
 */
export function getMessageKind({ telecom_kind: kind }) {
    return KINDS[kind] && { ...KINDS[kind], className: `o_telecom_message_${kind}` };
}
