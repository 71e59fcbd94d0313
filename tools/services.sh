#!/usr/bin/env bash
# Installs the services that the tests run, from Debian's packages. The tests start private instances of their own on free
# ports, so no system service is started or left enabled here that was not before.
set -euo pipefail

has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ -x /usr/sbin/rabbitmq-server ]; }
has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_chromium() { [ -x /usr/bin/chromium ]; }

missing() {
    has_rabbitmq || echo rabbitmq-server
    has_postgresql || echo postgresql
    has_chromium || echo chromium
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

# What starts at boot: systemd's units by their full name, init scripts by their bare one.
enabled() {
    {
        systemctl --root=/ list-unit-files --state=enabled --no-legend --no-pager 2>/dev/null | awk '{print $1}'
        find /etc/rc[2-5].d -name 'S*' -printf '%f\n' 2>/dev/null | cut -c4-
    } | sort -u
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

for unit in $(comm -13 <(echo "$enabled_before") <(enabled)); do
    case $unit in
        *.*) as_root systemctl --root=/ disable "$unit" ;;
        *) as_root update-rc.d "$unit" disable ;;
    esac >/dev/null 2>&1 || echo "services: could not keep $unit from starting at boot; do it by hand" >&2
done
[ -z "$(missing)" ] || fail "installed, but not found where Debian puts them"
