//! The table of the ids: its name, and the statements about it.

use super::session::COMMENT;
use crate::address::AddressFault;
use crate::error::{FORMAT, StoreError};

/// So many octets of a name PostgreSQL keeps; it would cut a longer one, which may then be another's.
const LONGEST: usize = 63;

#[derive(Debug)]
pub(super) struct Table {
    /// Quoted, with the schema if one was chosen.
    pub(super) name: String,
    pub(super) insert: String,
    pub(super) release: String,
    pub(super) expire: String,
}

impl Table {
    pub(super) fn new(schema: Option<&str>, table: &str) -> Result<Self, StoreError> {
        let is_sound = |name: &str| (1..=LONGEST).contains(&name.len()) && !name.contains('\0');
        if !is_sound(table) || !schema.is_none_or(is_sound) {
            return Err(StoreError::InvalidAddress(AddressFault::TableName));
        }
        let name = qualified(schema, table);
        Ok(Self {
            // The conflict decides. What comes before it spares a used token the lock and the commit.
            insert: format!(
                "INSERT INTO {name} AS held (id, keep_until)
                 SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM {name} WHERE id = $1 AND keep_until > $3)
                 ON CONFLICT (id) DO UPDATE SET keep_until = excluded.keep_until
                 WHERE held.keep_until <= $3"
            ),
            release: format!("DELETE FROM {name} WHERE id = $1"),
            // Rows that another machine deletes meanwhile are left to it. An array, as a join would run the search
            // again, and past the limit.
            expire: format!(
                "DELETE FROM {name} WHERE id = ANY (ARRAY (
                     SELECT id FROM {name}
                     WHERE keep_until <= least($1, floor(extract(epoch FROM now()))::bigint)
                     ORDER BY keep_until LIMIT 250 FOR UPDATE SKIP LOCKED
                 ))"
            ),
            name,
        })
    }
}

pub(super) fn create(schema: Option<&str>, table: &str) -> String {
    let name = qualified(schema, table);
    format!(
        "CREATE TABLE {name} (id bytea PRIMARY KEY, keep_until bigint NOT NULL);\n\
         CREATE INDEX ON {name} (keep_until);\n\
         COMMENT ON TABLE {name} IS '{COMMENT}{FORMAT}';\n"
    )
}

fn qualified(schema: Option<&str>, table: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    schema.map_or_else(|| quoted(table), |schema| format!("{}.{}", quoted(schema), quoted(table)))
}

#[cfg(test)]
mod tests {
    use super::{AddressFault, StoreError, Table, create, qualified};

    #[test]
    fn a_name_is_quoted_and_never_cut() {
        assert_eq!(qualified(Some("Auth"), r#"a"; DROP"#), r#""Auth"."a""; DROP""#);
        assert!(create(None, "ids").starts_with("CREATE TABLE \"ids\" (id bytea"));
        let long = "\u{e9}".repeat(32); // 64 octets
        for (schema, table) in [(None, ""), (None, "a\0"), (Some(""), "a"), (None, &*long)] {
            let fault = Table::new(schema, table).map(drop);
            assert_eq!(fault, Err(StoreError::InvalidAddress(AddressFault::TableName)));
        }
        assert!(Table::new(Some("s"), &"a".repeat(63)).is_ok());
    }
}
