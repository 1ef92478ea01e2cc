//! Why a replay guard could not be put on its store.

use core::fmt;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
use strict_jose::StoreFailure;

/// What a guard answers in a process that did not make it.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) const FORKED: StoreFailure = StoreFailure::new(
    "store.forked",
    "the replay store was opened by another process: open it after the fork",
);

/// How ids and their digests are laid out in every store, beside them. A release that changes either names another
/// one, and rejects or serves what it finds: read as its own, it would know no id.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(crate) const FORMAT: u32 = 1;

// The digest is part of it.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
const _: () = assert!(strict_jose::ReplayId::DIGEST_VERSION == 1, "a new digest is a new format");

/// Why the store of a replay guard could not be opened or reached when the guard was made.
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
    /// The store cannot be opened or reached, did not answer in time, or refused the caller.
    Unavailable,
    /// The address is malformed, or asks for what this build cannot do.
    InvalidAddress,
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
    /// Between the guard and the server a pooler gives each transaction another connection of the server.
    PooledTransactions,
    /// The store was laid out by a release that this one does not know.
    UnknownFormat,
    /// The server is a replica, a node of a cluster or a Sentinel: none that takes ids for all.
    NotPrimary {
        /// What it says that it is.
        role: &'static str,
    },
    /// The file system does not lock files, or only among the programs of one machine: NFS, SMB and the like.
    NoFileLocks,
}

impl StoreError {
    /// A stable, machine-readable name for the failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InUse => "store.in_use",
            Self::NoFolder => "store.no_folder",
            Self::NotPermitted => "store.not_permitted",
            Self::EmptyFile => "store.empty_file",
            Self::ForeignFile => "store.foreign_file",
            Self::Damaged => "store.damaged",
            Self::Unavailable => "store.unavailable",
            Self::InvalidAddress => "store.address",
            Self::NotDurable { .. } => "store.forgetful",
            Self::HiddenSetting { .. } => "store.hidden_setting",
            Self::NotPrimary { .. } => "store.not_primary",
            Self::UnknownFormat => "store.unknown_format",
            Self::PooledTransactions => "store.pooled_transactions",
            Self::NoFileLocks => "store.no_locks",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NotDurable { setting, needed } => {
                return write!(
                    f,
                    "the replay store would let go of live ids: set `{setting}` to `{needed}`"
                );
            }
            Self::HiddenSetting { setting } => {
                return write!(
                    f,
                    "the replay store does not tell its `{setting}`: permit the guard to ask"
                );
            }
            Self::NotPrimary { role } => {
                return write!(f, "the replay store is a {role}: connect to a primary");
            }
            Self::PooledTransactions => {
                "a pooler shares the replay store by transactions: let it keep sessions"
            }
            Self::UnknownFormat => {
                "another release laid the replay store out, in a format that this one does not know"
            }
            Self::InUse => "another guard has the file of the replay store",
            Self::NoFolder => "there is no folder for the file of the replay store",
            Self::NotPermitted => {
                "the file of the replay store, or its folder, may not be read and written"
            }
            Self::EmptyFile => {
                "the file of the replay store is empty: remove it if nothing can have been used"
            }
            Self::ForeignFile => "the file is no replay store, but another program's",
            Self::Damaged => "the file of the replay store is damaged",
            Self::Unavailable => "the replay store cannot be opened or reached",
            Self::InvalidAddress => "the address of the replay store cannot be used",
            Self::NoFileLocks => {
                "the file system of the replay store cannot lock a file for certain"
            }
        };
        f.write_str(text)
    }
}

impl core::error::Error for StoreError {}
