#!/usr/bin/env bash
# Sets up .venv: the packages of requirements.lock, each checked by hash, and the project itself, editable.
# A stamp holds what the environment was made from, so a second run does nothing and needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'venv: %s\n' "$*" >&2
    exit 1
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

# The first interpreter that really runs and is new enough; a version manager's shim may do neither.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "no Python 3.11 or newer found${PYTHON:+ at $PYTHON}; install one, or name it: make venv PYTHON=/path/to/python3"
}

# Debian ships ensurepip in a package of its own, without which `python -m venv` stops half-way.
need_ensurepip() {
    "$1" -c 'import ensurepip' 2>/dev/null && return
    local package
    package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    command -v apt-get >/dev/null || fail "$1 cannot make virtual environments (no ensurepip); install your system's venv package"
    echo "venv: installing $package"
    if ! { as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"; } >/dev/null; then
        fail "could not install $package; do it by hand: apt-get install $package"
    fi
}

stamp=.venv/.made-from
# The folder is part of it because a virtual environment does not survive being moved.
made_from="$(pwd) $(cat pyproject.toml requirements.lock | sha256sum)"
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1 || ! head -n 1 .venv/bin/pip | grep -qF "$(pwd)/.venv/"; then
    python=$(find_python)
    need_ensurepip "$python"
    echo "venv: making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
rm -f "$stamp"
echo "venv: installing the packages of requirements.lock"
export PIP_DISABLE_PIP_VERSION_CHECK=1
# Byte code is left to the first import of each module: compiling all of it takes longer than installing it.
.venv/bin/python -m pip install -qq --no-compile --require-hashes -r requirements.lock ||
    fail "could not install the packages (network? then try again; a missing release? then 'make lock')"
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable . || fail "could not install the project itself"
.venv/bin/python tools/check_lock.py || fail "run 'make lock', then this again"
printf '%s\n' "$made_from" >"$stamp"
