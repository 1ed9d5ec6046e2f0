import re

from odoo import models

TICKET_CHANNEL = re.compile(r"telecom\.ticket_(\d+)")


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let colleagues listen to the tickets that they may read, and nobody else."""
        matches = {
            channel: TICKET_CHANNEL.fullmatch(channel)
            for channel in channels
            if isinstance(channel, str)
        }
        ids = [int(match[1]) for match in matches.values() if match]
        channels = [channel for channel in channels if not matches.get(channel)]
        if ids and self.env.user._is_internal():
            tickets = self.env["telecom.ticket"].browse(ids).exists()
            channels.extend(tickets._filtered_access("read"))
        return super()._build_bus_channel_list(channels)

    def _after_subscribe_data(self, data):
        """Whoever begins to listen is told who is on the ticket already. ``channels`` hold the
        records that were let through above."""
        super()._after_subscribe_data(data)
        tickets = self.env["telecom.ticket"].concat(
            *(
                channel
                for channel in data["channels"]
                if isinstance(channel, models.Model) and channel._name == "telecom.ticket"
            )
        )
        if tickets:
            self.env["telecom.ticket.presence"]._repeat_latest(tickets)
