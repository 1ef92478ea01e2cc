//! The lock that keeps every other guard off the file, for as long as this one lives.
//!
//! It is on a file beside the database. SQLite locks the database itself by records, and the kernel gives those up
//! as soon as the process closes any descriptor of that file, as a program that copies it does. This lock belongs
//! to the open file: only the end of the guard, or of its process, gives it up. A process that is forked shares it,
//! so the guard answers in the process alone that opened it.

use crate::error::{FORKED, StoreError};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use strict_jose::StoreFailure;

pub(super) struct FileLock {
    file: File,
    path: PathBuf,
    process: u32,
}

const LOCK_LOST: StoreFailure = StoreFailure::new(
    "store.lock_lost",
    "the lock file beside the replay store was removed or replaced",
);

/// Each time another guard may remove the file between the look and the lock; then it has the database.
const ATTEMPTS: usize = 10;

impl FileLock {
    /// Takes the lock of this database, by the file of its name and `-lock`.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = OsString::from(database);
        path.push("-lock");
        let path = PathBuf::from(path);
        for _ in 0..ATTEMPTS {
            let file = open(&path).map_err(|error| super::step(&error))?;
            if is_on_a_network(&path) || database.exists() && is_on_a_network(database) {
                return Err(StoreError::NoFileLocks);
            }
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(StoreError::InUse),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Err(StoreError::NoFileLocks);
                }
                Err(TryLockError::Error(_)) => return Err(StoreError::Unavailable),
            }
            if is_at(&file, &path) {
                return Ok(Self { file, path, process: process::id() });
            }
        }
        Err(StoreError::InUse)
    }

    /// Whether this is the process that took the lock. Asked before anything that a fork may have copied half-way.
    pub(super) fn check_process(&self) -> Result<(), StoreFailure> {
        if self.is_forked() { Err(FORKED) } else { Ok(()) }
    }

    pub(super) fn is_forked(&self) -> bool {
        self.process != process::id()
    }

    /// Whether who opens the database next meets this lock.
    pub(super) fn check_place(&self) -> Result<(), StoreFailure> {
        if is_at(&self.file, &self.path) { Ok(()) } else { Err(LOCK_LOST) }
    }
}

impl Drop for FileLock {
    /// Gives the lock up at once: a process that is being started has a copy of the descriptor until it runs its
    /// own program. One that was forked gives up nothing.
    fn drop(&mut self) {
        if !self.is_forked() {
            let _ = self.file.unlock(); // closing it does the same, later
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        const READ_AND_WRITE: u32 = 3; // and not delete
        options.share_mode(READ_AND_WRITE);
    }
    options.open(path)
}

/// Whether this is the file of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (held, there) = (file.metadata().map(identity), fs::metadata(path).map(identity));
    matches!((held, there), (Ok(held), Ok(there)) if held == there)
}

/// It is opened so that nobody can remove it.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    fs::exists(path).unwrap_or(false)
}

/// Linux takes such a lock on a network file system and tells other machines nothing, or not for certain. Asked by
/// its name: to open and close the database would give up the locks of SQLite's in this process.
#[cfg(target_os = "linux")]
fn is_on_a_network(path: &Path) -> bool {
    const NETWORKS: [u32; 9] = [
        0x6969,      // NFS
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB 2
        0x517b,      // SMB
        0x5346_414f, // AFS
        0x00c3_6400, // Ceph
        0x0102_1997, // 9p
        0x0bd0_0bd0, // Lustre
        0x6573_5546, // FUSE: whether its program locks, and for whom, is unknown
    ];
    // 32 bits wide in every kernel, whatever the type.
    let kind = rustix::fs::statfs(path).map(|about| about.f_type.to_le_bytes());
    kind.map_or(true, |kind| {
        kind.first_chunk().is_some_and(|kind| NETWORKS.contains(&u32::from_le_bytes(*kind)))
    })
}

/// Elsewhere a file system that cannot lock says so.
#[cfg(not(target_os = "linux"))]
fn is_on_a_network(_: &Path) -> bool {
    false
}
