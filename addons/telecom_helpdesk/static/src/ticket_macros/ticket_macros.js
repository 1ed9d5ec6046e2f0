import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** From so many on, a field to filter them by name. */
const SEARCHABLE = 8;

/** Menu in a ticket's header: the macros of its team, one click each. */
export class TicketMacros extends Component {
    static template = "telecom_helpdesk.TicketMacros";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ macros: [], search: "", isBusy: false });
        useAutofocus({ refName: "search" });
    }

    get isSearchable() {
        return this.state.macros.length >= SEARCHABLE;
    }

    get macros() {
        const search = this.state.search.toLowerCase();
        return this.state.macros.filter(({ name }) => name.toLowerCase().includes(search));
    }

    async load() {
        this.state.search = "";
        const { resId, resModel } = this.props.record;
        this.state.macros = await this.orm.call(resModel, "get_macros", [[resId]]);
    }

    async apply({ id }) {
        const { record } = this.props;
        if (this.state.isBusy || !(await record.save())) {
            return;
        }
        this.state.isBusy = true;
        try {
            const action = await this.orm.call(record.resModel, "action_apply_macro", [
                [record.resId],
                id,
            ]);
            if (action) {
                await this.action.doAction(action, { onClose: () => this.reload() });
            } else {
                await this.reload();
            }
        } finally {
            this.state.isBusy = false;
        }
    }

    async reload() {
        await this.props.record.load();
    }
}

registry.category("view_widgets").add("telecom_ticket_macros", { component: TicketMacros });
