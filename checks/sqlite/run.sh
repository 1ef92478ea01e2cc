#!/usr/bin/env bash
# A program links one SQLite, so the guard in a file has to accept the rusqlite of whatever else is in it. Resolves
# a program with each crate that users combine with it, as of today, and runs the guard's tests on the lowest and
# on the highest release of rusqlite.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$root/target/sqlite

resolve() { # a name, and what the program depends on
    local folder=$work/programs/$1 linked
    mkdir -p "$folder/src"
    echo 'fn main() {}' >"$folder/src/main.rs"
    cat >"$folder/Cargo.toml" <<EOF
[package]
name = "program"
version = "0.0.0"
edition = "2024"
rust-version = "1.89"

[workspace]

[dependencies]
strict-jose-stores = { path = "$root/crates/strict-jose-stores", features = ["sqlite-bundled"] }
$2
EOF
    cargo generate-lockfile --quiet --manifest-path "$folder/Cargo.toml"
    linked=$(grep -c '^name = "libsqlite3-sys"' "$folder/Cargo.lock")
    if [ "$linked" != 1 ]; then
        echo "$1: $linked releases of libsqlite3-sys" >&2
        return 1
    fi
    printf '%-16s rusqlite %s\n' "$1" "$(sed -n '/^name = "rusqlite"/{n;s/.*"\(.*\)"/\1/p}' "$folder/Cargo.lock" | paste -sd' ')"
}

rm -rf "$work/programs"
resolve alone ''
resolve sqlx-0.8 'sqlx = { version = "=0.8.6", default-features = false, features = ["sqlite"] }'
resolve sqlx-0.9 'sqlx = { version = "0.9", default-features = false, features = ["sqlite"] }'
resolve diesel 'diesel = { version = "2", default-features = false, features = ["sqlite"] }'
resolve sea-orm 'sea-orm = { version = "1", default-features = false, features = ["sqlx-sqlite"] }'
resolve tokio-rusqlite 'tokio-rusqlite = "0"'
resolve deadpool-sqlite 'deadpool-sqlite = "0"'
resolve refinery 'refinery = { version = "0", features = ["rusqlite"] }'
for minor in 37 38 39 40 41 42 43; do
    resolve "rusqlite-0.$minor" "rusqlite = \"0.$minor\""
done

# In a copy, so that the lock file that is committed stays as it is.
copy=$work/copy
rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z | xargs -0 cp --parents --no-dereference -t "$copy"
cd "$copy"
tests() {
    sed -n '/^name = "rusqlite"/{n;p}' Cargo.lock
    cargo test --quiet --package strict-jose-stores --features sqlite-bundled --target-dir "$work/tests"
}
cargo update --quiet --package rusqlite --precise 0.32.0
tests
cargo update --quiet --package rusqlite
tests
