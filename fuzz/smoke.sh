#!/bin/sh
# Replays the seeds of every fuzz target, fuzzes on from them so many seconds, 20 unless said, and fails
# on the first crash. A second argument fixes the random seed, so that a run can be repeated; 0, the
# default, takes another each time.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-20}
seed=${2:-0}
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null # cargo fuzz has no --locked
cargo +nightly fuzz build
found=$(mktemp -d) # the repository's seeds alone, and what is found on the way is nobody's
trap 'rm -rf "$found"' EXIT
for target in $(cargo +nightly fuzz list); do
    printf '%-16s ' "$target"
    log=$found/log
    mkdir -p "$found/$target" "fuzz/seeds/$target"
    if ! cargo +nightly fuzz run "$target" "$found/$target" "fuzz/seeds/$target" -- -dict=fuzz/jose.dict \
        -max_total_time="$seconds" -seed="$seed" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 >"$log" 2>&1; then
        cat "$log"
        exit 1
    fi
    seeds=$(find "fuzz/seeds/$target" -type f | wc -l)
    taken=$(sed -n 's/^INFO: seed corpus: files: \([0-9]*\) .*/\1/p' "$log")
    if [ "$seeds" -eq 0 ] || [ "${taken:-0}" -ne "$seeds" ] || ! grep -q '^#[0-9]*[[:space:]]*INITED' "$log"; then
        echo "there are $seeds seeds, and ${taken:-0} were read" >&2
        exit 1
    fi
    covered=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
    ran=$(grep 'number_of_executed_units' "$log" | grep -o '[0-9]*$')
    echo "seeds: $seeds executions: $ran $covered"
done
