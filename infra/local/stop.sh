#!/usr/bin/env bash
# Stops what with-postgres.sh runs in DIR, by process id; with --forget also removes DIR.
# Usage: stop.sh [--forget] DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"
# shellcheck source-path=SCRIPTDIR source=cluster.sh
. "$here/cluster.sh"

forget=''
if [ "${1:-}" = --forget ]; then
    forget=yes
    shift
fi
if [ $# -ne 1 ]; then
    say "usage: stop.sh [--forget] DIR"
    exit 2
fi
if [ ! -d "$1" ]; then
    say "there is nothing in $1."
    exit 0
fi
directory=$(cd "$1" && pwd -P)

# The lock says whether the launcher lives; only then is the process id beside it believed.
exec 9>>"$directory/launcher.lock"
if ! flock --nonblock 9; then
    launcher=$(cat "$directory/launcher.pid" 2>/dev/null || true)
    if [[ $launcher =~ ^[0-9]+$ ]]; then
        say "stopping process $launcher."
        kill -s TERM "$launcher" 2>/dev/null || true
    fi
    if ! flock --timeout 90 9; then
        say "process ${launcher:-unknown} did not end within 90 seconds; nothing was removed."
        exit 1
    fi
fi
cluster_data=$(readlink -f "$directory/pg")
cluster_clear_leftovers
if [ -n "$forget" ]; then
    cluster_forget "$directory"
    rm -rf "$directory"
    say "forgot $1."
fi
