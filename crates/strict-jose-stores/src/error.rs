//! Why a replay guard could not be put on its store, or its store gives no answer.

use crate::address::AddressFault;
use core::fmt;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
use strict_jose::StoreFailure;

/// What a guard answers in a process that did not make it.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) const FORKED: StoreFailure = StoreFailure::new(
    "store.forked",
    "another process opened the replay store: open it after the fork",
);

/// How ids and their digests are laid out in every store, beside them. A release that changes either names another
/// one, and rejects or migrates what it finds: read as its own, it would know no id.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) const FORMAT: u32 = 1;

// The digest is part of it.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
const _: () = assert!(strict_jose::ReplayId::DIGEST_VERSION == 1, "a new digest is a new format");

/// Why the store of a replay guard could not be opened or reached when the guard was made.
///
/// None holds a part of the address, but for a sign that has to be encoded: no name of a host, user or database, and
/// no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreError {
    /// Another guard, of this process or another, has the file.
    InUse,
    /// There is no folder of that name, or what stands there is none.
    NoFolder,
    /// The file, or its folder, may not be read and written.
    NotPermitted,
    /// The file has no octets: what a replay guard knew is gone, or never was there.
    EmptyFile,
    /// The file is another program's.
    ForeignFile,
    /// The file was a replay guard's, and is damaged.
    Damaged,
    /// The file system does not lock files, or only among the programs of one machine: NFS, SMB and the like.
    NoFileLocks,
    /// The address cannot be used.
    InvalidAddress(AddressFault),
    /// There is no such host or socket, or nothing listens there.
    Unreachable,
    /// The server did not answer within the time limit.
    TimedOut,
    /// The connection ended before the server answered.
    Disconnected,
    /// TLS could not be set up.
    Tls(TlsFault),
    /// The server rejects the user, the password or where the caller connects from.
    LoginRejected(ServerCode),
    /// The database has no such table: the statements of `PostgresStore::create_table` make it.
    NoTable,
    /// The table is not as the guard makes it: its columns, its primary key, or that it is a view.
    ForeignTable,
    /// Its name leads to another table than when the guard was made.
    TableChanged,
    /// The user lacks a right that the guard needs.
    NoRight(ServerCode),
    /// The server answered with another error.
    Rejected(ServerCode),
    /// The server is set to let go of ids that are still live: this setting has to have this value.
    NotDurable {
        /// As the server writes it.
        setting: &'static str,
        /// The value that it has to have.
        needed: &'static str,
    },
    /// The server does not let the guard ask what this setting is.
    HiddenSetting {
        /// As the server writes it.
        setting: &'static str,
    },
    /// The server is a replica, a node of a cluster or a Sentinel: none that takes ids for all.
    NotPrimary {
        /// What it says that it is.
        role: &'static str,
    },
    /// An id reached fewer replicas than it has to, and stays used.
    TooFewReplicas,
    /// Between the guard and the server a pooler gives each transaction another connection of the server.
    PooledTransactions,
    /// A release that this one does not know laid the store out.
    UnknownFormat,
    /// The store cannot be opened or reached for another reason.
    Unavailable,
}

impl StoreError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.code_and_text().0
    }

    /// What a call answers: the same, without what differs from server to server.
    #[cfg(any(feature = "postgres", feature = "redis"))]
    pub(crate) fn failure(self) -> StoreFailure {
        let (code, text) = self.code_and_text();
        StoreFailure::new(code, text)
    }

    fn code_and_text(self) -> (&'static str, &'static str) {
        match self {
            Self::InUse => ("store.in_use", "another guard has the file of the replay store"),
            Self::NoFolder => {
                ("store.no_folder", "there is no folder for the file of the replay store")
            }
            Self::NotPermitted => (
                "store.not_permitted",
                "the file of the replay store, or its folder, may not be read and written",
            ),
            Self::EmptyFile => (
                "store.empty_file",
                "the file of the replay store is empty: remove it if nothing can have been used",
            ),
            Self::ForeignFile => {
                ("store.foreign_file", "the file is no replay store, but another program's")
            }
            Self::Damaged => ("store.damaged", "the file of the replay store is damaged"),
            Self::NoFileLocks => (
                "store.no_locks",
                "the file system of the replay store cannot lock a file for certain",
            ),
            Self::InvalidAddress(_) => {
                ("store.address", "the address of the replay store cannot be used")
            }
            Self::Unreachable => {
                ("store.unreachable", "nothing listens at the address of the replay store")
            }
            Self::TimedOut => {
                ("store.timed_out", "the replay store did not answer within the time limit")
            }
            Self::Disconnected => {
                ("store.disconnected", "the connection to the replay store ended before the answer")
            }
            Self::Tls(_) => ("store.tls", "TLS with the replay store could not be set up"),
            Self::LoginRejected(_) => ("store.login", "the replay store rejected the log-in"),
            Self::NoTable => (
                "store.no_table",
                "the replay store has no such table: run `PostgresStore::create_table`",
            ),
            Self::ForeignTable => (
                "store.foreign_table",
                "the table is not as `PostgresStore::create_table` makes it",
            ),
            Self::TableChanged => (
                "store.table_changed",
                "the name of the table leads to another table than when the guard connected",
            ),
            Self::NoRight(_) => (
                "store.no_right",
                "the user lacks a right that the guard needs on the replay store",
            ),
            Self::Rejected(_) => ("store.rejected", "the replay store answered with an error"),
            Self::NotDurable { .. } => {
                ("store.forgetful", "the replay store would let go of live ids")
            }
            Self::HiddenSetting { .. } => {
                ("store.hidden_setting", "the replay store does not tell one of its settings")
            }
            Self::NotPrimary { .. } => {
                ("store.not_primary", "the replay store has to be a primary outside a cluster")
            }
            Self::TooFewReplicas => {
                ("store.too_few_replicas", "the id reached fewer replicas than asked for, in time")
            }
            Self::PooledTransactions => (
                "store.pooled_transactions",
                "a pooler shares the replay store by transactions: let it keep sessions",
            ),
            Self::UnknownFormat => (
                "store.unknown_format",
                "another release laid out the replay store, in a format that this one does not know",
            ),
            Self::Unavailable => {
                ("store.unavailable", "the replay store cannot be opened or reached")
            }
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, text) = self.code_and_text();
        match self {
            Self::InvalidAddress(fault) => write!(f, "{text}: {fault}"),
            Self::Tls(fault) => write!(f, "{text}: {fault}"),
            Self::LoginRejected(code) | Self::NoRight(code) | Self::Rejected(code)
                if !code.as_str().is_empty() =>
            {
                write!(f, "{text}: {code}")
            }
            Self::NotDurable { setting, needed } => {
                write!(f, "{text}: set `{setting}` to `{needed}`")
            }
            Self::HiddenSetting { setting } => {
                write!(f, "{text}: permit the guard to ask for `{setting}`")
            }
            Self::NotPrimary { role } => write!(f, "{text}: it is a {role}"),
            _ => f.write_str(text),
        }
    }
}

impl core::error::Error for StoreError {}

/// Why TLS could not be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// There is no certificate of an authority to trust: the file given has none, or the system.
    NoAuthority,
    /// The server's certificate has expired, names another host, or comes from an authority that is not trusted.
    Certificate,
    /// The server does not take TLS.
    NotOffered,
    /// Nothing answered the greeting in time, as where a port does not take TLS.
    NoAnswer,
    /// The handshake failed.
    Handshake,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthority => "no certificate of an authority can be read",
            Self::Certificate => {
                "the server's certificate is not valid for the host, the time or the authorities"
            }
            Self::NotOffered => "the server does not offer it",
            Self::NoAnswer => "no answer in time, as from a port that does not take it",
            Self::Handshake => "the handshake failed",
        })
    }
}

/// The server's own name for an error: the SQLSTATE of PostgreSQL, the first word of Redis.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerCode {
    octets: [u8; Self::LONGEST],
    length: usize,
}

impl ServerCode {
    const LONGEST: usize = 16;

    /// Anything but capitals and digits, which is all that such codes have, is left out.
    #[cfg(any(feature = "postgres", feature = "redis", test))]
    pub(crate) fn new(code: &str) -> Self {
        let is_plain = |octet: &u8| octet.is_ascii_uppercase() || octet.is_ascii_digit();
        let mut this = Self { octets: [0; Self::LONGEST], length: 0 };
        for (slot, octet) in this.octets.iter_mut().zip(code.bytes().filter(is_plain)) {
            *slot = octet;
            this.length += 1;
        }
        this
    }

    /// Empty if the server gave none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.octets
            .get(..self.length)
            .and_then(|code| str::from_utf8(code).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for ServerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ServerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ServerCode;

    #[test]
    fn a_servers_code_holds_no_text_of_the_servers() {
        assert_eq!(ServerCode::new("42P01").as_str(), "42P01");
        assert_eq!(ServerCode::new("WRONGPASS").to_string(), "WRONGPASS");
        assert_eq!(ServerCode::new("\u{1b}[2J secret\n").as_str(), "2J");
        assert_eq!(ServerCode::new(&"A".repeat(1000)).as_str().len(), 16);
        assert_eq!(ServerCode::new("").as_str(), "");
    }
}
