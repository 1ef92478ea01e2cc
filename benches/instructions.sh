#!/bin/sh
# Counts the instructions and allocations of every verb under valgrind and compares them with
# instructions/counts.txt, 3 % allowed. --record writes that file anew; FEATURES=ring shows what that
# backend takes in place of the default one.
set -eu
cd "$(dirname "$0")/.."
# Not native: valgrind does not know the newest instructions. The randomness has a fixed seed.
export RUSTFLAGS='--cfg getrandom_backend="custom"'
unset CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
# One folder with checks/constant-time: what both depend on is built once.
cargo build --quiet --locked --release --target-dir target/measured --package strict-jose-instructions ${FEATURES:+--no-default-features --features "$FEATURES"}
if ! command -v valgrind >/dev/null; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "valgrind is not installed" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -y -qq valgrind
fi
exec target/measured/release/strict-jose-instructions "$@"
