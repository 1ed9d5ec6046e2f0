import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { ComposerBanner } from "./composer_banner";

Object.assign(Chatter.components, { TelecomComposerBanner: ComposerBanner });

patch(Chatter.prototype, {
    get isTelecomTicket() {
        return this.props.threadModel === "telecom.ticket";
    },

    /** What is written on a merged ticket would be read by nobody: it goes on elsewhere. */
    get isTelecomMerged() {
        return this.isTelecomTicket && Boolean(this.props.record?.data.merged_into_id);
    },
});
