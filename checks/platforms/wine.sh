#!/usr/bin/env bash
# Runs a Windows program by wine. Debian 12's wine has no bcryptprimitives.dll, from which the standard library
# takes its randomness: a library of that one function stands in.
set -euo pipefail
folder=$(dirname "$0")/../../target/wine
mkdir -p "$folder"
library=$folder/bcryptprimitives.dll
if [ ! -e "$library" ]; then
    x86_64-w64-mingw32-gcc -shared -O2 -o "$library.$$" "$(dirname "$0")/bcryptprimitives.c" -ladvapi32
    mv "$library.$$" "$library"
fi
gcc=$(dirname "$(x86_64-w64-mingw32-gcc -print-libgcc-file-name)")
export WINEDEBUG=-all WINEPREFIX="${WINEPREFIX:-$(cd "$folder" && pwd)/prefix}"
export WINEPATH="$(cd "$folder" && pwd);$gcc"
exec /usr/lib/wine/wine64 "$@"
