#!/bin/sh
# Hands tokens and keys of this crate to four other libraries: each has to open every token by every
# form of its key, and to refuse it with one character changed. Installs what it needs under
# target/interop; the one program that comes from Debian it installs only as root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place="${CARGO_TARGET_DIR:-$root/target}/interop"
jwcrypto=1.6.1 joserfc=1.8.0 cryptography=50.0.2 node_jose=6.2.17 debian_jose=11
export PYTHONDONTWRITEBYTECODE=1 # report.py is imported from the sources
mkdir -p "$place"

venv="$place/venv-$jwcrypto-$joserfc-$cryptography"
if [ ! -e "$venv/ready" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    "jwcrypto==$jwcrypto" "joserfc==$joserfc" "cryptography==$cryptography"
  touch "$venv/ready"
fi
NODE_JOSE="$place/node_modules/jose"
export NODE_JOSE
if ! grep -qs "\"version\": \"$node_jose\"" "$NODE_JOSE/package.json"; then
  npm install --silent --no-audit --no-fund --no-save --prefix "$place" "jose@$node_jose"
fi
if ! command -v jose >/dev/null; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "the program jose is missing: install the Debian package jose" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq jose >/dev/null
fi
case $(dpkg-query -W -f '${Version}' jose) in
  "$debian_jose"-*) ;;
  *) echo "Debian's jose is not version $debian_jose" >&2 && exit 1 ;;
esac

cd "$root"
cargo run --quiet --locked --package examples --example interop_tokens >"$place/tokens.json"
rm -f "$place/results"
"$venv/bin/python" "$here/check_jwcrypto.py" "$place/tokens.json" >>"$place/results"
"$venv/bin/python" -W ignore "$here/check_joserfc.py" "$place/tokens.json" >>"$place/results"
node "$here/check_node.mjs" "$place/tokens.json" >>"$place/results"
"$venv/bin/python" "$here/check_debian_jose.py" "$place/tokens.json" >>"$place/results"

# For each library: lines and checks. A pair has 2 sizes of key by 3 kinds of token by the forms of the
# key, opened and refused, and the other half of the key once for each size and form.
awk -F '\t' '
  BEGIN {
    lines["jwcrypto"] = 8; checks["jwcrypto"] = 4 + 30 + 6 * 42
    lines["joserfc"] = 8; checks["joserfc"] = 4 + 30 + 6 * 42
    lines["node-jose"] = 5; checks["node-jose"] = 4 + 30 + 3 * 42
    lines["debian-jose"] = 5; checks["debian-jose"] = 4 + 10 + 3 * 14
  }
  {
    printf "%-28s %-22s %3d passed, %d failed\n", $1, $2, $3, $4
    split($1, part, " ")
    lines[part[1]] -= 1; checks[part[1]] -= $3 + $4
    passed += $3; failed += $4
  }
  END {
    for (name in lines) {
      if (lines[name] || checks[name]) {
        print name ": not the expected number of checks"
        wrong = 1
      }
    }
    printf "%d passed, %d failed\n", passed, failed
    exit (failed || wrong) ? 1 : 0
  }
' "$place/results"
