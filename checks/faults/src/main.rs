//! Tokens offered twice by several processes, while the store is killed, halted, cut off and filled up.
//!
//! `README.md` has the commands and the figures.
#![allow(clippy::print_stdout, reason = "it reports")]

mod disk;
mod faults;
mod report;
mod service;
mod store;

use faults::Injector;
use service::{Plan, Service};
use std::error::Error;
use std::time::{Duration, Instant};
use std::{env, thread};
use store::{Kind, Store};

const USAGE: &str = "faults sqlite|redis|postgres TOKENS SECONDS [naive]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [role, plan @ ..] = &arguments[..]
        && role == "service"
    {
        return service::run(&Plan::of_arguments(plan)?);
    }
    let [kind, tokens, seconds, naive @ ..] = &arguments[..] else { return Err(USAGE.into()) };
    let kind = Kind::named(kind).ok_or(USAGE)?;
    let naive = naive.first().is_some_and(|word| word == "naive");
    let (tokens, seconds): (usize, u64) = (tokens.parse()?, seconds.parse()?);

    let mut store = Store::start(kind)?;
    let mut services = Service::all(&store, tokens, Duration::from_secs(seconds), naive)?;
    let mut injector = Injector::new(&store);
    let start = Instant::now();
    while !Service::have_ended(&mut services)? {
        store.wait()?;
        injector.next(&mut store, &mut services)?;
        thread::sleep(Duration::from_millis(300));
    }
    let took = start.elapsed();
    let report = report::read(store.logs(), tokens)?;
    report.print(kind, services.len(), took);
    injector.print();
    report.verdict(naive)?;
    injector.verdict()?;
    Ok(())
}
