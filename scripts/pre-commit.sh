#!/usr/bin/env bash
# The hook of .pre-commit-hooks.yaml: gateward check from this checkout, which brings its own Node the first time.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$root/node_modules/.bin/node
# npm puts the hidden lockfile there last.
if [[ ! -e $root/node_modules/.package-lock.json ]]; then
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error >&2)
fi
exec "$node" "$root/src/main.ts" check "$@"
