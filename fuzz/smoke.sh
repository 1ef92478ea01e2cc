#!/bin/sh
# Runs every fuzz target so many seconds, 20 unless said, and fails on the first crash. A second
# argument fixes the random seed, so that a run can be repeated; 0, the default, takes another each time.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-20}
seed=${2:-0}
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
python3 fuzz/seeds.py
cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null # cargo fuzz has no --locked
cargo +nightly fuzz build
for target in $(cargo +nightly fuzz list); do
    printf '%-16s ' "$target"
    log=$(mktemp)
    if ! cargo +nightly fuzz run "$target" -- -dict=fuzz/jose.dict -max_total_time="$seconds" -seed="$seed" \
        -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 >"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
    covered=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
    ran=$(grep 'number_of_executed_units' "$log" | grep -o '[0-9]*$')
    echo "executions: $ran $covered"
    rm -f "$log"
done
