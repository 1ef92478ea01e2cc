#!/bin/sh
# Builds both programs, runs them one after the other, prints one table and draws the plots.
#
#   run.sh [--quick] [--rounds N] [--json] [--backend aws-lc-rs|fast-rsa1_5|ring]
#
# --quick proves that it runs; its numbers say nothing. --json prints every round instead of the table.
set -eu
cd "$(dirname "$0")"
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
backend=aws-lc-rs json=
effort= format=md
while [ $# -gt 0 ]; do
    case $1 in
    --quick) effort="$effort --quick" ;;
    --rounds) effort="$effort --rounds $2" && shift ;;
    --json) json=--json format=json ;;
    --backend) backend=$2 && shift ;;
    *) sed -n '2,6s/^#//p' "$0" >&2 && exit 2 ;;
    esac
    shift
done

for program in cmake cc c++ clang pkg-config; do
    command -v "$program" >/dev/null && continue
    echo "$program is missing: README.md names the Debian packages" >&2
    exit 1
done
results="target/results/$backend"
mkdir -p "$results"
for library in openssl boring; do
    cargo build --quiet --locked --release --features "$library,$backend" --bin "peers_$library"
    cp "target/release/peers_$library" "$results/" # the next build, of other features, replaces it
done
cargo build --quiet --locked --release --features "boring,$backend" --bin report
for library in openssl boring; do
    # shellcheck disable=SC2086 # the words are meant to be split
    "$results/peers_$library" $effort >"$results/$library.json"
done
target/release/report $json --plots "$results/plots" "$results/openssl.json" "$results/boring.json" |
    tee "$results/report.$format"
echo "plots: $PWD/$results/plots" >&2
