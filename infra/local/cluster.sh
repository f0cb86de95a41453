# shellcheck shell=bash
# Sourced by with-postgres.sh and stop.sh: one PostgreSQL cluster in DIR/pg, its port, its start and its end.
# Sets cluster_programs, cluster_data, cluster_port, cluster_as and (in the launcher) postgres_pid. The script that
# sources this has sourced debian.sh and set $here, the directory of these scripts.
# shellcheck disable=SC2154

cluster_as=()
cluster_programs='' cluster_data='' cluster_port='' cluster_owner=''
start_patience_seconds=120 # crash recovery after a kill -9 may take a while
stop_patience_seconds=60

# Prints the server processes whose working directory is this data directory: the only sign of life that is never stale.
cluster_processes() {
    local entry
    for entry in /proc/[0-9]*; do
        if [ "$(readlink "$entry/cwd" 2>/dev/null)" = "$1" ] \
            && [ "$(cat "$entry/comm" 2>/dev/null)" = postgres ]; then
            echo "${entry#/proc/}"
        fi
    done
}

# Waits until a command succeeds, at most so many seconds; polls twenty times a second.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
        sleep 0.05
    done
}

gone() { ! kill -0 "$1" 2>/dev/null; }
none_left() { [ -z "$(cluster_processes "$1")" ]; }

# Stops a server of ours: fast shutdown, then an immediate one if it does not end in time (recovery mends that).
cluster_stop() {
    kill -s INT "$1" 2>/dev/null || return 0
    if ! wait_until "$stop_patience_seconds" gone "$1"; then
        kill -s QUIT "$1" 2>/dev/null || true
        wait_until 10 gone "$1" || say "PostgreSQL (process $1) does not end."
    fi
}

# Settles who PostgreSQL runs as. It refuses root, so root goes through a user namespace, or becomes "nobody" where
# namespaces are forbidden (containers, chroots). Files are then given to whoever that is. Inside the namespace the
# name is "nobody" too, because initdb wants a user that /etc/passwd knows; a user it does not know goes the same way.
cluster_settle_user() {
    local owner nobody
    owner=$(id -u)
    nobody=$(id -u nobody)
    if [ "$owner" -eq 0 ] || ! id -un >/dev/null 2>&1; then
        if unshare --user --map-user="$nobody" --map-group="$nobody" true 2>/dev/null; then
            cluster_as=(unshare --user --map-user="$nobody" --map-group="$nobody")
        elif [ "$owner" -eq 0 ]; then
            cluster_as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
            owner=$nobody
            # "nobody" cannot look below a private directory such as /root: the data then lives in /var/tmp.
            if [ ! -e "$1/pg" ] && ! "${cluster_as[@]}" test -x "$1"; then
                mkdir -p /var/tmp/coterie
                ln -sfn "/var/tmp/coterie/$(printf '%s' "$1" | sha256sum | cut -c1-16)" "$1/pg"
            fi
        fi
    fi
    cluster_data=$(readlink -f "$1/pg")
    if [ "$(id -u)" -eq 0 ] && [ -d "$cluster_data" ] && [ "$(stat -c %u "$cluster_data")" -ne "$owner" ]; then
        chown -R "$owner" "$cluster_data"
    fi
    cluster_owner=$owner
}

# Makes the cluster where there is none. It is made beside its place and moved there, so an interrupted initdb leaves nothing.
cluster_prepare() {
    cluster_settle_user "$1"
    local major=''
    if [ -f "$cluster_data/PG_VERSION" ]; then major=$(cat "$cluster_data/PG_VERSION"); fi
    cluster_programs=$("$here/find-postgres.sh" "$major")
    if [ -n "$major" ]; then return; fi
    local fresh=$cluster_data.new
    rm -rf "$fresh"
    mkdir -m 0700 "$fresh"
    if [ "$(id -u)" -eq 0 ]; then chown "$cluster_owner" "$fresh"; fi
    if ! (cd / && "${cluster_as[@]}" "$cluster_programs/initdb" --pgdata="$fresh" --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --username=postgres) </dev/null >"$1/initdb.log" 2>&1 9>&-; then
        say "initdb failed:"
        tail -n 5 "$1/initdb.log" >&2
        exit 1
    fi
    mv "$fresh" "$cluster_data"
}

# Removes what a killed run left. While any process still works in the data directory nothing is removed: two servers
# on one data directory would destroy it.
cluster_clear_leftovers() {
    local pid
    if ! none_left "$cluster_data"; then
        say "stopping a PostgreSQL that an earlier run left behind."
        pid=$(head -n 1 "$cluster_data/postmaster.pid" 2>/dev/null || true)
        if [ -n "$pid" ] && cluster_processes "$cluster_data" | grep -qx "$pid"; then cluster_stop "$pid"; fi
        for pid in $(cluster_processes "$cluster_data"); do kill -s QUIT "$pid" 2>/dev/null || true; done
        if ! wait_until "$stop_patience_seconds" none_left "$cluster_data"; then
            say "another PostgreSQL works in $cluster_data and does not end (processes $(cluster_processes "$cluster_data" | xargs))."
            exit 1
        fi
    fi
    rm -f "$cluster_data/postmaster.pid"
}

# Throws the cluster in a directory away, its processes first.
cluster_forget() {
    cluster_data=$(readlink -f "$1/pg")
    cluster_clear_leftovers
    rm -rf "$cluster_data" "$1/pg"
}

port_is_free() { ! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Keeps the port of the last start where it is still free, so that addresses survive a restart. New ones are drawn
# below the range from which the kernel takes ports for outgoing connections.
cluster_choose_port() {
    local try
    cluster_port=$(cat "$1/port" 2>/dev/null || true)
    if [[ $cluster_port =~ ^[0-9]{4,5}$ ]] && port_is_free "$cluster_port"; then return; fi
    for try in {1..50}; do
        cluster_port=$((20000 + (RANDOM + try) % 12000))
        if port_is_free "$cluster_port"; then break; fi
    done
    echo "$cluster_port" >"$1/port"
}

# postmaster.pid names the process in its first line and says "ready" in its eighth once connections are accepted.
cluster_ready_or_gone() {
    gone "$postgres_pid" && return
    local -a lines=()
    { mapfile -t lines <"$cluster_data/postmaster.pid"; } 2>/dev/null || return 1
    [ "${lines[0]:-}" = "$postgres_pid" ] && [[ ${lines[7]:-} == ready* ]]
}

# Starts the server as a child in a session of its own, out of reach of the terminal's Ctrl-C. Durability stays at its
# safe defaults (fsync, synchronous_commit); no unix socket, whose path could exceed 107 bytes.
cluster_start() {
    local attempt
    cluster_clear_leftovers
    for attempt in 1 2 3; do
        cluster_choose_port "$1"
        (cd / && exec setsid "${cluster_as[@]}" setpriv --pdeathsig INT -- "$cluster_programs/postgres" \
            -D "$cluster_data" -p "$cluster_port" \
            -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c logging_collector=off \
            -c log_line_prefix='%m [%p] %u@%d ' -c lc_messages=C -c timezone=UTC -c log_timezone=UTC \
            -c fsync=on -c synchronous_commit=on -c full_page_writes=on \
            -c shared_buffers=256MB -c max_connections=300 -c max_locks_per_transaction=256 \
            -c max_wal_size=2GB -c jit=off) </dev/null >"$1/postgres.log" 2>&1 9>&- &
        postgres_pid=$!
        if ! wait_until "$start_patience_seconds" cluster_ready_or_gone; then
            say "PostgreSQL was not ready after $start_patience_seconds seconds; see $1/postgres.log."
            exit 1
        fi
        if ! gone "$postgres_pid"; then return; fi
        postgres_pid=''
        # Somebody may have taken the port between our look and the server's bind: then another port is tried.
        if ! grep -q 'could not create any TCP/IP sockets' "$1/postgres.log"; then break; fi
        rm -f "$1/port"
        say "port $cluster_port was taken (attempt $attempt)."
    done
    say "PostgreSQL did not start; the last lines of $1/postgres.log:"
    tail -n 5 "$1/postgres.log" >&2
    exit 1
}
