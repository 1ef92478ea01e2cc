//! What the manifests and lock files of all packages here promise: a build on any day, and one aws-lc in it.

use crate::support::repository::{ROOT, files};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All files of this name, those of builds aside.
fn named(name: &str) -> Vec<PathBuf> {
    files(ROOT, |path| path.ends_with(name))
}

/// The packages of a manifest's workspace, as cargo reads them.
fn packages(manifest: &Path) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// What is wrong with a requirement on another package.
fn fault(dependency: &Value) -> Option<&'static str> {
    let requirement = dependency["req"].as_str().unwrap();
    let parts: Vec<_> = requirement.split(',').map(str::trim).collect();
    let bounded = match parts[..] {
        [one] => one.starts_with(['^', '~']),
        [from, below] => from.starts_with('>') && below.starts_with('<'),
        _ => false,
    };
    if dependency["name"] == "aws-lc-sys" {
        Some("asks for a release of aws-lc beside the one of aws-lc-rs")
    } else if parts.iter().any(|part| part.contains('-')) {
        Some("asks for a pre-release")
    } else if !bounded && dependency["path"].is_null() {
        Some("is not a range of compatible releases")
    } else {
        None
    }
}

#[test]
fn requirements_are_ranges_of_stable_releases() {
    let manifests = named("Cargo.toml");
    let mut looked = 0;
    for manifest in &manifests {
        for package in packages(manifest) {
            for dependency in package["dependencies"].as_array().unwrap() {
                let name = &dependency["name"];
                assert_eq!(fault(dependency), None, "{}: {name}", manifest.display());
                looked += 1;
            }
        }
    }
    assert!(manifests.len() >= 10 && looked >= 100, "{looked} of {} manifests", manifests.len());
    for (requirement, is_right) in [
        ("^0.10", true),
        (">=0.32, <0.44", true),
        ("^0.10.0-rc.20", false),
        ("=1.2.3", false),
        ("*", false),
        (">=1.0", false),
        ("<2", false),
        ("=1.2.3, <2", false),
    ] {
        let dependency = serde_json::json!({ "name": "other", "req": requirement, "path": null });
        assert_eq!(fault(&dependency).is_none(), is_right, "{requirement}");
    }
    let dependency = serde_json::json!({ "name": "aws-lc-sys", "req": "^0.47", "path": null });
    assert!(fault(&dependency).is_some());
}

#[test]
fn every_workspace_has_a_lock_file_with_one_aws_lc() {
    let locks = named("Cargo.lock");
    for manifest in named("Cargo.toml") {
        let text = fs::read_to_string(&manifest).unwrap();
        if text.lines().any(|line| line == "[workspace]") {
            let lock = manifest.with_file_name("Cargo.lock");
            assert!(locks.contains(&lock), "{} is not there", lock.display());
        }
    }
    let mut with_aws_lc = 0;
    for lock in locks {
        let text = fs::read_to_string(&lock).unwrap();
        let found = text.matches("\nname = \"aws-lc-sys\"\n").count();
        assert!(found <= 1, "{found} releases of aws-lc-sys in {}", lock.display());
        with_aws_lc += found;
    }
    assert!(with_aws_lc >= 5, "found in {with_aws_lc} lock files only");
}

#[test]
fn docs_rs_shows_what_every_feature_adds() {
    let packages = packages(&Path::new(ROOT).join("Cargo.toml"));
    for name in ["strict-jose", "strict-jose-stores"] {
        let package = packages.iter().find(|package| package["name"] == name).unwrap();
        let mut features: Vec<_> = package["features"].as_object().unwrap().keys().collect();
        features.retain(|name| !["default", "__internals"].contains(&name.as_str()));
        features.sort();
        let shown = package["metadata"]["docs"]["rs"]["features"].as_array().unwrap();
        let shown: Vec<_> = shown.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(shown, features, "{name}");
    }
}

/// What stands in the parentheses, or brackets, behind the first `start`.
fn words_after<'t>(text: &'t str, start: &str, separator: &str) -> Vec<&'t str> {
    let (_, list) = text.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    let end = list.find([')', ']']).unwrap();
    list[..end].split(separator).collect()
}

#[test]
fn the_workflow_runs_the_stages_of_the_gate() {
    let read = |file: &str| fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let (script, workflow) = (read(".ci/run"), read(".github/workflows/ci.yml"));
    let gate = words_after(&script, "\ngate=(", " ");
    assert!(gate.len() > 10, "{gate:?}");
    assert_eq!(words_after(&workflow, "stage: [", ", "), gate);
}

/// `checks/wasm` builds and runs them.
#[test]
fn the_front_page_has_the_lines_that_run_as_webassembly() {
    let read = |path| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let page = read("src/lib.rs");
    let (_, section) = page.split_once("//! ## WebAssembly\n").unwrap();
    let section: Vec<_> = section.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let section = section.join("\n");
    let [_, manifest, _, code, _] = section.split("```").collect::<Vec<_>>()[..] else {
        panic!("not one manifest and one piece of code: {section}");
    };
    let stripped = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    for (shown, built, lines) in [
        (manifest.strip_prefix("toml").unwrap(), "checks/wasm/Cargo.toml", 4),
        (code, "checks/wasm/src/round_trips.rs", 3),
    ] {
        let shown: Vec<_> = shown.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let shown: Vec<_> = shown.into_iter().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(shown.len(), lines, "{shown:?}");
        let shown = shown.join("\n");
        assert!(stripped(&read(built)).contains(&shown), "{built} has not\n{shown}");
    }
}
