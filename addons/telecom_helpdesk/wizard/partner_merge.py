from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Contacts are merged in SQL: what is worked out from them follows here.

    Odoo looks at unique constraints but not at unique indexes, which stop it; and where a single
    row would be there twice, it deletes all rows of the contacts that go.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        self._delete_doubles(src_partners, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        family = dst_partner.sudo()._get_family()
        self.env.add_to_compute(family._fields["commercial_partner_id"], family)
        family.modified(["commercial_partner_id"])
        family._follow_account()

    def _delete_doubles(self, src_partners, dst_partner):
        """Delete the rows that ``dst_partner`` would have twice under a unique index."""
        for table, column, others in self._find_unique_indexes():
            self.env.cr.execute(
                SQL(
                    """DELETE FROM %(table)s WHERE ctid IN (
                           SELECT ctid FROM (
                               SELECT ctid, row_number() OVER (
                                          PARTITION BY %(others)s
                                          ORDER BY %(column)s = %(kept)s DESC, ctid
                                      ) AS place
                                 FROM %(table)s
                                WHERE %(column)s IN %(all)s AND (%(others)s) IS NOT NULL
                           ) AS ranked
                            WHERE place > 1)""",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    others=SQL(", ").join(map(SQL.identifier, others)),
                    kept=dst_partner.id,
                    all=(*src_partners.ids, dst_partner.id),
                )
            )

    def _find_unique_indexes(self):
        """Unique indexes over a contact and something else: (table, its column, the others)."""
        return self.env.execute_query(
            SQL(
                """SELECT class.relname, link.attname, array_agg(other.attname)
                     FROM pg_index index
                     JOIN pg_class class ON class.oid = index.indrelid
                     JOIN pg_constraint key ON key.conrelid = class.oid AND key.contype = 'f'
                      AND key.confrelid = 'res_partner'::regclass
                     JOIN pg_attribute link ON link.attrelid = class.oid
                      AND link.attnum = key.conkey[1]
                     JOIN pg_attribute other ON other.attrelid = class.oid
                      AND other.attnum = ANY(index.indkey) AND other.attnum <> link.attnum
                    WHERE index.indisunique AND NOT index.indisprimary AND index.indexprs IS NULL
                      AND link.attnum = ANY(index.indkey)
                      AND class.relnamespace = current_schema::regnamespace
                 GROUP BY index.indexrelid, class.relname, link.attname"""
            )
        )
