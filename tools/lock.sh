#!/usr/bin/env bash
# Pins what pyproject.toml asks for: requirements.lock for working on the project, requirements-runtime.lock for the container.
# Where a machine gets its packages from is its own business, so neither index nor path may stand in the files.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -x .venv/bin/pip-compile ] || tools/venv.sh

compile() {
    .venv/bin/pip-compile --quiet ${UPGRADE:+--upgrade} --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --output-file "$@" pyproject.toml
    sed -i '1i # Made by `make lock` from pyproject.toml. Not edited by hand.' "$1"
    if grep -nE '^--|://|(via|-c) .*/' "$1"; then
        echo "lock: $1 names an index or a path of this machine, see above" >&2
        exit 1
    fi
}

compile requirements.lock --extra dev
compile requirements-runtime.lock --constraint requirements.lock
