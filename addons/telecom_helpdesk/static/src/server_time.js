import { onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

const SECOND = 1000; // milliseconds

/** Milliseconds by which the server's clock is ahead of the browser's. */
let offset;
const listeners = new Set();
let timer;

/**
 * The server's time arrived. 
 *
 * It may have taken a while to be heard, or come from a cache: what was under way the
 * shortest is nearest to the truth, and that is the one that is ahead the most.
 *
 * @param {number} seconds since 1970
 */
export function hearServerTime(seconds) {
    const heard = seconds * SECOND - Date.now();
    offset = offset === undefined ? heard : Math.max(offset, heard);
}

/** @returns {number} the server's time, in whole seconds since 1970 */
export function getServerTime() {
    return Math.floor((Date.now() + (offset ?? 0)) / SECOND);
}

function tick() {
    for (const listener of listeners) {
        listener();
    }
}

function run() {
    // At the next full second of the server, so that all change at once and none drifts.
    const elapsed = (Date.now() + (offset ?? 0)) % SECOND;
    timer = browser.setTimeout(() => {
        run();
        tick();
    }, SECOND - elapsed);
}

// A page in the background is slowed down by the browser, and a laptop sleeps.
document.addEventListener("visibilitychange", () => document.hidden || tick());

/**
 * Have ``callback`` called every second while the component is on the page. All share one
 * timer, which stops with the last of them.
 *
 * @param {() => void} callback
 */
export function useEverySecond(callback) {
    onMounted(() => {
        listeners.add(callback);
        if (listeners.size === 1) {
            run();
        }
    });
    onWillUnmount(() => {
        listeners.delete(callback);
        if (!listeners.size) {
            browser.clearTimeout(timer);
        }
    });
}
