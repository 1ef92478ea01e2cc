//! What befalls the store and its users, and what shows that it did.

use crate::report;
use crate::service::Service;
use crate::store::{Kind, Store};
use std::error::Error;
use std::thread;
use std::time::Duration;

const FAULTS: [(&str, &str); 5] = [
    ("server killed", "another life of the server"),
    ("server halted for 0.2 to 3 s", "it did not answer meanwhile"),
    ("connections dropped", "the server counted them"),
    ("service killed and started", "its process had not ended"),
    ("disk full for 3 s at most", "a guard rejected a token meanwhile"),
];

#[derive(Default, Clone, Copy)]
struct Count {
    done: u32,
    seen: u32,
}

pub struct Injector {
    counts: [Count; 5],
    turn: usize,
    has_server: bool,
    fills: bool,
}

impl Injector {
    pub fn new(store: &Store) -> Self {
        let has_server = store.kind != Kind::Sqlite;
        Self { counts: Default::default(), turn: 0, has_server, fills: store.disk.is_mounted }
    }

    fn applies(&self, fault: usize) -> bool {
        match fault {
            0..=2 => self.has_server,
            4 => self.fills,
            _ => true,
        }
    }

    pub fn next(
        &mut self,
        store: &mut Store,
        services: &mut [Service],
    ) -> Result<(), Box<dyn Error>> {
        let (fault, round) = (self.turn % FAULTS.len(), self.turn / FAULTS.len());
        self.turn += 1;
        if !self.applies(fault) {
            return Ok(());
        }
        let is_seen = match fault {
            0 => {
                let before = store.life();
                store.kill()?;
                let after = store.life();
                before.is_some() && after.is_some() && before != after
            }
            1 => {
                let times = [200, 1_500, 700, 3_000];
                let time = times.get(round % times.len()).copied().unwrap_or(200);
                store.halt(Duration::from_millis(time))
            }
            2 => store.cut_off().is_some_and(|connections| connections > 0),
            3 => {
                let count = services.len().max(1);
                match services.get_mut(round % count) {
                    Some(service) => service.restart()?,
                    None => false,
                }
            }
            _ => {
                let before = report::refusals(store.logs())?;
                store.disk.fill()?;
                let is_seen = (0..30).any(|_| {
                    thread::sleep(Duration::from_millis(100));
                    report::refusals(store.logs()).is_ok_and(|refusals| refusals > before)
                });
                store.disk.make_room()?;
                is_seen
            }
        };
        if let Some(count) = self.counts.get_mut(fault) {
            count.done += 1;
            count.seen += u32::from(is_seen);
        }
        Ok(())
    }

    pub fn print(&self) {
        println!("\n| fault | times | seen: |\n| --- | --- | --- |");
        for (fault, ((name, seen), count)) in FAULTS.iter().zip(self.counts).enumerate() {
            if self.applies(fault) {
                println!("| {name} | {} | {}, {seen} |", count.done, count.seen);
            }
        }
        if !self.fills {
            println!("\n*** NOT RUN: to fill a disk up takes the right to mount one ***");
        }
    }

    /// A run in which nothing happened shows nothing.
    pub fn verdict(&self) -> Result<(), String> {
        for (fault, ((name, _), count)) in FAULTS.iter().zip(self.counts).enumerate() {
            if self.applies(fault) && count.seen == 0 {
                return Err(format!("not once: {name}"));
            }
        }
        Ok(())
    }
}
