//! One program's run: every operation, its own peers beside what all programs have.

use crate::contest::{Contender, Effort, hold};
use crate::fixture::Fixture;
use crate::library::{jsonwebtoken, ours, raw};
use crate::operation::Operation;
use crate::record::{Contest, Record};
use std::env;

type Peers = fn(Operation, &'static Fixture) -> Vec<Contender>;

/// Takes `--quick` and `--rounds N` from the command line and prints a [`Record`].
///
/// # Panics
///
/// On other arguments, and if a library fails at its work.
pub fn main(program: &str, peers: &[Peers]) {
    let mut effort = Effort::FULL;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => effort = Effort::QUICK,
            "--rounds" => {
                let rounds = arguments.next().and_then(|rounds| rounds.parse().ok());
                effort.rounds = rounds.filter(|rounds| *rounds > 0).expect("--rounds N");
            }
            other => panic!("{other}: only --quick and --rounds N are known"),
        }
    }
    let fixture = Fixture::leaked();
    let contests = Operation::ALL.map(|operation| {
        eprintln!("{program}: {}", operation.name());
        let mut contenders = ours::contenders(operation, fixture);
        contenders.extend(raw::contenders(operation, fixture));
        contenders.extend(jsonwebtoken::contenders(operation, fixture));
        contenders.extend(peers.iter().flat_map(|peer| peer(operation, fixture)));
        let targets = operation.targets();
        Contest {
            operation: operation.name(),
            raw_target: targets.raw,
            peer_target: targets.peer,
            contenders: hold(contenders, effort),
        }
    });
    let record = Record {
        program: program.into(),
        backend: ours::BACKEND.into(),
        contests: contests.into(),
    };
    println!("{}", serde_json::to_string(&record).expect("numbers and texts"));
}
