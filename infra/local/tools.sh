#!/usr/bin/env bash
# Finds or installs what the tests need beyond Rust and PostgreSQL: Chromium, hledger, Python packages, Node packages.
# Usage: tools.sh [--required]   (--required: fail where something could not be had)
#
# Writes .local/tools.env (where things are, sourced by test.sh) and the skip list: one line for each thing that could
# not be had, naming what is skipped without it. Takes a second when all is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"

skipped=${COTERIE_SKIPPED_FILE:-$root/target/skipped.txt}
python_home=$root/.local/python
browser_tests=$root/tests/browser
node_oldest=20
mkdir -p "$root/.local" "$(dirname "$skipped")"
: >"$skipped"

# Notes what cannot run, by name.
skip() {
    echo "$1" >>"$skipped"
    say "skipped: $1"
}

# Prints a program's path, installing the Debian package named second where it is missing.
program() {
    command -v "$1" && return
    install_debian "$2" >&2 && command -v "$1"
}

# True when a stamp file holds this text: what was installed is what is asked for.
stamped() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
digest() { sha256sum "$@" | sha256sum | cut -c1-64; }

# A venv needs ensurepip, which Debian keeps in python3-venv; then Debian's own python3 is the one to use.
make_venv() {
    python3 -m venv --clear "$python_home" >/dev/null 2>&1 && return
    install_debian python3 python3-venv && /usr/bin/python3 -m venv --clear "$python_home"
}

pip_install() {
    "$python_home/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$1" </dev/null >&2
}

python_packages() {
    local wanted stamp=$python_home/coterie.stamp
    wanted=$(digest "$here/requirements.txt")
    if stamped "$stamp" "$wanted"; then return; fi
    say "installing Python packages into .local/python"
    make_venv && pip_install "$here/requirements.txt" && echo "$wanted" >"$stamp"
}

node_is_new_enough() {
    local version
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    version=$(node --version)
    version=${version#v}
    [ "${version%%.*}" -ge "$node_oldest" ]
}

# Debian 12 carries Node 18; PyPI carries the real programs of newer ones.
node_programs() {
    if node_is_new_enough; then return; fi
    [ -x "$python_home/bin/python" ] || return 1
    say "installing Node.js into .local/python"
    pip_install "$here/requirements-node.txt" && hash -r && node_is_new_enough
}

node_packages() {
    local wanted stamp=$browser_tests/node_modules/.coterie.stamp
    wanted=$(digest "$browser_tests/package-lock.json" "$browser_tests/package.json")
    if stamped "$stamp" "$wanted"; then return; fi
    say "installing Node packages into tests/browser"
    (cd "$browser_tests" && npm ci --ignore-scripts --loglevel=error </dev/null >&2) && echo "$wanted" >"$stamp"
}

PATH=$python_home/bin:$PATH
python_packages || skip "Python judges (bean-check, stripe SDK, icalendar, aiosmtpd): the packages could not be installed"
program hledger hledger >/dev/null || skip "hledger check: hledger could not be installed"
chromium=${CHROMIUM_PATH:-}
if [ ! -x "$chromium" ]; then
    chromium=$(program chromium chromium) || skip "browser journeys: Chromium could not be installed"
fi
node_programs || skip "browser journeys: Node.js $node_oldest or newer could not be installed"
if node_is_new_enough; then
    node_packages || skip "browser journeys: the Node packages could not be installed"
fi

{
    # shellcheck disable=SC2016 # expanded by whoever sources the file
    printf 'export PATH=%q:"$PATH"\n' "$python_home/bin"
    printf 'export CHROMIUM_PATH=%q\n' "$chromium"
    printf 'export COTERIE_PYTHON=%q\n' "$python_home/bin/python"
} >"$root/.local/tools.env"

if [ "${1:-}" = --required ] && [ -s "$skipped" ]; then exit 1; fi
