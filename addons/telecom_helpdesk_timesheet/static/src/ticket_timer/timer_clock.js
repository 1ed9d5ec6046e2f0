import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { useEverySecond } from "@telecom_helpdesk/server_time";
import { formatSeconds, readTimer } from "./timer_service";

/** The time that a timer has measured, counting up. Screen readers are not told every second. */
export class TimerClock extends Component {
    static template = "telecom_helpdesk_timesheet.TimerClock";
    static props = { timer: Object };

    setup() {
        this.state = useState({});
        this.read(this.props);
        onWillUpdateProps((props) => this.read(props));
        useEverySecond(() => this.read(this.props));
    }

    read({ timer }) {
        this.state.time = formatSeconds(readTimer(timer));
    }
}
