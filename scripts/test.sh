#!/usr/bin/env bash
# Runs every check and test of Docktutor. The last line is "N passed, N failed"; the exit code says the same.
# Needs Linux and root (an engine of the tests' own is started); what else is missing is installed first.
#
#   scripts/test.sh            everything
#   scripts/test.sh PART…      only these: format front lint unit engine course grade attacks browser walk
# The braces make bash read all of it before it begins, so that an edit meanwhile changes nothing.
{
set -uo pipefail
exec </dev/null

repo=$(cd "$(dirname "$0")/.." && pwd)
cd "$repo" || exit 3
target=${CARGO_TARGET_DIR:-$repo/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
log=$(mktemp "${TMPDIR:-/tmp}/docktutor-test-log.XXXXXX")

passed=0
failed=0
times=()
child=

say() { printf '%s\n' "$*"; }

# shellcheck source=scripts/test-engine.sh
. "$repo/scripts/test-engine.sh"

finish() {
  trap - EXIT INT TERM HUP
  if [ -n "$child" ]; then
    kill -TERM -- "-$child" 2>/dev/null && wait "$child" 2>/dev/null
  fi
  engine_stop
  rm -f "$log"
}
trap finish EXIT
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM HUP

# Runs a command as a process group of its own, so that a signal is handled at once and reaches all of it, and shows
# and keeps what it prints.
run() {
  local out tee_pid code deadline
  : >"$log"
  exec {out}> >(exec tee "$log")
  tee_pid=$!
  set -m
  "$@" >&"$out" 2>&1 {out}>&- 9>&- &
  child=$!
  set +m
  exec {out}>&-
  wait "$child"
  code=$?
  # The pipe closes when the last process that the command started has ended.
  deadline=$((SECONDS + 20))
  while kill -0 "$tee_pid" 2>/dev/null; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      say "processes were left behind:"
      ps -o pid,args -g "$child" || true
      kill -TERM -- "-$child" 2>/dev/null
      kill "$tee_pid" 2>/dev/null
      [ "$code" -ne 0 ] || code=1
      break
    fi
    sleep 0.05
  done
  wait "$tee_pid" 2>/dev/null
  child=
  return "$code"
}

is_wanted() {
  [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]
}

# A part that was asked for, `NAME` or `NAME:DETAIL`.
part() {
  if is_wanted "${1%%:*}"; then
    step "$@"
  fi
}

# Runs a command and counts what it says.
step() {
  local name=$1 started=$SECONDS
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  run "$@"
  local code=$? pass fail
  # cargo prints one "test result:" line for each test binary, node one "pass" and one "fail" line.
  pass=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '/^test result:/ { for (i = 1; i < NF; i++) if ($(i + 1) == "passed;") n += $i } /^(#|ℹ) pass / { n += $3 } END { print n + 0 }')
  fail=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '/^test result:/ { for (i = 1; i < NF; i++) if ($(i + 1) == "failed;") n += $i } /^(#|ℹ) fail / { n += $3 } END { print n + 0 }')
  # A tool that counts nothing, or a test binary that does not compile or dies, counts as one.
  if [ "$code" -ne 0 ] && [ "$fail" -eq 0 ]; then
    fail=1
  elif [ "$code" -eq 0 ] && [ $((pass + fail)) -eq 0 ]; then
    pass=1
  fi
  passed=$((passed + pass))
  failed=$((failed + fail))
  times+=("$(printf '%-12s %5d s   %4d passed, %d failed' "$name" $((SECONDS - started)) "$pass" "$fail")")
}

wanted=("$@")
started=$SECONDS
# The tests use their own engine and data folders, whatever this shell is set up for. What setup.sh downloads (the
# Compose plugin) goes where every server of the tests looks for it.
unset DOCKER_HOST DOCKER_CONTEXT RUST_LOG
export DOCKTUTOR_DATA=$engine_home/tutor

engine_turn

say "== what the tests need"
if ! run scripts/setup.sh test --yes; then
  say "scripts/setup.sh could not install what the tests need; see above."
  say "0 passed, 1 failed"
  exit 1
fi
times+=("$(printf '%-12s %5d s' setup $((SECONDS - started)))")
export PATH="$HOME/.cargo/bin:$PATH"
# Models of Compose files are compared with what this one prints.
if [ -x "$DOCKTUTOR_DATA/images/docker-compose" ]; then
  export DOCKTUTOR_TEST_COMPOSE=$DOCKTUTOR_DATA/images/docker-compose
fi

# Docker's SDK for Python is tried through a scope where it is there.
if [ -x "$DOCKTUTOR_DATA/sdk/bin/python" ]; then
  export DOCKTUTOR_TEST_PYTHON=$DOCKTUTOR_DATA/sdk/bin/python
fi
# So is another docker command line, where there are two: Debian's package of the engine brings an old one.
for client in $(type -ap docker); do
  if [ "$("$client" --version)" != "$(docker --version)" ]; then
    export DOCKTUTOR_TEST_OLD_CLI=$client
  fi
done

# The full name of the newest image of a repository; `docker images` lists the newest first.
newest_image() {
  docker images --format '{{.Repository}}:{{.Tag}}' "$1" | head -n 1
}

# A Debian image that carries no label of ours, for tests that look at labels.
plain_image() {
  local container
  container=$(docker create "$(newest_image docktutor/debian)" true) &&
    docker export "$container" | docker import --change 'CMD ["bash"]' - docktutor-test/debian:plain &&
    docker rm "$container"
}

no_leftovers() {
  local left
  left=$(engine_leftovers)
  [ -z "$left" ] || { printf 'left on the test engine:\n%s\n' "$left"; return 1; }
}

# The page is embedded in the binary, so it is built first.
part front make --no-print-directory front
part front:types npm --prefix src/web/frontend run --silent check
part front:tests npm --prefix src/web/frontend test --silent
part format cargo fmt --all --check
part lint cargo clippy --workspace --all-targets -- -D warnings
# Targets that a plain `cargo test` leaves out are left out by --all-targets too.
part lint:more cargo clippy --test engine --test course --test grade --test attacks --test browser -- -D warnings

if is_wanted unit || is_wanted engine || is_wanted course || is_wanted grade || is_wanted attacks || is_wanted browser || is_wanted walk; then
  step build cargo build --bin docktutor
  # Not a part: the engine must be a child of this shell, which stops it.
  if engine_start; then
    export DOCKTUTOR_TEST_ENGINE=$engine_socket
    export DOCKER_HOST=unix://$engine_socket
    step images "$target/debug/docktutor" images prepare
    step images:plain plain_image
    export DOCKTUTOR_TEST_IMAGE=docktutor-test/debian:plain
    DOCKTUTOR_TEST_PROBE=$(newest_image docktutor/workbench)
    export DOCKTUTOR_TEST_PROBE
  else
    failed=$((failed + 1))
  fi
fi

part unit cargo test --workspace --no-fail-fast
part engine cargo test --test engine --no-fail-fast
part course cargo test --test course --no-fail-fast
part grade cargo test --test grade --no-fail-fast
part attacks cargo test --test attacks --no-fail-fast
part browser cargo test --test browser --no-fail-fast
# Each of its exercises is proved above: only when it is asked for.
if [ ${#wanted[@]} -gt 0 ]; then
  part walk cargo test --test browser --no-fail-fast -- --ignored --nocapture
fi
if [ -n "$engine_pid" ]; then
  step leftovers no_leftovers
fi

finish
printf '\n== times\n'
printf '%s\n' "${times[@]}" "$(printf '%-12s %5d s' all $((SECONDS - started)))"
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
exit
}
