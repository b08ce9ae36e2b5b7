#!/usr/bin/env bash
# Builds the page's scripts and styles when their sources are newer than the last build.
#
#   scripts/front.sh           builds where needed
#   scripts/front.sh --fresh   only says, by its exit code, whether the build is up to date
set -euo pipefail

cd "$(dirname "$0")/../src/web/frontend"
# Beside the packages and not in dist: everything in dist goes into the binary.
stamp=node_modules/.docktutor-built
packages=node_modules/.docktutor-packages

is_fresh() {
  [ -f dist/app.js ] && [ -f "$stamp" ] &&
    [ -z "$(find . \( -path ./node_modules -o -path ./dist \) -prune -o -type f -newer "$stamp" -print -quit)" ]
}

if [ "${1:-}" = --fresh ]; then
  is_fresh
  exit
fi
if is_fresh; then
  exit 0
fi
if [ ! -f "$packages" ] || [ package-lock.json -nt "$packages" ]; then
  echo "Fetching the page's packages."
  npm ci --no-audit --no-fund --loglevel=error
  touch "$packages"
fi
echo "Building the page."
# Taken before the build: a source that changes meanwhile is newer than its result.
begun=$(mktemp)
npm run --silent build
touch -r "$begun" "$stamp"
rm -f "$begun"
# The compiler does not see files that are new in dist; this makes it embed them again.
touch ../assets.rs
