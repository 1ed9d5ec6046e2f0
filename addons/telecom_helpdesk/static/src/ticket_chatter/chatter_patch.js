import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { ComposerBanner } from "./composer_banner";

Object.assign(Chatter.components, { TelecomComposerBanner: ComposerBanner });

patch(Chatter.prototype, {
    get isTelecomTicket() {
        return this.props.threadModel === "telecom.ticket";
    },
});
