#!/bin/sh
# Runs the tests under valgrind memcheck: no access outside memory's bounds or to what was never
# written, and nothing lost. It has to find a leak that is made on purpose.
set -eu
cd "$(dirname "$0")"
unset CARGO_ENCODED_RUSTFLAGS RUSTFLAGS CARGO_BUILD_TARGET || true
if ! command -v valgrind >/dev/null; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "valgrind is not installed" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -y -qq valgrind
fi
cargo build --quiet --locked --tests
program=$(cargo test --locked --no-run --test operation 2>&1 | sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
memcheck() {
    valgrind -q --leak-check=full --show-leak-kinds=definite,indirect \
        --errors-for-leak-kinds=definite,indirect --error-exitcode=9 "$program" "$@"
}
memcheck
code=0
memcheck --ignored --exact a_leak >/dev/null 2>&1 || code=$?
if [ "$code" -ne 9 ]; then
    echo "the leak was not found: exit code $code" >&2
    exit 1
fi
echo "OK: no error, and the leak made on purpose was found"
