//! The repository as a test reads it: its files, its sources without comments, the crates it is built of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files under the folder whose path is wanted, in order, but for those of builds and of git.
pub fn files(folder: impl AsRef<Path>, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    fn walk(folder: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("target") && !path.ends_with(".git") {
                    walk(&path, wanted, found);
                }
            } else if wanted(&path) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder.as_ref(), &wanted, &mut found);
    found.sort();
    found
}

pub fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// Cargo, but where this program runs on another system than its compiler did: a Windows program under wine
/// cannot start it, and under qemu a process that is forked beside other threads can wait for ever.
pub fn cargo() -> Option<Command> {
    let at_home = std::env::var_os("STRICT_JOSE_EMULATED").is_none();
    at_home.then(|| Command::new(env!("CARGO")))
}

/// The names of all crates that this build of the crate is made of, tests aside.
fn dependencies(mut cargo: Command) -> Vec<String> {
    // The features of this build, so that cargo has everything at hand that it lists.
    let features = [
        ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
        ("fast-rsa1_5", cfg!(feature = "fast-rsa1_5")),
        ("ring", cfg!(feature = "ring")),
        ("jwe", cfg!(feature = "jwe")),
        ("session", cfg!(feature = "session")),
    ];
    let on: Vec<_> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let output = cargo
        .args(["tree", "--offline", "--package", "strict-jose", "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(["--no-default-features", "--features", &on.join(",")])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    // Features by a crate that they, and no others, bring; that of the unsafe calls among them.
    for (name, on) in [
        ("aws-lc-rs", cfg!(feature = "aws-lc-rs")),
        ("ring", cfg!(feature = "ring")),
        ("strict-jose-raw-rsa", cfg!(feature = "fast-rsa1_5")),
    ] {
        assert_eq!(names.iter().any(|found| found == name), on, "{name}: not this crate's tree");
    }
    assert!(names.iter().any(|name| name == "serde_json"), "not this crate's tree");
    names
}

/// Fails if any of these crates is in the tree.
pub fn assert_not_depended_on(names: &[&str]) {
    let Some(cargo) = cargo() else { return };
    let dependencies = dependencies(cargo);
    for name in names {
        assert!(!dependencies.iter().any(|dependency| dependency == name), "{name}");
    }
}

/// Every source file of the crate without its tests and comments: path and text.
pub fn sources() -> Vec<(String, String)> {
    let code = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: Vec<_> = lines.collect();
        (path.display().to_string().replace('\\', "/"), code.join("\n"))
    };
    let wanted = |path: &Path| is_rust(path) && !path.ends_with("tests.rs");
    let found: Vec<_> = files(Path::new(ROOT).join("src"), wanted).into_iter().map(code).collect();
    assert!(found.len() > 30, "the sources have moved");
    found
}

/// The code of the one source file whose path ends so.
pub fn source(end: &str) -> String {
    let found = sources().into_iter().find(|(path, _)| path.ends_with(end));
    found.unwrap_or_else(|| panic!("{end} has moved")).1
}
