import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

export class RuleDryRunDialog extends Component {
    static template = "telecom_helpdesk.RuleDryRunDialog";
    static components = { Dialog };
    static props = {
        title: { type: String, optional: true },
        groups: Array,
        looked_at: Number,
        open_count: Number,
        remark: { type: String, optional: true },
        close: Function,
    };

    setup() {
        this.action = useService("action");
    }

    get title() {
        return this.props.title || _t("Open tickets that this rule would match");
    }

    get unfinished() {
        return _t(
            "Time limit reached: the latest %(looked_at)s of %(open_count)s tickets were checked.",
            this.props
        );
    }

    more(group) {
        return _t("and %s more", group.count - group.lines.length);
    }

    /** The rule stays as it is, saved or not: tickets open beside it. */
    openTicket(id) {
        window.open(`/odoo/tickets/${id}`, "_blank");
    }
}

/**
 * Dry run of a rule as it is in the form, before it is saved; or of any model with a method
 * `dry_run` that returns the tickets that match.
 */
export class RuleDryRun extends Component {
    static template = "telecom_helpdesk.RuleDryRun";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
    }

    async dryRun() {
        const { record } = this.props;
        if (!(await record.checkValidity({ displayNotification: true }))) {
            return;
        }
        const changes = await record.getChanges();
        const ids = record.resId ? [record.resId] : [];
        const result = await this.orm.call(record.resModel, "dry_run", [ids, changes]);
        this.dialog.add(RuleDryRunDialog, result);
    }
}

registry.category("view_widgets").add("telecom_rule_dry_run", { component: RuleDryRun });
