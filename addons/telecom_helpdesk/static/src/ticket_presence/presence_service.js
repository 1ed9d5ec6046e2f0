import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

const MODEL = "telecom.ticket.presence";
// The server forgets who has not spoken for 60 seconds (LIFETIME in ticket_presence.py).
export const HEARTBEAT = 25000;

/**
 * @typedef {Object} Colleague somebody else who has the ticket on their screen
 * @property {number} user_id
 * @property {string} name
 * @property {"viewing"|"writing"} mode
 */

/**
 * Reports to the server which tickets this page shows and replies to, and knows who else has them
 * open. The bus brings what changes; the answer to each heartbeat is the whole truth,
 * so that somebody whose browser died is gone after a minute.
 */
export class TicketPresence {
    constructor(env, { bus_service, "mail.store": store, orm }) {
        this.bus = bus_service;
        this.orm = orm.silent;
        this.store = store;
        /** Tickets on this page: id -> {holders, writers, mode, heardAt} */
        this.pages = new Map();
        /** @type {Object<number, Colleague[]>} ticket id -> others on it, writers first */
        this.colleagues = reactive({});
        /** Called with the ticket's id when somebody wrote on it */
        this.listeners = new Set();
        bus_service.subscribe("telecom.ticket/presence", (change) => this.onChange(change));
        bus_service.subscribe("telecom.ticket/message", (news) => this.onMessage(news));
        browser.addEventListener("pagehide", () => this.onPageHide());
        document.addEventListener("visibilitychange", () => this.announceAll());
    }

    /**
     * Announce that this page shows a ticket.
     *
     * @param {number} ticketId
     * @returns {Function} to call when it does so no longer
     */
    view(ticketId) {
        const page = this.pages.get(ticketId) ?? {
            holders: 0,
            writers: new Set(),
            mode: undefined,
            heardAt: new Map(),
        };
        page.holders++;
        if (page.holders === 1) {
            this.pages.set(ticketId, page);
            this.colleagues[ticketId] = [];
            this.bus.addChannel(`telecom.ticket_${ticketId}`);
            this.beat ??= browser.setInterval(() => this.announceAll(), HEARTBEAT);
            this.announce(ticketId);
        }
        return () => this.leave(ticketId);
    }

    /**
     * Say whether an answer is being written.
     *
     * @param {number} ticketId
     * @param {string} writer what it is written in; an answer is, until none is
     * @param {boolean} isWriting
     */
    setWriting(ticketId, writer, isWriting) {
        const page = this.pages.get(ticketId);
        if (!page || page.writers.has(writer) === isWriting) {
            return;
        }
        page.writers[isWriting ? "add" : "delete"](writer);
        this.announce(ticketId);
    }

    leave(ticketId) {
        const page = this.pages.get(ticketId);
        page.holders--;
        if (page.holders) {
            return;
        }
        this.pages.delete(ticketId);
        delete this.colleagues[ticketId];
        this.bus.deleteChannel(`telecom.ticket_${ticketId}`);
        if (!this.pages.size) {
            browser.clearInterval(this.beat);
            this.beat = undefined;
        }
        if (page.mode) {
            this.orm.call(MODEL, "withdraw", [ticketId, page.mode]).catch(() => {});
        }
    }

    announceAll() {
        for (const ticketId of this.pages.keys()) {
            this.announce(ticketId);
        }
    }

    async announce(ticketId) {
        if (document.visibilityState !== "visible") {
            // Nobody looks at a page in the background: the server forgets it after a minute.
            return;
        }
        const page = this.pages.get(ticketId);
        const mode = page.writers.size ? "writing" : "viewing";
        const heartbeat = page.mode === mode;
        const askedAt = Date.now();
        page.mode = mode;
        let others;
        try {
            others = await this.orm.call(MODEL, "announce", [ticketId, mode], { heartbeat });
        } catch {
            // No right to read the ticket, or no network: nothing is known of others.
            others = [];
        }
        if (this.pages.get(ticketId) !== page) {
            return;
        }
        // What the bus said after the question was asked is newer than the answer.
        const isNewer = ({ user_id }) => (page.heardAt.get(user_id) ?? 0) > askedAt;
        this.setColleagues(ticketId, [
            ...others.filter((other) => !isNewer(other)),
            ...this.colleagues[ticketId].filter(isNewer),
        ]);
    }

    onChange({ ticket_id, ...colleague }) {
        const page = this.pages.get(ticket_id);
        if (!page || colleague.user_id === user.userId) {
            return;
        }
        page.heardAt.set(colleague.user_id, Date.now());
        const others = this.colleagues[ticket_id].filter(
            (other) => other.user_id !== colleague.user_id
        );
        this.setColleagues(ticket_id, colleague.mode ? [...others, colleague] : others);
    }

    setColleagues(ticketId, colleagues) {
        const isWriting = ({ mode }) => mode === "writing";
        this.colleagues[ticketId] = colleagues.sort((a, b) => isWriting(b) - isWriting(a));
    }

    /** The thread on the screen follows what colleagues and customers write. */
    onMessage({ ticket_id, message_id }) {
        const thread = this.store.Thread.get({ model: "telecom.ticket", id: ticket_id });
        if (thread?.isLoaded && !thread.messages.some(({ id }) => id === message_id)) {
            thread.fetchNewMessages();
        }
        for (const listener of this.listeners) {
            listener(ticket_id);
        }
    }

    /**
     * Have ``listener`` called with a ticket's id whenever somebody wrote on it.
     *
     * @param {(ticketId: number) => void} listener
     * @returns {Function} to call when it should be called no longer
     */
    onNews(listener) {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }

    onPageHide() {
        for (const [ticketId, { mode }] of this.pages) {
            const params = {
                model: MODEL,
                method: "withdraw",
                args: [ticketId, mode],
                kwargs: {},
            };
            const call = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
            // Unlike an RPC, a beacon outlives the page.
            navigator.sendBeacon(
                `/web/dataset/call_kw/${MODEL}/withdraw`,
                new Blob([call], { type: "application/json" })
            );
        }
    }
}

registry.category("services").add("telecom_ticket_presence", {
    dependencies: ["bus_service", "mail.store", "orm"],
    start: (env, services) => new TicketPresence(env, services),
});
