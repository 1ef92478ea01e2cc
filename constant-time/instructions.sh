#!/bin/sh
# Counts the instructions of every class of RSAES block. Argument: ciphertexts a class, 4 unless said.
. "$(dirname "$0")/build.sh"
need_valgrind
exec target/release/instructions "$@"
