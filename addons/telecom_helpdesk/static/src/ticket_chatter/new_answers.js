import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";

/** Whether `message` is somebody else's public answer, which one's own could cross. */
export function isAnswerOfOthers(message) {
    return (
        ["reply", "customer", "supplier"].includes(message.telecom_kind) && !message.isSelfAuthored
    );
}

/**
 * Ask the server, since the bus may be down, whether the ticket was answered after the
 * composer was opened, and then the user whether to send all the same. Asks once for each
 * new answer.
 *
 * @param {import("models").Thread} thread
 * @returns {Promise<boolean>} whether to send
 */
export async function confirmDespiteNewAnswers(thread, { dialog, orm }) {
    const composer = thread.composer;
    if (composer.telecomSeenId === undefined) {
        return true;
    }
    const answers = await orm.call(thread.model, "get_new_answers", [
        [thread.id],
        composer.telecomSeenId,
    ]);
    if (!answers.length) {
        return true;
    }
    thread.fetchNewMessages();
    const isConfirmed = await new Promise((resolve) =>
        dialog.add(
            ConfirmationDialog,
            {
                title: _t("This ticket was answered meanwhile"),
                body: _t(
                    "%(authors)s wrote on this ticket after you began your answer. Send yours all the same?",
                    { authors: [...new Set(answers.map(({ author }) => author))].join(", ") }
                ),
                // The safe choice comes first and has the focus.
                confirmLabel: _t("Read first"),
                confirm: () => resolve(false),
                dismiss: () => resolve(false),
                cancelLabel: _t("Send anyway"),
                cancel: () => resolve(true),
            },
            { onClose: () => resolve(false) }
        )
    );
    composer.telecomSeenId = answers.at(-1).id;
    return isConfirmed;
}
