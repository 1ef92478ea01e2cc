# Sourced by the three checks: builds them for a plain processor, optimised, with line tables.
set -eu
cd "$(dirname "$0")/../.."
# Not native: valgrind does not know the newest instructions. The randomness is src/random.rs.
export RUSTFLAGS='--cfg getrandom_backend="custom"'
unset CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET || true
# One folder with benches/instructions: what both depend on is built once.
cargo build --quiet --locked --release --target-dir target/measured --package strict-jose-constant-time ${features:+--features "$features"}

need_valgrind() {
    command -v valgrind >/dev/null && return
    if [ "$(id -u)" -ne 0 ]; then
        echo "valgrind is not installed" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -y -qq valgrind
}
