#!/usr/bin/env bash
# Makes sure that there is Cargo, and a C compiler: Rust links with it, and ring (our TLS) compiles some C.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"

if ! command -v cargo >/dev/null; then
    say "Cargo is not on PATH. Install Rust 1.95 or newer with rustup, then run this again."
    exit 1
fi
if ! command -v cc >/dev/null && ! install_debian build-essential; then
    say "there is no C compiler (cc) and none could be installed. Install Debian's package \"build-essential\"."
    exit 1
fi
