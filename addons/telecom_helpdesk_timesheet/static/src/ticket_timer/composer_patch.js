import { Composer } from "@mail/core/common/composer";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

const LONGEST = 1440;

patch(ComposerModel.prototype, {
    setup() {
        super.setup();
        /** Minutes to log with the message, as they were typed */
        this.telecomMinutes = "";
        /** Whether they are what the user's timer counted */
        this.telecomIsTimer = false;
    },
});

patch(Composer.prototype, {
    /** @returns {boolean} whether time can be logged with what is written here */
    get telecomLogsTime() {
        return Boolean(this.telecomType && this.env.services.telecom_ticket_timers.isAgent);
    },

    /** @returns {number|undefined} minutes on the user's timer on this ticket */
    get telecomTimerMinutes() {
        const timers = this.env.services.telecom_ticket_timers;
        const timer = timers.get(this.thread.id);
        return timer && Math.max(1, Math.round(timers.getSeconds(timer) / 60));
    },

    useTelecomTimer() {
        this.props.composer.telecomMinutes = String(this.telecomTimerMinutes);
        this.props.composer.telecomIsTimer = true;
    },

    onInputTelecomMinutes(ev) {
        this.props.composer.telecomMinutes = ev.target.value;
    },

    get isTelecomMinutesWrong() {
        const text = this.props.composer.telecomMinutes.trim();
        return text !== "" && !(/^\d{1,4}$/.test(text) && 0 < Number(text) && Number(text) <= LONGEST);
    },

    async sendMessage() {
        if (this.telecomLogsTime && this.isTelecomMinutesWrong) {
            this.env.services.notification.add(_t("Log whole minutes, from 1 to 1440."), {
                type: "danger",
            });
            return;
        }
        return super.sendMessage(...arguments);
    },

    get postData() {
        const { telecomMinutes, telecomIsTimer } = this.props.composer;
        return {
            ...super.postData,
            telecomMinutes: this.telecomLogsTime ? Number(telecomMinutes) : 0,
            telecomIsTimer,
        };
    },

    async _sendMessage() {
        const message = await super._sendMessage(...arguments);
        this.props.composer.telecomMinutes = "";
        this.props.composer.telecomIsTimer = false;
        return message;
    },
});

patch(Store.prototype, {
    async getMessagePostParams({ postData }) {
        const params = await super.getMessagePostParams(...arguments);
        if (postData.telecomMinutes) {
            params.post_data.telecom_minutes = postData.telecomMinutes;
            params.post_data.telecom_timer = postData.telecomIsTimer;
        }
        return params;
    },
});
