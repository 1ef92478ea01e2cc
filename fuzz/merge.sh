#!/usr/bin/env bash
# Writes seeds/ anew: the fewest of its inputs, and of those in corpus/, that reach all that these reach.
#
#   fuzz/merge.sh             every target
#   fuzz/merge.sh TARGET...   these
#
# A file named fault-* stays, whatever the others reach.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=$((1024 * 1024)) # octets, of all targets: everybody who clones the repository carries them
# Longer inputs run slowly and seldom reach more; the lists that end at 4096 elements do, as faults.
longest=4096
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET

if ! command -v cargo-fuzz >/dev/null; then
    cargo install --locked cargo-fuzz
fi
python3 fuzz/seeds.py
cargo +nightly fuzz build
mapfile -t all < <(cargo +nightly fuzz list)
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
log=$made/log
for target in "${all[@]}"; do
    mkdir -p "$made/$target" "fuzz/seeds/$target" "fuzz/corpus/$target"
    case " ${targets[*]} " in
    *" $target "*) keep='fault-*' ;;
    *) keep='*' ;;
    esac
    find "fuzz/seeds/$target" -type f -name "$keep" -exec cp -t "$made/$target" {} +
done
for target in "${targets[@]}"; do
    [ -d "$made/$target" ] || {
        echo "$target is no target: ${all[*]}" >&2
        exit 2
    }
    # What the first folder reaches counts as reached: by the faults, then by the seeds that stay, so that
    # a merge replaces no seed by another that is as good.
    for source in seeds corpus; do
        if ! cargo +nightly fuzz run "$target" "$made/$target" "fuzz/$source/$target" -- \
            -set_cover_merge=1 -use_counters=0 -max_len="$longest" -rss_limit_mb=4096 >"$log" 2>&1; then
            cat "$log"
            exit 1
        fi
    done
done

octets() { find "$@" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
rm -f "$log"
for target in "${all[@]}"; do
    printf '%-16s %4d files %7d octets\n' "$target" "$(find "$made/$target" -type f | wc -l)" "$(octets "$made/$target")"
done
sum=$(octets "$made")
echo "$sum octets of $limit"
if [ "$sum" -gt "$limit" ]; then
    echo "more than the limit, so seeds/ stays as it was" >&2
    exit 1
fi
for target in "${targets[@]}"; do
    rm -rf "fuzz/seeds/$target"
    cp -r "$made/$target" "fuzz/seeds/$target"
done
