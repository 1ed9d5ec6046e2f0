import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { isHtmlEmpty } from "@web/core/utils/html";
import { isAnswerOfOthers } from "./new_answers";

/**
 * Says, over the open composer of a ticket, who will read what is being written; warns of
 * colleagues who are answering too, and of answers that came while this one was written.
 */
export class ComposerBanner extends Component {
    static template = "telecom_helpdesk.ComposerBanner";
    static props = {
        thread: Object,
        type: { validate: (type) => ["message", "note"].includes(type) },
    };

    setup() {
        this.orm = useService("orm");
        this.presence = useService("telecom_ticket_presence");
        this.onTickets = useState(this.presence.colleagues);
        /** Partner id -> whether they are outside the company. */
        this.isShared = useState({});
        useEffect(
            (thread, type, isLoaded) => {
                if (isLoaded) {
                    this.composer.telecomSeenId = thread.newestPersistentMessage?.id ?? 0;
                }
            },
            () => [this.props.thread, this.props.type, this.props.thread.isLoaded]
        );
        useEffect(
            (ticketId, isWriting) => this.presence.setWriting(ticketId, "composer", isWriting),
            () => [this.props.thread.id, this.isReply && !isHtmlEmpty(this.composer.composerHtml)]
        );
        useEffect(
            (isReply) => {
                if (isReply) {
                    this.lookUpPartners();
                }
            },
            () => [this.isReply, this.unknownPartnerIds.join()]
        );
        onWillUnmount(() => {
            this.composer.telecomSeenId = undefined;
            this.presence.setWriting(this.props.thread.id, "composer", false);
        });
    }

    get composer() {
        return this.props.thread.composer;
    }

    get isReply() {
        return this.props.type === "message";
    }

    /** Everybody who gets the reply: followers, and those in the field To. */
    get recipients() {
        const { additionalRecipients, recipients, suggestedRecipients } = this.props.thread;
        const byKey = new Map();
        for (const { partner_id: partner } of recipients) {
            byKey.set(partner.id, {
                partnerId: partner.id,
                name: partner.name,
                email: partner.email,
                isOutside: partner.main_user_id?.share ?? true,
            });
        }
        for (const { display_name, email, name, partner_id } of [
            ...suggestedRecipients,
            ...additionalRecipients,
        ]) {
            const key = partner_id || email;
            if (!byKey.has(key)) {
                byKey.set(key, {
                    partnerId: partner_id,
                    name: name || display_name || email,
                    email,
                    isOutside: partner_id ? this.isShared[partner_id] : true,
                });
            }
        }
        return [...byKey.values()];
    }

    get unknownPartnerIds() {
        return this.recipients
            .filter(({ isOutside }) => isOutside === undefined)
            .map(({ partnerId }) => partnerId);
    }

    get outside() {
        return this.recipients.filter(({ email, isOutside }) => isOutside && email);
    }

    get moreOutside() {
        return _t(" and %(count)s more", { count: this.outside.length - 3 });
    }

    get withoutEmail() {
        return this.recipients.filter(({ email, isOutside }) => isOutside && !email);
    }

    get inside() {
        return this.recipients.filter(({ isOutside }) => isOutside === false);
    }

    get writers() {
        const colleagues = this.onTickets[this.props.thread.id] ?? [];
        return this.isReply ? colleagues.filter(({ mode }) => mode === "writing") : [];
    }

    /** Answers that arrived since the composer was opened. */
    get newAnswers() {
        const since = this.composer.telecomSeenId;
        if (!this.isReply || since === undefined) {
            return [];
        }
        return this.props.thread.messages.filter(
            (message) => message.id > since && isAnswerOfOthers(message)
        );
    }

    namesOf(recipients) {
        return recipients.map(({ name }) => name).join(", ");
    }

    async lookUpPartners() {
        const ids = this.unknownPartnerIds;
        if (!ids.length) {
            return;
        }
        const partners = await this.orm.silent.read("res.partner", ids, ["partner_share"]);
        for (const { id, partner_share } of partners) {
            this.isShared[id] = partner_share;
        }
    }
}
