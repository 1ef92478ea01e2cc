#!/bin/sh
# Runs every path that a secret takes under memcheck. Argument: only paths whose names contain it.
# FEATURES=fast-rsa1_5 runs those of RSA1_5 through aws-lc's raw operation.
features=${FEATURES:-}
. "$(dirname "$0")/build.sh"
need_valgrind
exec target/measured/release/taint "$@"
