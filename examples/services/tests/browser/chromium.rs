//! Chromium without a window, on one page, reaching nothing but loopback.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running browser; it is gone with all its processes when this is dropped.
pub struct Chromium(Child);

impl Chromium {
    /// Opens a page in a browser that knows nothing and keeps what it learns in `directory`. The
    /// sandbox would not run as root; the pages are ours.
    pub fn open(program: &Path, directory: &Path, url: &str) -> Self {
        let mut command = Command::new(program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-breakpad", "--no-proxy-server"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")
            .arg(format!("--user-data-dir={}", directory.display()))
            .arg(url)
            .env("HOME", directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        Command::new("kill").args(["-s", "KILL", "--", &group]).status().ok();
        self.0.wait().ok();
    }
}

/// Where Chromium is, if it is installed.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut places =
        std::env::split_paths(&path).flat_map(|path| names.map(|name| path.join(name)));
    places.find(|place| place.is_file())
}
