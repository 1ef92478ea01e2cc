//! Starts valgrind once a path, reads its report and says whether it is what was expected.

use crate::PATHS;
use crate::paths::{Expected, Known, Path};
use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::process::{Command, ExitCode};

/// Reports by crate and function.
type Reports = BTreeMap<String, usize>;

/// Runs the paths whose names contain the filter.
pub fn judge(key: &[u8], filter: &str) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("taint-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let key_file = folder.join("key.der");
    std::fs::write(&key_file, key).expect("a temporary file");
    println!("{:<46} {:>7}  verdict", "path", "reports");
    let mut unexpected = 0;
    let mut ran = 0;
    let mut groups = BTreeMap::new();
    for path in PATHS.iter().filter(|path| path.name.contains(filter)) {
        let (reports, tainted) = run(path, &key_file, &folder.join("report.xml"));
        let mut fault = fault(path, &reports, tainted);
        if let Some(group) = path.group {
            let first = groups.entry(group).or_insert_with(|| reports.clone());
            if *first != reports {
                fault = Some(format!("other reports than the first of its group: {reports:?}"));
            }
        }
        let verdict = match (&path.expected, &fault) {
            (_, Some(fault)) => format!("UNEXPECTED: {fault}"),
            (Expected::Flagged, None) => "OK, found".into(),
            (Expected::Known(_), None) if reports.is_empty() => "OK".into(),
            (Expected::Known(_), None) => {
                let places: Vec<_> = reports.iter().map(|(at, n)| format!("{at} {n}")).collect();
                format!("OK, known: {}", places.join(", "))
            }
        };
        println!("{:<46} {:>7}  {verdict}", path.name, reports.values().sum::<usize>());
        unexpected += usize::from(fault.is_some());
        ran += 1;
    }
    std::fs::remove_dir_all(&folder).expect("the folder made above");
    println!("{ran} paths, {unexpected} unexpected");
    if unexpected == 0 && ran > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fault(path: &Path, reports: &Reports, tainted: Option<usize>) -> Option<String> {
    let Expected::Known(groups) = path.expected else {
        return reports.is_empty().then(|| "a leak was not found".to_owned());
    };
    let mut known = groups.iter().copied().flatten();
    for (place, number) in reports {
        let Some(known) = known.clone().find(|known| covers(known, place)) else {
            return Some(format!("{place} {number}"));
        };
        if *number > known.at_most {
            return Some(format!("{place} {number}, at most {}", known.at_most));
        }
    }
    // Silence about octets that are not secret proves nothing.
    let missing =
        |known: &&Known| known.required && !reports.keys().any(|place| covers(known, place));
    if let Some(known) = known.find(missing) {
        return Some(format!("{} was not reported: {}", known.place, known.why));
    }
    (tainted == Some(0)).then(|| "the secret did not arrive".to_owned())
}

/// Whether the place is the known function, or in the known crate.
fn covers(known: &Known, place: &str) -> bool {
    let rest = place.strip_prefix(known.place);
    rest.is_some_and(|function| function.is_empty() || function.starts_with(' '))
}

fn run(path: &Path, key: &FilePath, xml: &FilePath) -> (Reports, Option<usize>) {
    let output = Command::new("valgrind")
        .args(["--tool=memcheck", "--error-limit=no", "--num-callers=40", "--leak-check=no"])
        .args(["--read-inline-info=yes", "--xml=yes"])
        .arg(format!("--xml-file={}", xml.display()))
        .arg(std::env::current_exe().expect("the program itself"))
        .args([path.name.as_ref(), key.as_os_str()])
        .output()
        .expect("valgrind is installed");
    assert!(output.status.success(), "{}: {}", path.name, String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(xml).expect("valgrind's report");
    let tainted = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    (read(&text), tainted)
}

/// The number of times each report was made, by where: valgrind lists reports once, then counts.
fn read(xml: &str) -> Reports {
    let mut counts = BTreeMap::new();
    for pair in xml.split("<pair>").skip(1) {
        let number: usize = element(pair, "count").and_then(|n| n.parse().ok()).unwrap_or(0);
        *counts.entry(element(pair, "unique").unwrap_or_default()).or_insert(0) += number;
    }
    let mut reports = Reports::new();
    for error in xml.split("<error>").skip(1) {
        let unique = element(error, "unique").unwrap_or_default();
        let number = counts.get(unique).copied().unwrap_or(1);
        *reports.entry(place(error)).or_insert(0) += number;
    }
    reports
}

/// The crate and function of the innermost frame that is not the standard or the C library.
fn place(error: &str) -> String {
    let frames = error.split("<frame>").skip(1);
    for frame in frames {
        let folder = element(frame, "dir").unwrap_or_default();
        let file = element(frame, "file").unwrap_or_default();
        let source = format!("{folder}/{file}");
        // Who asks a conditional value of these two is of interest, not that it answers.
        let conditional = source.contains("/subtle-") || source.contains("/ctutils-");
        if folder.is_empty() || source.contains("/library/") || conditional {
            continue;
        }
        let function = element(frame, "fn").unwrap_or("?");
        return format!("{} {}", crate_name(&source), last_segment(function));
    }
    "unknown code".to_owned()
}

fn crate_name(source: &str) -> &str {
    if source.starts_with("/aws-lc/") {
        return "aws-lc";
    }
    if let Some((_, rest)) = source.split_once("/registry/src/") {
        let folder = rest.split('/').nth(1).unwrap_or(rest);
        let version = folder.match_indices('-').find(|(at, _)| {
            folder[at + 1..].starts_with(|character: char| character.is_ascii_digit())
        });
        return version.map_or(folder, |(at, _)| &folder[..at]);
    }
    if source.contains("/constant-time/") { "this package" } else { "strict-jose" }
}

/// The function's own name, without path, generic arguments and the hash of old mangling, or the
/// version that stands before each name of aws-lc.
fn last_segment(function: &str) -> &str {
    if let Some(name) = function.strip_prefix("aws_lc_") {
        return name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    }
    let path = function.find("&lt;").filter(|at| *at > 0).map_or(function, |at| &function[..at]);
    path.rsplit("::")
        .find(|part| {
            let is_hash = part.len() == 17 && part.starts_with('h');
            !is_hash && !part.is_empty() && !part.starts_with('{')
        })
        .unwrap_or(path)
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(value, _)| value)
}
