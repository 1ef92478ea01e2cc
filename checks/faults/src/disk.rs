//! A small disk of the run's own, which can be filled up.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Disk {
    path: PathBuf,
    /// A file system in memory of a fixed size. To mount one takes root; without, nothing is filled up.
    pub is_mounted: bool,
}

impl Disk {
    pub fn make(path: &Path, megabytes: u32) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        Ok(Self { path: path.to_owned(), is_mounted })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// Takes what is free, to the last octet.
    pub fn fill(&self) -> io::Result<()> {
        let mut ballast = File::create(self.ballast())?;
        for size in [1 << 20, 4096, 1] {
            let piece = vec![0; size];
            loop {
                match ballast.write(&piece) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    pub fn make_room(&self) -> io::Result<()> {
        fs::remove_file(self.ballast())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.path).output();
        }
        let _ = fs::remove_dir_all(&self.path);
    }
}
