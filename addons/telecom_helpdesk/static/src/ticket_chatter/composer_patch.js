import { Composer } from "@mail/core/common/composer";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { confirmDespiteNewAnswers } from "./new_answers";

patch(ComposerModel.prototype, {
    setup() {
        super.setup();
        /** @type {number|undefined} Newest message that was there when a ticket's composer opened */
        this.telecomSeenId = undefined;
    },
});

patch(Composer.prototype, {
    /** @returns {"message"|"note"|false} what a ticket's own composer writes */
    get telecomType() {
        const isTicket = this.thread?.model === "telecom.ticket";
        return isTicket && !this.props.composer.message && this.props.type;
    },

    get placeholder() {
        if (this.props.placeholder || !this.telecomType) {
            return super.placeholder;
        }
        return this.telecomType === "note"
            ? _t("Write a note to your colleagues…")
            : _t("Write your reply…");
    },

    get SEND_TEXT() {
        if (!this.telecomType) {
            return super.SEND_TEXT;
        }
        return this.telecomType === "note" ? _t("Save internal note") : _t("Send reply");
    },

    async sendMessage() {
        if (this.telecomType !== "message") {
            return super.sendMessage(...arguments);
        }
        // A second click while the server is asked sends nothing twice.
        if (this.isAskingTelecom || this.isSendButtonDisabled) {
            return;
        }
        this.isAskingTelecom = true;
        try {
            if (!(await confirmDespiteNewAnswers(this.thread, this.env.services))) {
                return;
            }
        } finally {
            this.isAskingTelecom = false;
        }
        return super.sendMessage(...arguments);
    },
});
