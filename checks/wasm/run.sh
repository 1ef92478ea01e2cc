#!/usr/bin/env bash
# strict-jose where an application for the web has it: builds the vectors and the round trips for
# wasm32-unknown-unknown, and calls the one module from Node and from a page in headless Chromium. Both have to run as
# many cases as the module says there are.
set -euo pipefail
cd "$(dirname "$0")"
unset CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR RUSTFLAGS # Cargo.toml has all that it takes
target=wasm32-unknown-unknown
page=$PWD/target/page
seconds=300 # 10 on an idle machine

unavailable() {
    echo "$1" | tee -a "${NOT_RUN:-/dev/null}" >&2
    exit 69
}
need() { # a program, and its Debian package where that has another name
    if ! command -v "$1" >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${2:-$1}") >&2 || true
    fi
    command -v "$1" >/dev/null || unavailable "no $1"
}
need node nodejs
need chromium
version=$(node --version)
major=${version#v}
[ "${major%%.*}" -ge 20 ] || unavailable "Node $version is older than 20"
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" ||
    unavailable "no Rust target $target"

cargo build --quiet --locked --release --target "$target"
rm -rf "$page"
cargo run --quiet --locked --package bindgen -- "target/$target/release/strict_jose_wasm.wasm" "$page"
echo '{ "type": "module" }' >"$page/package.json"

in_node=$(timeout "$seconds" node node.mjs "$page") || {
    echo "Node failed, or gave no answer within $seconds seconds" >&2
    exit 1
}
echo "$in_node"
in_page=$(node chromium.mjs "$page" "$seconds")
echo "$in_page"
[ "${in_node#Node: }" = "${in_page#Chromium: }" ]
