#!/bin/sh
# Times valid against invalid RSAES blocks. Arguments: tuples, 100000 unless said; one algorithm only.
# FEATURES=aws-lc-rs times RSA-OAEP by that backend, FEATURES=fast-rsa1_5 RSA1_5, too.
features=${FEATURES:-}
. "$(dirname "$0")/build.sh"
exec target/measured/release/timing "$@"
