//! The house's own rules: which floor may import which, what only one place may name, how long a file
//! may be, and how many crates the default build takes.
#![allow(clippy::print_stdout, reason = "the number is worth seeing")]

use crate::support::repository::{ROOT, files, is_rust};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

struct Source {
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The text without comments, doc examples among them; strings are left as they are.
    fn code(&self) -> String {
        self.text.lines().map(|line| line.split("//").next().unwrap_or_default()).fold(
            String::new(),
            |mut code, line| {
                code.push_str(line);
                code.push('\n');
                code
            },
        )
    }

    /// The code before the tests that stand beside it.
    fn code_without_tests(&self) -> String {
        let code = self.code();
        let end = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        code[..end].to_owned()
    }
}

/// All Rust files under these directories, those of other packages below them included.
fn sources(directories: &[&str]) -> Vec<Source> {
    let root = Path::new(ROOT);
    directories
        .iter()
        .flat_map(|directory| files(root.join(directory), is_rust))
        .map(|path| Source {
            text: fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"),
        })
        .collect()
}

fn src() -> Vec<Source> {
    let sources = sources(&["src"]);
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

/// The sources of the crate and of the stores, which keep the same house rules.
fn published() -> Vec<Source> {
    let stores = sources(&["crates/strict-jose-stores/src"]);
    assert!(stores.len() > 5, "the stores were not found");
    src().into_iter().chain(stores).collect()
}

/// The modules of the crate from the ground up. Those of one row do not know each other.
const FLOORS: [&[&str]; 9] = [
    &["error"],
    &["limits", "numeric_date", "secret", "jwa"],
    &["encoding"],
    &["crypto", "header"],
    &["key"],
    &["jws", "jwe", "replay"],
    &["jwt"],
    &["profile"],
    &["guide"],
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

/// The top-level module that a file belongs to: `src/key/rsa.rs` to `key`.
fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The first name after each `crate::`, groups taken apart; `Item` for one that starts upper case.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, prefix) in code.match_indices("crate::") {
        // `$crate::` of a macro names the same modules.
        let rest = &code[at + prefix.len()..];
        let heads: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => top_level(&group[..group.find("};").unwrap_or(group.len())]),
            None => vec![rest],
        };
        for head in heads {
            let name: String = head
                .trim_start()
                .chars()
                .take_while(|character| character.is_alphanumeric() || *character == '_')
                .collect();
            found.insert(name);
        }
    }
    found.remove("");
    found
}

/// The parts of an import group, split at the commas outside inner braces.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
}

/// Why this file may not import this name of the crate's; `None` if it may.
fn objection(path: &str, name: &str) -> Option<String> {
    let module = module_of(path);
    if ["lib", "internals"].contains(&module) || name == module {
        return None;
    }
    let own = floor(module).unwrap_or_else(|| panic!("{path} stands on no floor"));
    if name.starts_with(char::is_uppercase) {
        // What the door re-exports: for those above the house's own floors.
        return (module != "profile").then(|| format!("{path} imports {name} by the door"));
    }
    match floor(name) {
        // A profile is built of public items alone: these modules are public.
        Some(_) if module == "profile" => (!["jws", "jwe", "jwt"].contains(&name))
            .then(|| format!("{path} imports the private {name}")),
        Some(other) if other < own => None,
        Some(_) => Some(format!("{path} imports {name}, which is not below it")),
        None if module == "profile" && ["external", "legacy"].contains(&name) => None,
        None => Some(format!("{path} imports {name}, which stands on no floor")),
    }
}

#[test]
fn imports_point_down_the_floors() {
    let mut seen = 0;
    let mut objections = Vec::new();
    for source in src() {
        for name in imports(&source.code_without_tests()) {
            seen += 1;
            objections.extend(objection(&source.path, &name));
        }
    }
    assert_eq!(objections, [""; 0]);
    assert!(seen > 100, "imports were not found");
}

#[test]
fn the_rule_about_imports_can_fail() {
    let wrong = [
        ("src/error/key.rs", "use crate::limits::Limits;"),
        ("src/jws.rs", "use crate::jwe::decrypt;"),
        ("src/jwe.rs", "use crate::{error::Error, jws::verify};"),
        (
            "src/crypto/random.rs",
            "use crate::{\n    error::{Error, KeyError},\n    header::JwsHeader,\n};",
        ),
        ("src/header.rs", "let x = crate::crypto::random::fill;"),
        ("src/key.rs", "use crate::Limits;"),
        ("src/profile/session.rs", "use crate::crypto::random;"),
        ("src/profile/session.rs", "use crate::encoding::json;"),
    ];
    for (path, code) in wrong {
        let objections = imports(code).iter().filter_map(|name| objection(path, name)).count();
        assert_eq!(objections, 1, "{path}: {code}");
    }
    let right = [
        ("src/profile/session.rs", "use crate::{Claims, Error, jwt};"),
        ("src/key/pem.rs", "use crate::error::KeyError;"),
        ("src/jwt.rs", "use crate::{jws::verify, key::SigningKey};"),
    ];
    for (path, code) in right {
        assert!(imports(code).iter().all(|name| objection(path, name).is_none()), "{path}: {code}");
    }
}

/// A crate, and the only places that may name it.
const PLACES: [(&str, &[&str]); 29] = [
    ("ring", &["src/crypto/"]),
    ("aws_lc_rs", &["src/crypto/"]),
    ("strict_jose_raw_rsa", &["src/crypto/rsa_encryption/aws_lc.rs"]),
    ("rsa", &["src/crypto/"]),
    ("aes", &["src/crypto/"]),
    ("aes_gcm", &["src/crypto/"]),
    ("cbc", &["src/crypto/"]),
    ("cipher", &["src/crypto/"]),
    ("digest", &["src/crypto/"]),
    ("hmac", &["src/crypto/"]),
    ("sha1", &["src/crypto/"]),
    ("sha2", &["src/crypto/"]),
    ("siphasher", &["src/crypto/"]),
    ("subtle", &["src/crypto/", "src/internals.rs", "src/key/key_text.rs"]),
    ("getrandom", &["src/crypto/random.rs"]),
    ("base64", &["src/encoding/base64url.rs", "crates/strict-jose-stores/src/redis.rs"]),
    ("base64ct", &["src/encoding/base64url.rs"]),
    ("pem_rfc7468", &["src/key/pem.rs"]),
    ("ipnet", &["src/profile/session/binding.rs"]),
    ("url", &["src/profile/session/binding.rs"]),
    ("percent_encoding", &["crates/strict-jose-stores/src/postgres/address.rs"]),
    ("redis", &["crates/strict-jose-stores/src/redis"]),
    ("rusqlite", &["crates/strict-jose-stores/src/sqlite/"]),
    ("rustls", &["crates/strict-jose-stores/src/tls.rs", "crates/strict-jose-stores/src/redis/"]),
    ("rustls_native_certs", &["crates/strict-jose-stores/src/tls.rs"]),
    ("tokio", &["crates/strict-jose-stores/src/"]),
    ("tokio_postgres", &["crates/strict-jose-stores/src/postgres"]),
    ("tokio_postgres_rustls_improved", &["crates/strict-jose-stores/src/postgres/session.rs"]),
    ("tokio_rustls", &["crates/strict-jose-stores/src/redis/"]),
];

/// Whether the code names the crate itself, and no module of that name under another path.
fn names_crate(code: &str, name: &str) -> bool {
    // `use` brings a module of ours in under the same name.
    let ours = code.split(';').any(|statement| {
        let import = statement.rfind("use ").map_or("", |start| &statement[start..]);
        let word = |c: char| !c.is_alphanumeric() && c != '_';
        (import.contains("crate::") || import.contains("super::"))
            && import.split(word).any(|part| part == name)
    });
    !ours
        && code.match_indices(&format!("{name}::")).any(|(at, _)| {
            let before = &code[..at];
            let part_of_a_name =
                before.ends_with(|last: char| last.is_alphanumeric() || last == '_' || last == '.');
            let statement = &before[before.rfind([';', '}']).map_or(0, |end| end + 1)..];
            // Inside `use key::{ ... }` it is a module of that path.
            let grouped = statement.contains("::{");
            !part_of_a_name && (before.ends_with("use ::") || !before.ends_with("::")) && !grouped
        })
}

#[test]
fn each_foreign_crate_has_its_place() {
    let mut found = BTreeSet::new();
    for source in published() {
        let code = source.code();
        for (name, places) in PLACES {
            if names_crate(&code, name) {
                let at_home = places.iter().any(|place| source.path.starts_with(place));
                assert!(at_home, "{} names {name}", source.path);
                found.insert(name);
            }
        }
    }
    for name in
        "ring rsa aes hmac sha2 subtle getrandom base64ct url rusqlite rustls tokio".split(' ')
    {
        assert!(found.contains(name), "{name} was not found even where it is");
    }
}

#[test]
fn the_rule_about_crates_can_fail() {
    for code in ["use rsa::BoxedUint;", "fn f() { rsa::hazmat::x() }", "use ::rsa::x;", "&rsa::Y"] {
        assert!(names_crate(code, "rsa"), "{code}");
    }
    for code in [
        "use crate::key::{jwk, rsa};\nfn f() { rsa::x() }",
        "use crate::key::rsa::Rs256;",
        "use super::{rsa::X};",
        "let rsa = 1;",
        "x.rsa::y",
    ] {
        assert!(!names_crate(code, "rsa"), "{code}");
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let all = sources(&["src", "tests", "examples", "test-vectors", "benches", "fuzz", "crates"]);
    for source in all {
        let lines = source.text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", source.path);
    }
}

#[test]
fn every_file_says_first_what_it_is() {
    for source in published() {
        assert!(source.text.starts_with("//! "), "{}", source.path);
    }
}

#[test]
fn nothing_unfinished_or_unsafe_is_left() {
    let doors: Vec<_> =
        published().into_iter().filter(|source| source.path.ends_with("src/lib.rs")).collect();
    assert_eq!(doors.len(), 2);
    assert!(doors.iter().all(|door| door.text.contains("\n#![forbid(unsafe_code)]\n")));
    for source in published() {
        let code = source.code().replace("forbid(unsafe_code)", "");
        for word in ["unsafe", "todo!", "unimplemented!", "dbg!"] {
            assert!(!code.contains(word), "{} holds {word}", source.path);
        }
        for word in ["TODO", "FIXME", "XXX", "HACK"] {
            assert!(!source.text.contains(word), "{} holds {word}", source.path);
        }
    }
}

/// Names of values that only `ct_eq` may compare.
const AUTHENTICATORS: [&str; 6] = ["tag", "mac", "signature", "hmac", "digest", "cek"];

/// The sides of `==` and `!=` in a line that end, or begin, in the name of an authenticator.
fn compares_authenticator(line: &str) -> bool {
    let is_one = |side: &str| {
        let name = side.trim().trim_start_matches(['&', '*', '(']).trim_end_matches([')', ';']);
        let name = name.split('[').next().unwrap_or_default();
        let last = name.rsplit(['.', ' ', '(']).next().unwrap_or_default();
        AUTHENTICATORS.iter().any(|word| last == *word || last.ends_with(&format!("_{word}")))
    };
    ["==", "!="].iter().any(|operator| {
        line.match_indices(operator).any(|(at, _)| {
            let left = line[..at].rsplit(['&', '|']);
            let right = line[at + 2..].split(['&', '|', '{', ',']).map(str::trim);
            left.take(1).any(is_one) || right.take(2).any(is_one)
        })
    })
}

#[test]
fn authenticators_are_compared_in_constant_time_only() {
    for source in published() {
        for line in source.code_without_tests().lines() {
            assert!(!compares_authenticator(line), "{}: {line}", source.path);
        }
    }
    for line in
        ["if tag == other {", "if a && mac != self.mac {", "x == &own_tag;", "a == b.tag[..16]"]
    {
        assert!(compares_authenticator(line), "{line}");
    }
    for line in ["tag.len() == 16", "if length == N {", "stage == 1", "signature_len == 3"] {
        assert!(!compares_authenticator(line), "{line}");
    }
}

/// HTTP clients, curves, password hashes, compression, patterns: nothing that JOSE as here needs.
const DENIED: [&str; 11] = [
    "reqwest",
    "hyper",
    "ureq",
    "curl",
    "p256",
    "ed25519",
    "elliptic-curve",
    "pbkdf2",
    "flate2",
    "miniz_oxide",
    "regex",
];

#[test]
fn the_default_build_takes_at_most_65_crates() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "strict-jose", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?))
        })
        .filter(|(name, _)| *name != "strict-jose")
        .collect();
    println!("{} crates in the default build", crates.len());
    assert!((10..=65).contains(&crates.len()), "{} crates: {crates:?}", crates.len());
    for denied in DENIED {
        assert!(!crates.iter().any(|(name, _)| name.starts_with(denied)), "{denied} is among them");
    }
}
