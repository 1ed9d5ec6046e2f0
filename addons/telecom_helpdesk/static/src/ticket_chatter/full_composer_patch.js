import { onWillUnmount } from "@odoo/owl";
import { MailComposerFormController } from "@mail/chatter/web/mail_composer_form";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { confirmDespiteNewAnswers } from "./new_answers";

/** The composer in its large form is one for tickets as well. */
patch(MailComposerFormController.prototype, {
    setup() {
        super.setup();
        const { default_model, default_res_ids, default_subtype_xmlid } = this.props.context;
        if (
            default_model !== "telecom.ticket" ||
            default_res_ids?.length !== 1 ||
            default_subtype_xmlid === "mail.mt_note"
        ) {
            return;
        }
        const [ticketId] = default_res_ids;
        const presence = useService("telecom_ticket_presence");
        this.telecomServices = { dialog: useService("dialog"), orm: useService("orm") };
        this.telecomThread = this.mailStore.Thread.insert({ model: default_model, id: ticketId });
        this.telecomThread.composer.telecomSeenId ??=
            this.telecomThread.newestPersistentMessage?.id;
        presence.setWriting(ticketId, "full composer", true);
        onWillUnmount(() => presence.setWriting(ticketId, "full composer", false));
    },

    async beforeExecuteActionButton(clickParams) {
        if (
            this.telecomThread &&
            clickParams.name === "action_send_mail" &&
            !(await confirmDespiteNewAnswers(this.telecomThread, this.telecomServices))
        ) {
            return false;
        }
        return super.beforeExecuteActionButton(...arguments);
    },
});
