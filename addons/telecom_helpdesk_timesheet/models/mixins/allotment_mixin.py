from odoo import fields, models
from odoo.tools import SQL


class TelecomAllotmentMixin(models.AbstractModel):
    """Something whose hours are allotted to work: contracts, packs of hours."""

    _name = "telecom.allotment.mixin"
    _description = "Allotment Mixin"

    # Whoever allots hours raises it: two who do so at once never both succeed.
    allotment_serial = fields.Integer(readonly=True, copy=False)

    def _lock_allotment(self):
        """Keep others from allotting hours of these records until the transaction ends.

        Somebody whose transaction began before this one ended gets a serialization failure, and
        Odoo tries again with what is true then: a lock alone would let them count by the past.
        """
        if not self:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """UPDATE %(table)s SET allotment_serial = COALESCE(allotment_serial, 0) + 1
                    WHERE id IN (SELECT id FROM %(table)s WHERE id IN %(ids)s
                                  ORDER BY id FOR NO KEY UPDATE)
                RETURNING id""",
                table=SQL.identifier(self._table),
                ids=tuple(self.ids),
            )
        )
        self.invalidate_recordset(["allotment_serial"])
