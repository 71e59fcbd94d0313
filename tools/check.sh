#!/usr/bin/env bash
# Every check that needs no running program. All of them run, whatever the first says; a good one takes one line.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
bin=.venv/bin
failed=()

check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        printf '  ok      %s\n' "$name"
    else
        printf '  FAILED  %s: %s\n%s\n' "$name" "$*" "$output"
        failed+=("$name")
    fi
}

check lint "$bin/ruff" check --output-format concise .
check format "$bin/ruff" format --check .
check types "$bin/mypy" --no-error-summary
check "types of tools" "$bin/mypy" --no-error-summary --explicit-package-bases tools
check layers "$bin/lint-imports"
check "compose files" "$bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml deploy/compose.tls.yml
check lock "$bin/python" tools/check_lock.py
check links "$bin/python" tools/check_links.py
check "machine traces" "$bin/python" tools/check_traces.py

if [ "${#failed[@]}" -gt 0 ]; then
    printf 'check: %d failed: %s\n' "${#failed[@]}" "$(IFS=,; echo "${failed[*]}")" >&2
    exit 1
fi
