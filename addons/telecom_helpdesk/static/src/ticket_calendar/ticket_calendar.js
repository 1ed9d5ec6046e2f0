import { registry } from "@web/core/registry";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";

/** Escalated tickets stand out among the others. */
export class TicketCalendarCommonRenderer extends CalendarCommonRenderer {
    eventClassNames(info) {
        const classes = super.eventClassNames(info);
        const record = this.props.model.records[info.event.id];
        return record?.rawRecord.is_escalated ? [...classes, "o_telecom_escalated"] : classes;
    }
}

export class TicketCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: TicketCalendarCommonRenderer,
        week: TicketCalendarCommonRenderer,
        month: TicketCalendarCommonRenderer,
    };
}

registry.category("views").add("telecom_ticket_calendar", {
    ...calendarView,
    Renderer: TicketCalendarRenderer,
});
