#!/bin/sh
# Runs every path that a secret takes under memcheck. Argument: only paths whose names contain it.
. "$(dirname "$0")/build.sh"
need_valgrind
exec target/release/taint "$@"
