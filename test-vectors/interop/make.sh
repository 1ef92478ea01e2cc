#!/bin/sh
# Makes all fixtures anew, with new keys: needed only for another version of a library.
# VENV is a Python virtual environment with jwcrypto and joserfc, NODE_JOSE the folder of Node's jose;
# the program jose has to be in the path. check.sh installs all of them under target/interop.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export PYTHON="${VENV:?}/bin/python" NODE_JOSE="${NODE_JOSE:?}"
mkdir -p "$here/fixtures"

make() {
  name=$1
  shift
  "$@" >"$here/fixtures/$name.json.new"
  mv "$here/fixtures/$name.json.new" "$here/fixtures/$name.json"
  echo "made $name.json"
}

make jwcrypto "$PYTHON" "$here/make_jwcrypto.py"
make joserfc "$PYTHON" -W ignore "$here/make_joserfc.py"
make node-jose node "$here/make_node.mjs"
make debian-jose "$here/make_debian_jose.sh"
