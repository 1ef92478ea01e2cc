#!/bin/sh
# Counts the instructions of every class of RSAES block. Argument: ciphertexts a class, 4 unless said.
# FEATURES=aws-lc-rs counts those of RSA-OAEP by that backend, FEATURES=fast-rsa1_5 those of RSA1_5.
features=${FEATURES:-}
. "$(dirname "$0")/build.sh"
need_valgrind
exec target/measured/release/instructions "$@"
