import { HelpdeskDashboard } from "@telecom_helpdesk/dashboard/dashboard";

import { SlaCountdown } from "../sla_countdown/sla_countdown";

HelpdeskDashboard.components = { ...HelpdeskDashboard.components, SlaCountdown };
