#!/usr/bin/env bash
# Runs the seeds of every target once, and writes to coverage.txt how much of src/ they reach.
#
#   fuzz/coverage.sh             prints coverage.txt, too
#   fuzz/coverage.sh --missing   prints the functions that no target reaches, too
#
# Nothing is fuzzed, so the compiler that builds the crate does.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
case ${1:-} in
"" | --missing) ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
export CARGO_INCREMENTAL=0
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS

compiler=$(rustc --version)
tools=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
if [ ! -x "$tools/llvm-cov" ]; then
    rustup component add llvm-tools || {
        echo "the component llvm-tools of $compiler is missing, and rustup cannot add it" | tee -a "${NOT_RUN:-/dev/null}" >&2
        exit 69
    }
fi

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
# Build scripts are instrumented, too, and would leave their counts where they run.
export LLVM_PROFILE_FILE=$counts/build-%p.profraw
# Not by `cargo fuzz coverage`: without the sanitizer and the fuzzer's own instrumentation it is one small build.
RUSTFLAGS="-C instrument-coverage" \
    cargo build --quiet --locked --release --manifest-path fuzz/Cargo.toml --target-dir fuzz/target/coverage
inputs=0
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    mapfile -t seeds < <(find "fuzz/seeds/$target" -type f)
    [ "${#seeds[@]}" -gt 0 ] || {
        echo "$target has no seeds" >&2
        exit 1
    }
    program=fuzz/target/coverage/release/$target
    made=$counts/$target
    LLVM_PROFILE_FILE=$made.profraw "$program" "${seeds[@]}" >"$counts/log" 2>&1 || {
        cat "$counts/log"
        exit 1
    }
    "$tools/llvm-profdata" merge --sparse --output "$made.profdata" "$made.profraw"
    "$tools/llvm-cov" export --format=lcov --instr-profile "$made.profdata" "$program" --sources "$root/src" >"$made.lcov"
    inputs=$((inputs + ${#seeds[@]}))
done
python3 fuzz/coverage.py "$counts" "$root" "$inputs seeds, $(date +%F), $compiler" "$@" >"$counts/report"
sed '/^$/,$d' "$counts/report" >fuzz/coverage.txt
cat "$counts/report"
