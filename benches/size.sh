#!/bin/sh
# Per feature set, beside josekit and jsonwebtoken: the time of a clean build, the crates in it, the
# size of the smallest program, stripped, and the time from its start to its first verification.
#
#   size.sh [ROUNDS]      how often each program is started, 201 times unless said
#
# Some 6 minutes on an idle machine. Debian packages, beside Rust: build-essential, cmake, libssl-dev, pkg-config.
set -eu
cd "$(dirname "$0")/size"
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
rounds=${1:-201}
place=$PWD/target
mkdir -p "$place/programs"
cargo fetch --quiet --locked # downloads are no part of a build

cargo build --quiet --locked --release --bin starts --bin nothing --target-dir "$place/starts"
cp "$place/starts/release/nothing" "$place/programs/nothing"
: >"$place/rows"

# build NAME PROGRAM FEATURES
build() {
    rm -rf "$place/clean"
    start=$(date +%s%N)
    cargo build --quiet --locked --release --bin "$2" --features "$3" --target-dir "$place/clean"
    milliseconds=$((($(date +%s%N) - start) / 1000000))
    crates=$(cargo tree --quiet -e normal --prefix none --features "$3" | sed 's/ (.*//' | sort -u | wc -l)
    cp "$place/clean/release/$2" "$place/programs/$3"
    kib=$(($(stat -c %s "$place/programs/$3") / 1024))
    echo "$1|$3|$milliseconds|$((crates - 1))|$kib" >>"$place/rows"
    rm -rf "$place/clean"
    echo "built: $1" >&2
}

build "strict-jose, no features" strict_jose strict-jose
build "strict-jose, ring" strict_jose strict-jose,ring
build "strict-jose, jwe" strict_jose strict-jose,jwe
build "strict-jose, ring, jwe" strict_jose strict-jose,ring,jwe
build "strict-jose, aws-lc-rs" strict_jose strict-jose,aws-lc-rs
build "strict-jose, default: aws-lc-rs, jwe" strict_jose strict-jose,aws-lc-rs,jwe
build "jsonwebtoken, aws-lc-rs" jsonwebtoken jsonwebtoken
build "josekit, verifying" josekit josekit
build "josekit, JWE too" josekit josekit,jwe

programs=$(cut -d'|' -f2 "$place/rows" | sed "s#^#$place/programs/#")
# shellcheck disable=SC2086 # the words are meant to be split
"$place/starts/release/starts" "$rounds" "$place/programs/nothing" $programs >"$place/took"
nothing=$(head -1 "$place/took")
echo "An empty program takes $nothing µs from start to end; the times below are what is added to it."
echo "josekit uses the system's OpenSSL, which its size and its build leave out."
echo
echo "| | clean build | crates | stripped | start to first verification |"
echo "| --- | ---: | ---: | ---: | ---: |"
tail -n +2 "$place/took" | paste -d'|' "$place/rows" - |
    while IFS='|' read -r name _ milliseconds crates kib took; do
        echo "| $name | $((milliseconds / 1000)).$((milliseconds % 1000 / 100)) s | $crates | $kib KiB | $((took - nothing)) µs |"
    done
