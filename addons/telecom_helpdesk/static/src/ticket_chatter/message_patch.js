import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";
import { getMessageKind } from "./message_kind";

const BUBBLE_COLORS = { reply: "green", automatic: "green", customer: "blue", supplier: "blue" };

patch(MessageModel.prototype, {
    /** Messages of our side and of the customer's, whoever of us wrote them. */
    get bubbleColor() {
        return this.telecom_kind ? BUBBLE_COLORS[this.telecom_kind] : super.bubbleColor;
    },
});

patch(Message.prototype, {
    get telecomKind() {
        return getMessageKind(this.message);
    },

    get attClass() {
        const attClass = super.attClass;
        const kind = this.telecomKind;
        return kind ? { ...attClass, [kind.className]: true } : attClass;
    },

    get messageTypeText() {
        return this.telecomKind?.label ?? super.messageTypeText;
    },
});
