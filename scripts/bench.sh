#!/usr/bin/env bash
# Measures Docktutor beside docker, nginx, HAProxy, hadolint and container-structure-test, and prints ratios; what needs
# an engine gets one of its own. Arguments choose parts: start book compose lint echo memory pages scope streams scopes
# project structure. Of the gateway: `scope` is what requests cost beside the raw engine and HAProxy, `streams` long
# streams, `scopes` 100 scopes at once, `project` a Compose project.
{
set -uo pipefail
exec </dev/null

repo=$(cd "$(dirname "$0")/.." && pwd)
cd "$repo" || exit 3
target=${CARGO_TARGET_DIR:-$repo/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)

say() { printf '%s\n' "$*"; }

# shellcheck source=scripts/test-engine.sh
. "$repo/scripts/test-engine.sh"
unset DOCKER_HOST DOCKER_CONTEXT RUST_LOG
export DOCKTUTOR_DATA=$engine_home/tutor
trap engine_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

engine_turn
"$repo/scripts/setup.sh" bench --yes 9>&- || exit 3
export PATH="$HOME/.cargo/bin:$PATH"
make --no-print-directory front 9>&- || exit 3
cargo build --release --bin docktutor 9>&- || exit 3
# What setup.sh has fetched; a peer that is not there is a row that says so.
export HADOLINT=$DOCKTUTOR_DATA/peers/bin/hadolint
export CONTAINER_STRUCTURE_TEST=$DOCKTUTOR_DATA/peers/bin/container-structure-test
if [ -x "$DOCKTUTOR_DATA/images/docker-compose" ]; then
  export DOCKTUTOR_TEST_COMPOSE=$DOCKTUTOR_DATA/images/docker-compose
fi
needs_engine=
[ $# -gt 0 ] || needs_engine=1
for part in "$@"; do
  case $part in book | lint | compose) ;; *) needs_engine=1 ;; esac
done
if [ -n "$needs_engine" ]; then
  engine_start || exit 3
  export DOCKTUTOR_TEST_ENGINE=$engine_socket
  export DOCKER_HOST=unix://$engine_socket
  "$target/release/docktutor" images prepare || exit 3
fi
cargo bench --bench side-by-side -- "$@" 9>&-
exit
}
