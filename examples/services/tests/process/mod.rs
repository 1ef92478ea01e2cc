//! Services as child processes: started with settings of their own, stopped by SIGTERM.

#![allow(dead_code, reason = "each test program uses its part")]

use crate::PATIENCE;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A running service; killed if a test ends before it has stopped it.
pub struct Service {
    pub address: SocketAddr,
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Service {
    pub fn start(program: &str, settings: &[(&str, &str)]) -> Self {
        let mut child = command(program, settings).stdout(Stdio::piped()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| {
            panic!("{program} did not start: {line}");
        });
        Self { address: address.parse().unwrap(), child, log: Some(log) }
    }

    /// Starts it, and waits until it accepts tokens: from the second after its start on.
    pub fn start_ready(program: &str, settings: &[(&str, &str)]) -> Self {
        let service = Self::start(program, settings);
        let start = Instant::now();
        while !service.is_ready() {
            assert!(start.elapsed() < PATIENCE, "it is never ready");
            thread::sleep(Duration::from_millis(20));
        }
        service
    }

    fn is_ready(&self) -> bool {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(b"GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(["200", "503"].contains(&&reply[9..12]), "{reply}");
        &reply[9..12] == "200"
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Tells it to stop, waits until it has, and returns its log.
    pub fn stop(mut self) -> String {
        self.signal("TERM");
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not stop");
            thread::sleep(Duration::from_millis(10));
        };
        assert!(status.success(), "{status}");
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The message of a program that refuses to start.
pub fn fails(program: &str, settings: &[(&str, &str)]) -> String {
    let output = command(program, settings).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn command(program: &str, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(settings.iter().copied()).stderr(Stdio::piped());
    command
}

/// Files that are gone with the test.
pub struct Files(PathBuf);

impl Files {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("services-{}-{number}", std::process::id());
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    pub fn directory(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
