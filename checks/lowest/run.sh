#!/usr/bin/env bash
# Builds and runs what users get with the minimum Rust version and the lowest releases that the manifests
# allow: the unpacked packages without their dev-dependencies, which users do not have, and the application
# of checks/strangers. `.ci/run lowest` unpacks the packages into target/strangers and starts this.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD folder=$PWD/target/lowest
version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)

mkdir -p "$folder"
rm -rf "$folder"/{strict-jose{,-raw-rsa,-stores},application,Cargo.toml,Cargo.lock}
for name in strict-jose strict-jose-raw-rsa strict-jose-stores; do
    cp -r "$root/target/strangers/$name" "$folder/$name"
    rm -f "$folder/$name/Cargo.lock"
    # Tables of what only the tests need.
    awk '/^\[/ { skip = /^\[\[(test|bench|example)\]\]|dev-dependencies|^\[profile/ } !skip' \
        "$root/target/strangers/$name/Cargo.toml" >"$folder/$name/Cargo.toml"
done
cp -r "$root/checks/strangers" "$folder/application"
rm -rf "$folder/application"/{Cargo.lock,target}
# The root of the workspace has the profile and the patches; the floor of serde is the crate's.
floor=$(sed -n 's/^serde = { version = "\([^"]*\)".*/\1/p' "$root/Cargo.toml" | head -1)
sed -e '/^\[workspace\]/d' -e '/^# Primes/,$d' -e "s/^serde = { version = \"1\"/serde = { version = \"$floor\"/" \
    "$root/checks/strangers/Cargo.toml" >"$folder/application/Cargo.toml"
cat >"$folder/Cargo.toml" <<END
[workspace]
resolver = "3"
members = ["application", "strict-jose", "strict-jose-raw-rsa", "strict-jose-stores"]

[profile.dev]
opt-level = 1
debug = false

[patch.crates-io]
strict-jose = { path = "strict-jose" }
strict-jose-raw-rsa = { path = "strict-jose-raw-rsa" }
strict-jose-stores = { path = "strict-jose-stores" }
END
cd "$folder"
# Unstable options are for resolving alone; what builds is the stable compiler of the minimum version.
RUSTC_BOOTSTRAP=1 cargo generate-lockfile --quiet -Z direct-minimal-versions
python3 "$root/checks/lowest/floors.py"
export CARGO_TARGET_DIR=$folder/target
cargo "+$version" test --quiet --locked --package strict-jose --lib --no-default-features --features jwe,kore,session
for features in jwe ring aws-lc-rs fast-rsa1_5 every; do
    echo "the application with $features"
    cargo "+$version" run --quiet --locked --package strict-jose-stranger --no-default-features --features "$features"
done
