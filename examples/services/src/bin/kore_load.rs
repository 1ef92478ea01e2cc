//! Many clients at once against `kore_platform`, all on loopback: how fast, and is any token taken
//! twice?
//!
//! `cargo run --release --bin kore_load -- --grants 100000 --clients 32 --replays 1000`
//!
//! Every token is sent once; `--replays` of them are sent a second time soon after, some of them while
//! the first request is still under way. The program ends with an error unless each token was accepted
//! exactly once and everything else was refused as a replay.

use hyper::StatusCode;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use strict_jose::profile::kore::{App, TokenService, User};
use strict_jose::{AfterRestart, Hs256Key, NumericDate};
use strict_jose_services::client::Client;
use strict_jose_services::kore_platform::{Config, GRANT, routes};
use strict_jose_services::serve::serve;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

type Failure = Box<dyn Error + Send + Sync>;

const CLIENT_ID: &str = "cs-load";

struct Arguments {
    grants: usize,
    clients: usize,
    replays: usize,
}

impl Arguments {
    fn read() -> Result<Self, Failure> {
        let mut arguments = Self { grants: 100_000, clients: 32, replays: 1_000 };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            let value: usize = words.next().ok_or("a number expected")?.parse()?;
            match name.as_str() {
                "--grants" => arguments.grants = value,
                "--clients" => arguments.clients = value,
                "--replays" => arguments.replays = value,
                _ => return Err("--grants, --clients or --replays expected".into()),
            }
        }
        if arguments.clients == 0 || arguments.replays > arguments.grants {
            return Err("at least one client, and no more replays than grants".into());
        }
        Ok(arguments)
    }
}

/// The requests in the order they are sent, and what became of each token.
struct Work {
    bodies: Vec<String>,
    /// Places in `bodies`.
    requests: Vec<usize>,
    next: AtomicUsize,
    accepted: Vec<AtomicU32>,
    replayed: Vec<AtomicU32>,
}

impl Work {
    fn prepare(arguments: &Arguments, key: &Hs256Key) -> Result<Self, Failure> {
        let service =
            TokenService::hs256(CLIENT_ID, key.clone())?.lifetime(Duration::from_secs(3600))?;
        let body = |number| {
            let token = service.issue(&User::new(format!("user-{number}")))?;
            Ok(serde_json::json!({ "assertion": token }).to_string())
        };
        let bodies: Vec<_> = (0..arguments.grants).map(body).collect::<Result<_, Failure>>()?;
        let every = arguments.grants.checked_div(arguments.replays).unwrap_or(usize::MAX);
        let mut requests = Vec::with_capacity(arguments.grants + arguments.replays);
        for place in 0..arguments.grants {
            requests.push(place);
            let replays = (requests.len() - place) - 1; // so far
            if place % every == every - 1 && replays < arguments.replays {
                // At once behind its token, or some requests later: a race, or long after.
                requests.push(place.saturating_sub(replays % 4 * arguments.clients));
            }
        }
        let zeros = || (0..arguments.grants).map(|_| AtomicU32::new(0)).collect();
        let next = AtomicUsize::new(0);
        Ok(Self { bodies, requests, next, accepted: zeros(), replayed: zeros() })
    }

    /// One client: a request at a time, until there are no more. Returns how long each took.
    async fn run(&self, address: SocketAddr) -> Result<(Vec<Duration>, usize), Failure> {
        let mut client = Client::connect(address).await?;
        let (mut latencies, mut errors) = (Vec::new(), 0);
        while let Some(&place) = self.requests.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let reply = client.post(GRANT, self.bodies[place].clone()).await?;
            latencies.push(start.elapsed());
            if reply.status == StatusCode::OK.as_u16() {
                self.accepted[place].fetch_add(1, Ordering::Relaxed);
            } else if reply.status == 401 && reply.body.contains("possibly a replay") {
                self.replayed[place].fetch_add(1, Ordering::Relaxed);
            } else {
                errors += 1;
            }
        }
        Ok((latencies, errors))
    }

    fn count(counts: &[AtomicU32]) -> usize {
        counts.iter().map(|count| count.load(Ordering::Relaxed) as usize).sum()
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let key = Hs256Key::generate()?;
    let app = App::hs256(CLIENT_ID, key.clone()).enforcing_jti();
    // No process was before this one, and its own tokens may be of the same second.
    let restart = AfterRestart::only_issued_after(NumericDate::from_seconds(0).ok_or("no date")?);
    let config = Config::new(app, arguments.grants + 1, restart)?
        .opening_sessions_by(Box::new(|_: &str| Ok("session".to_owned())));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, routes(config), async {
        stopped.await.ok();
    }));

    let work = Arc::new(Work::prepare(&arguments, &key)?);
    let start = Instant::now();
    let clients: Vec<_> = (0..arguments.clients)
        .map(|_| {
            let work = Arc::clone(&work);
            tokio::spawn(async move { work.run(address).await })
        })
        .collect();
    let (mut latencies, mut errors) = (Vec::new(), 0);
    for client in clients {
        let (of_one, errors_of_one) = client.await??;
        latencies.extend(of_one);
        errors += errors_of_one;
    }
    let took = start.elapsed();
    stop.send(()).ok();
    server.await??;
    report(&arguments, &work, &mut latencies, errors, took)
}

fn report(
    arguments: &Arguments,
    work: &Work,
    latencies: &mut [Duration],
    errors: usize,
    took: Duration,
) -> Result<(), Failure> {
    latencies.sort_unstable();
    let at = |per_mille: usize| {
        latencies[(latencies.len() * per_mille / 1000).min(latencies.len() - 1)].as_micros()
    };
    let (accepted, replayed) = (Work::count(&work.accepted), Work::count(&work.replayed));
    let twice = work.accepted.iter().filter(|count| count.load(Ordering::Relaxed) > 1).count();
    let rate = latencies.len() as u128 * 1_000_000 / took.as_micros().max(1);
    println!("clients            {}", arguments.clients);
    println!("requests           {} in {} ms", latencies.len(), took.as_millis());
    println!("requests a second  {rate}");
    println!(
        "latency, µs        p50 {}  p90 {}  p99 {}  max {}",
        at(500),
        at(900),
        at(990),
        at(1000)
    );
    println!("grants             {accepted} of {} tokens", arguments.grants);
    println!("replays refused    {replayed} of {}", arguments.replays);
    println!("tokens taken twice {twice}");
    println!("errors             {errors}");
    let each_once = work.accepted.iter().all(|count| count.load(Ordering::Relaxed) == 1);
    if each_once && replayed == arguments.replays && errors == 0 {
        return Ok(());
    }
    Err("a token was taken twice, or one that should have been taken was not".into())
}
