import { useState } from "@odoo/owl";
import { Composer } from "@mail/core/common/composer";
import { Composer as ComposerModel } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { readTimer } from "./timer_service";

const LONGEST = 24 * 60; // minutes, as on the server

patch(ComposerModel.prototype, {
    setup() {
        super.setup();
        /** @type {string} Minutes to log with what is written, as they were typed */
        this.telecomMinutes = "";
        /** Whether they are what the user's timer on the ticket has measured */
        this.telecomUseTimer = false;
    },

    clear() {
        super.clear();
        this.telecomMinutes = "";
        this.telecomUseTimer = false;
    },
});

patch(Store.prototype, {
    async getMessagePostParams({ postData }) {
        const params = await super.getMessagePostParams(...arguments);
        if (postData.telecomMinutes) {
            params.post_data.telecom_minutes = postData.telecomMinutes;
            params.post_data.telecom_timer = postData.telecomUseTimer;
        }
        return params;
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup();
        this.telecomTimers = useService("telecom_ticket_timers");
        this.telecomTimerState = useState(this.telecomTimers.state);
    },

    get hasTelecomMinutes() {
        return Boolean(this.telecomType) && this.telecomTimers.isAgent;
    },

    get telecomTimer() {
        return this.telecomTimerState.timers.find((timer) => timer.ticket_id === this.thread.id);
    },

    get isTelecomMinutesWrong() {
        const minutes = this.props.composer.telecomMinutes.trim();
        return Boolean(minutes) && !(/^\d+$/.test(minutes) && minutes > 0 && minutes <= LONGEST);
    },

    onInputTelecomMinutes(ev) {
        const composer = this.props.composer;
        composer.telecomMinutes = ev.target.value;
        composer.telecomUseTimer &&= Boolean(this.telecomTimer && ev.target.value.trim());
    },

    useTelecomTimer() {
        const minutes = Math.max(1, Math.round(readTimer(this.telecomTimer) / 60));
        this.props.composer.telecomMinutes = String(minutes);
        this.props.composer.telecomUseTimer = true;
    },

    get postData() {
        const postData = super.postData;
        if (this.hasTelecomMinutes) {
            postData.telecomMinutes = this.props.composer.telecomMinutes.trim();
            postData.telecomUseTimer = this.props.composer.telecomUseTimer;
        }
        return postData;
    },

    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (!this.hasTelecomMinutes) {
            return context;
        }
        const { telecomMinutes, telecomUseTimer } = this.props.composer;
        return {
            ...context,
            default_telecom_minutes: telecomMinutes.trim(),
            default_telecom_timer: telecomUseTimer,
        };
    },

    async sendMessage() {
        if (this.hasTelecomMinutes && this.isTelecomMinutesWrong) {
            this.env.services.notification.add(
                _t(
                    "“%(minutes)s” is no number of minutes. Enter a whole number from 1 to %(maximum)s, or leave it empty.",
                    { minutes: this.props.composer.telecomMinutes, maximum: LONGEST }
                ),
                { type: "danger" }
            );
            return;
        }
        try {
            await super.sendMessage(...arguments);
        } catch (error) {
            // Nothing was posted: what is written stays, and can be sent again.
            this.state.active = true;
            throw error;
        }
    },
});
