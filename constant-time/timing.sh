#!/bin/sh
# Times valid against invalid RSAES blocks. Arguments: tuples, 20000 unless said; one algorithm only.
. "$(dirname "$0")/build.sh"
exec target/release/timing "$@"
