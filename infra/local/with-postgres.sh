#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL that lives in DIR, for the demo and for the tests alike.
# Usage: with-postgres.sh [--fresh] DIR -- COMMAND...   (--fresh: throw an earlier cluster in DIR away first)
#
# COMMAND sees DATABASE_URL (superuser, loopback only), COTERIE_PG_BIN (the server's programs), COTERIE_PG_DATA (its
# data) and COTERIE_PG_AS (the words to put before a PostgreSQL program so that it agrees to run; often empty).
# Exits with COMMAND's code. Where DATABASE_URL is already set, that server is used and nothing is started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"
# shellcheck source-path=SCRIPTDIR source=cluster.sh
. "$here/cluster.sh"

fresh=''
if [ "${1:-}" = --fresh ]; then
    fresh=yes
    shift
fi
if [ $# -lt 3 ] || [ "$2" != "--" ]; then
    say "usage: with-postgres.sh [--fresh] DIR -- COMMAND..."
    exit 2
fi
mkdir -p "$1" || { say "cannot make the directory $1."; exit 1; }
directory=$(cd "$1" && pwd -P)
shift 2

if [ -n "${DATABASE_URL:-}" ]; then
    say "using the PostgreSQL of DATABASE_URL; starting none."
    exec "$@"
fi

# The lock is held by this launcher alone (children close it), so "locked" means "a launcher is alive".
exec 9>>"$directory/launcher.lock" || { say "$directory belongs to another user."; exit 1; }
if ! flock --nonblock 9; then
    say "already running in $directory (process $(cat "$directory/launcher.pid" 2>/dev/null || echo unknown));" \
        "stop that one first (Ctrl-C in its terminal, or make reset)."
    exit 1
fi
echo $$ >"$directory/launcher.pid"

command_pid=''
postgres_pid=''
asked_to_stop=''

# Passes a signal on to COMMAND's whole group. PostgreSQL gets none: it must outlive COMMAND's last transaction.
forward() {
    asked_to_stop=$1
    if [ -n "$command_pid" ]; then kill -s "$1" -- "-$command_pid" 2>/dev/null || true; fi
}

# Whatever ends this script, the server is shut down in order (SIGINT: fast), by its own process id.
# shellcheck disable=SC2317 # reached through the trap
finish() {
    local code=$?
    trap '' INT TERM HUP QUIT
    if [ -n "$postgres_pid" ]; then cluster_stop "$postgres_pid"; fi
    rm -f "$directory/launcher.pid"
    exit "$code"
}
trap finish EXIT
trap 'forward INT' INT
trap 'forward TERM' TERM HUP
trap 'forward QUIT' QUIT

if [ -n "$fresh" ]; then cluster_forget "$directory"; fi
cluster_prepare "$directory"
cluster_start "$directory"
if [ -n "$asked_to_stop" ]; then exit $((128 + $(kill -l "$asked_to_stop"))); fi

export DATABASE_URL="postgres://postgres@127.0.0.1:$cluster_port/postgres"
export COTERIE_PG_BIN="$cluster_programs" COTERIE_PG_DATA="$cluster_data" COTERIE_PG_AS="${cluster_as[*]}"

# COMMAND gets a process group of its own, so that one Ctrl-C reaches it exactly once, from forward(). A group that is
# not the terminal's foreground group would be suspended when it reads the terminal: it reads nothing instead.
# Should this launcher be killed outright, the kernel ends COMMAND (pdeathsig) and the server.
exec 8<&0
if [ -t 8 ]; then exec 8</dev/null; fi
set -m
setpriv --pdeathsig TERM -- "$@" <&8 8<&- 9>&- &
command_pid=$!
set +m
exec 8<&-

# wait returns early whenever a trapped signal arrives, then without naming who ended.
while :; do
    code=0
    ended=''
    { wait -n -p ended "$command_pid" "$postgres_pid" || code=$?; } 2>/dev/null # bash would report a killed child
    if [ "${ended:-}" = "$command_pid" ]; then break; fi
    if [ "${ended:-}" = "$postgres_pid" ]; then
        postgres_pid=''
        say "PostgreSQL ended while it was needed; the last lines of $directory/postgres.log:"
        tail -n 5 "$directory/postgres.log" >&2
        forward TERM
        wait "$command_pid" || true
        code=1
        break
    fi
done
# Nothing that COMMAND started in its group outlives it.
kill -s TERM -- "-$command_pid" 2>/dev/null || true
exit "$code"
