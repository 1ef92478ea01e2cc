//! What the services were answered, token by token.

use crate::store::Kind;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// What was answered to an offer.
struct Answer {
    code: String,
    /// A process may have been killed between asking this and writing the answer down.
    again: bool,
}

pub struct Report {
    tokens: Vec<Vec<Answer>>,
}

/// After these, nobody knows whether the id was inserted.
const UNKNOWN: &str = "replay.unavailable";

/// What a failing store may answer.
const REFUSALS: [&str; 11] = [
    "replayed",
    "replay.full",
    "replay.unavailable",
    "replay.unavailable/store.disconnected",
    "replay.unavailable/store.disk_failed",
    "replay.unavailable/store.disk_full",
    "replay.unavailable/store.rejected",
    "replay.unavailable/store.timed_out",
    "replay.unavailable/store.unavailable",
    "replay.unavailable/store.unreachable",
    "accepted",
];

pub fn read(logs: &Path, tokens: usize) -> io::Result<Report> {
    let mut report = Report { tokens: Vec::new() };
    report.tokens.resize_with(tokens, Vec::new);
    for log in fs::read_dir(logs)? {
        for line in fs::read_to_string(log?.path())?.lines() {
            let mut words = line.split(' ');
            let (Some(token), Some(again), Some(code)) = (words.next(), words.next(), words.next())
            else {
                return Err(io::Error::other(format!("not an answer: {line}")));
            };
            let token: usize = token.parse().map_err(io::Error::other)?;
            let answers = report.tokens.get_mut(token).ok_or(io::ErrorKind::InvalidData)?;
            answers.push(Answer { code: code.to_owned(), again: again == "again" });
        }
    }
    Ok(report)
}

/// How many offers a store rejected for want of an answer or of room.
pub fn refusals(logs: &Path) -> io::Result<usize> {
    let mut refusals = 0;
    for log in fs::read_dir(logs)? {
        let log = fs::read_to_string(log?.path())?;
        refusals += log.lines().filter(|line| line.contains(" replay.")).count();
    }
    Ok(refusals)
}

impl Report {
    fn accepted(&self) -> impl Iterator<Item = usize> {
        self.tokens.iter().map(|answers| answers.iter().filter(|a| a.code == "accepted").count())
    }

    fn accepted_twice(&self) -> usize {
        self.accepted().filter(|times| *times > 1).count()
    }

    pub fn print(&self, kind: Kind, processes: usize, took: Duration) {
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for answer in self.tokens.iter().flatten() {
            *codes.entry(&answer.code).or_default() += 1;
        }
        println!(
            "{}: {} tokens, each offered twice, by {processes} process(es), {} s",
            kind.name(),
            self.tokens.len(),
            took.as_secs()
        );
        println!("accepted twice: {}\n\n| answer | offers |\n| --- | --- |", self.accepted_twice());
        for (code, offers) in codes {
            println!("| `{code}` | {offers} |");
        }
        let never = self.accepted().filter(|times| *times == 0).count();
        println!("\ntokens that nobody accepted: {never}");
    }

    pub fn verdict(&self, naive: bool) -> Result<(), String> {
        let twice = self.accepted_twice();
        if naive {
            // A run that does not find this fault would find no other.
            return if twice > 0 { Ok(()) } else { Err("nothing accepted twice".to_owned()) };
        }
        if twice > 0 {
            return Err(format!("{twice} tokens accepted twice"));
        }
        // A guard that never came back would accept nothing twice either.
        let accepted = self.accepted().filter(|times| *times > 0).count();
        if 2 * accepted < self.tokens.len() {
            return Err(format!("only {accepted} tokens accepted"));
        }
        let (tail, last) = (self.tokens.len() / 4, self.accepted().skip(self.tokens.len() / 4 * 3));
        if 4 * last.filter(|times| *times > 0).count() < tail {
            return Err("hardly a token was accepted at the end".to_owned());
        }
        for (token, answers) in self.tokens.iter().enumerate() {
            if answers.len() != 2 {
                return Err(format!("token {token} was offered {} times", answers.len()));
            }
            if let Some(answer) = answers.iter().find(|a| !REFUSALS.contains(&a.code.as_str())) {
                return Err(format!("token {token}: {}", answer.code));
            }
            // "Replayed" is for what was used: accepted, or with an answer that was lost.
            let used = |answer: &Answer| {
                answer.code == "accepted" || answer.again || answer.code.starts_with(UNKNOWN)
            };
            if answers.iter().any(|a| a.code == "replayed") && !answers.iter().any(used) {
                return Err(format!("token {token} was never used, and counts as used"));
            }
        }
        Ok(())
    }
}
