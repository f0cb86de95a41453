# shellcheck shell=bash
# Sourced by the other scripts here: installing Debian packages where this machine allows it.

# Says a sentence to the person who started us; standard output stays free for answers.
say() { printf '%s\n' "coterie: $*" >&2; }

# Node.js from outside Debian brings its own list of authorities; it shall also trust those this machine trusts.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

# Runs a command as root: directly, or through a sudo that asks no question. Fails where neither is possible.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# Installs Debian packages by name. Returns 1 where there is no apt-get, no right to use it, or no such package.
# The package lists are refreshed only when the first try fails, because a machine that is ready should not wait.
install_debian() {
    command -v apt-get >/dev/null || return 1
    as_root true || return 1
    say "installing Debian packages: $*"
    local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    as_root "${apt[@]}" install "$@" </dev/null >/dev/null 2>&1 && return 0
    as_root "${apt[@]}" update </dev/null >/dev/null 2>&1 || true
    as_root "${apt[@]}" install "$@" </dev/null >&2
}
