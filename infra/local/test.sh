#!/usr/bin/env bash
# Runs every test against the PostgreSQL of DATABASE_URL: Cargo's first, then the browser journeys, then the skip list.
# Started by `make test` under with-postgres.sh, after tools.sh. Exits with 1 if anything failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
export COTERIE_SKIPPED_FILE=${COTERIE_SKIPPED_FILE:-$root/target/skipped.txt}
export COTERIE_BINARY=${COTERIE_BINARY:-${CARGO_TARGET_DIR:-$root/target}/debug/coterie}
# shellcheck disable=SC1091 # written by tools.sh
if [ -f .local/tools.env ]; then . .local/tools.env; fi

failed=0
cargo test --workspace --no-fail-fast || failed=1

echo
echo "Browser journeys"
if grep -q '^browser journeys' "$COTERIE_SKIPPED_FILE" 2>/dev/null; then
    echo "0 passed, 0 failed, 1 skipped"
else
    node tests/browser/run.mjs || failed=1
fi

# Tests that found a tool missing have added their own lines; each name is told once.
if [ -s "$COTERIE_SKIPPED_FILE" ]; then
    sort -u -o "$COTERIE_SKIPPED_FILE" "$COTERIE_SKIPPED_FILE"
    echo
    echo "Skipped on this machine:"
    sed 's/^/  /' "$COTERIE_SKIPPED_FILE"
fi
exit "$failed"
