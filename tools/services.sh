#!/usr/bin/env bash
# Installs the services that the tests run, from Debian's packages. The tests start private instances of their own on free
# ports, so no system service is started or left enabled here that was not before.
set -euo pipefail

rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ -x /usr/sbin/rabbitmq-server ]; }
postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
chromium() { command -v chromium >/dev/null || [ -x /usr/bin/chromium ]; }

missing() {
    rabbitmq || echo rabbitmq-server
    postgresql || echo postgresql
    chromium || echo chromium
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

fail() {
    printf 'services: %s\n' "$*" >&2
    printf 'services: missing: %s\n' "$(missing | xargs)" >&2
    exit 1
}

# Units and init scripts that the packages would enable at boot.
boot_units=(rabbitmq-server.service postgresql.service epmd.service epmd.socket)
enabled() {
    local unit
    for unit in "${boot_units[@]}"; do
        if [ "$(systemctl --root=/ is-enabled "$unit" 2>/dev/null)" = enabled ] || compgen -G "/etc/rc[2-5].d/S??${unit%.*}" >/dev/null; then
            echo "$unit"
        fi
    done
}

mapfile -t wanted < <(missing)
[ "${#wanted[@]}" -gt 0 ] || exit 0

command -v apt-get >/dev/null || fail "this is not Debian (no apt-get): install them with your system's own packages"
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || fail "not root and no sudo: have an administrator run 'apt-get install ${wanted[*]}'"
as_root true || fail "sudo refused: have an administrator run 'apt-get install ${wanted[*]}'"

policy=/usr/sbin/policy-rc.d
enabled_before=$(enabled)
if [ ! -e "$policy" ]; then
    # Debian's packages start their daemons on installation unless this file says no (exit 101).
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi

echo "services: installing ${wanted[*]}"
log=$(mktemp)
if ! { as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install ${wanted[*]}; the whole output is in $log"
fi
rm -f "$log"

for unit in $(enabled); do
    if ! grep -qxF "$unit" <<<"$enabled_before"; then
        as_root systemctl --root=/ disable "$unit" >/dev/null 2>&1 || true
        [ ! -e "/etc/init.d/${unit%.*}" ] || as_root update-rc.d "${unit%.*}" disable
    fi
done
[ -z "$(missing)" ] || fail "installed, but not found where Debian puts them"
