#!/usr/bin/env bash
# Runs unit tests, vectors, attacks and round trips on other targets, and compares what came of every input
# with what came of it here.
#
#   checks/platforms/run.sh TARGET [BACKEND...]   pure Rust unless said
#   checks/platforms/run.sh here                  all tests of the pure Rust build on this machine
#
# A platform that cannot be had ends it with status 69.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
shift
backends=("$@")
[ $# -gt 0 ] || backends=(pure)
verdicts=$PWD/target/verdicts

cannot() {
    echo "$*" | tee -a "${NOT_RUN:-/dev/null}" >&2
    exit 69
}
packages() { # the Debian packages that are missing
    local missing=() package
    for package in "$@"; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    [ "$(id -u)" = 0 ] && apt-get update --quiet=2 &&
        apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}" >/dev/null ||
        cannot "not installed, and not to be had here: ${missing[*]}"
}
use() { # the linker, and the runner where the machine cannot run what was built
    [[ "${2:-}" != @(qemu|*wine)* ]] || export STRICT_JOSE_EMULATED=1
    local name=${target^^}
    name=${name//-/_}
    export "CARGO_TARGET_${name}_LINKER=$1"
    [ $# -eq 1 ] || export "CARGO_TARGET_${name}_RUNNER=$2"
    export "CC_${target//-/_}=$1"
}

programs=(--lib --test keys --test claims --test encryption --test replay --test attacks --test vectors)

run-tests() { # a name for the verdicts, then arguments of cargo
    local folder=$verdicts/$1
    shift
    rm -rf "$folder"
    mkdir -p "$folder"
    STRICT_JOSE_VERDICTS=$folder cargo test --quiet --locked --no-default-features "$@" >"$folder/log" ||
        { cat "$folder/log"; return 1; }
    local ran
    ran=$(grep -c "^test result: ok" "$folder/log" || true)
    [ "$ran" -ge 7 ] || { cat "$folder/log"; echo "not all seven programs ran" >&2; return 1; }
    # Tests run side by side; within a test the inputs come in order.
    LC_ALL=C sort "$folder"/{attacks,keys,vectors}.txt >"$folder/all"
    echo "$ran programs, $(wc -l <"$folder/all") verdicts"
}

compare() { # a folder of verdicts, with this machine's
    local count
    count=$(wc -l <"$verdicts/here/all")
    [ "$count" -ge 60000 ] || { echo "only $count verdicts here" >&2; return 1; }
    cmp "$verdicts/here/all" "$verdicts/$1/all" || { diff "$verdicts/here/all" "$verdicts/$1/all" | sed -n 1,20p; return 1; }
    echo "the same as here"
}

here() {
    echo "==> here"
    (unset STRICT_JOSE_EMULATED && run-tests here --features jwe)
    echo "$state" >"$verdicts/here/sources"
}

state=$(git ls-files -z -- Cargo.lock Cargo.toml src tests test-vectors | xargs -0 sha256sum | sha256sum)
if [ "$target" = here ]; then
    here
    exit
fi

[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" ||
    cannot "no standard library for $target"
level=0 # of optimisation; where a processor is emulated the attacks would take minutes
case $target in
i686-unknown-linux-gnu)
    packages gcc-i686-linux-gnu libc6-dev-i386-cross
    # Its loader by name: there is none in /lib, and the package that would put one there goes with no compiler.
    use i686-linux-gnu-gcc "/usr/i686-linux-gnu/lib/ld-linux.so.2 --library-path /usr/i686-linux-gnu/lib"
    ;;
aarch64-unknown-linux-gnu)
    packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    level=1
    use aarch64-linux-gnu-gcc "qemu-aarch64 -L /usr/aarch64-linux-gnu"
    ;;
s390x-unknown-linux-gnu)
    packages gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user
    level=1
    use s390x-linux-gnu-gcc "qemu-s390x -L /usr/s390x-linux-gnu"
    ;;
x86_64-unknown-linux-musl)
    packages musl-tools
    # For C alone: Rust brings its own libc, and two make a program that ends before it starts.
    export CC_x86_64_unknown_linux_musl=musl-gcc
    ;;
x86_64-pc-windows-gnu)
    packages gcc-mingw-w64-x86-64 wine64
    export AWS_LC_SYS_PREBUILT_NASM=1 # as the docs say where NASM is missing
    use x86_64-w64-mingw32-gcc "$PWD/checks/platforms/wine.sh"
    ;;
*) cannot "$target has no row in checks/platforms/run.sh" ;;
esac

# Unless what came of the inputs here is known for these sources.
[ "$(cat "$verdicts/here/sources" 2>/dev/null)" = "$state" ] || here
for backend in "${backends[@]}"; do
    echo "==> $target, $backend"
    features=jwe
    [ "$backend" = pure ] || features=jwe,$backend
    CARGO_PROFILE_DEV_OPT_LEVEL=$level run-tests "$target-$backend" --package strict-jose "${programs[@]}" --target "$target" --features "$features"
    compare "$target-$backend"
done
if [ "$target" = x86_64-pc-windows-gnu ]; then
    echo "==> $target, the guard in a file"
    cargo test --quiet --locked --package strict-jose-stores --features sqlite-bundled --test errors --test sqlite --target "$target"
fi
