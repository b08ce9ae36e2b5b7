# A Docker Engine of the tests' own: nothing else on this machine is used, and nothing of it stays but its images.
# Sourced by test.sh and bench.sh; needs `say`, `repo` and `target`.
# shellcheck shell=bash

engine_home=$target/test-engine
engine_run=
engine_pid=
# Two copies of the repository may be tested on one machine at the same time.
engine_bridge=dtt$(printf '%s' "$engine_home" | cksum | cut -d ' ' -f 1)

# Two dockerds rebuild each other's firewall rules, and measurements want the machine for themselves: one run waits for
# the other. File 9 is held by the calling shell until it ends; what it starts closes it.
engine_turn() {
  if exec 9>/run/lock/docktutor-test && ! flock --nonblock 9; then
    say "== another run of the tests is going on; waiting for its end"
    flock 9
  fi
} 2>/dev/null

# The first of a few small private networks that no route of this machine touches.
engine_free_network() {
  local third
  for third in 77 78 79 93 94 117 118 119; do
    if ! ip -4 route show table all | grep -q "172\.28\.$third\."; then
      echo "172.28.$third.1/24"
      return
    fi
  done
  return 1
}

engine_answers() {
  curl --silent --fail --max-time 5 --unix-socket "$1" http://engine/_ping >/dev/null 2>&1
}

# Whatever a killed run has left: its engine (the process in the pid file, if it is one of ours), bridge and rules.
engine_sweep() {
  local pid
  pid=$(cat "$engine_home/pid" 2>/dev/null || true)
  if [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "--data-root=$engine_home/data"; then
    engine_pid=$pid
    engine_stop
  fi
  rm -f "$engine_home/pid"
  engine_remove_bridge
}

engine_remove_bridge() {
  local table rule
  for table in filter nat; do
    iptables -w -t "$table" -S 2>/dev/null | grep -F -- "$engine_bridge" | while read -r rule; do
      # The rule is split into words on purpose: iptables printed it as arguments.
      # shellcheck disable=SC2086
      iptables -w -t "$table" ${rule/#-A/-D} 2>/dev/null || true
    done
  done
  ip link delete "$engine_bridge" 2>/dev/null || true
}

# Starts the engine and sets `engine_socket`.
engine_start() {
  local address deadline
  mkdir -p "$engine_home/data"
  engine_sweep
  # Socket paths are short by law, so they do not live under the repository.
  engine_run=$(mktemp -d "${TMPDIR:-/tmp}/docktutor-test.XXXXXX")
  chmod 711 "$engine_run"
  engine_socket=$engine_run/docker.sock
  address=$(engine_free_network) || { say "no free network for the test engine"; return 1; }
  ip link add "$engine_bridge" type bridge
  ip address add "$address" dev "$engine_bridge"
  ip link set "$engine_bridge" up
  # A group of its own: Ctrl+C reaches the script, which stops the engine when the tests have ended.
  set -m
  dockerd \
    "--data-root=$engine_home/data" "--exec-root=$engine_run/exec" "--pidfile=$engine_home/pid" \
    "--host=unix://$engine_socket" "--bridge=$engine_bridge" \
    >"$engine_home/log" 2>&1 </dev/null 9>&- &
  engine_pid=$!
  set +m
  deadline=$((SECONDS + 60))
  until engine_answers "$engine_socket"; do
    if ! kill -0 "$engine_pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      say "the test engine does not start; the end of $engine_home/log:"
      tail -n 20 "$engine_home/log"
      return 1
    fi
    sleep 0.2
  done
  engine_clean
  say "test engine $(curl --silent --unix-socket "$engine_socket" http://engine/version | sed 's/.*"Version":"\([^"]*\)".*/\1/' | head -c 40) at $engine_socket"
}

# Removes what a killed run has left on the engine; the images stay, they are named by their content.
engine_clean() {
  local socket=unix://$engine_socket
  docker --host "$socket" ps --all --quiet | xargs --no-run-if-empty docker --host "$socket" rm --force --volumes >/dev/null
  docker --host "$socket" volume ls --quiet | xargs --no-run-if-empty docker --host "$socket" volume rm >/dev/null
  docker --host "$socket" network ls --quiet --filter type=custom | xargs --no-run-if-empty docker --host "$socket" network rm >/dev/null
}

# Lists what stayed on the engine: containers, volumes, networks that are not the engine's own.
engine_leftovers() {
  local socket=unix://$engine_socket
  docker --host "$socket" ps --all --format 'container {{.Names}}'
  docker --host "$socket" volume ls --format 'volume {{.Name}}'
  docker --host "$socket" network ls --filter type=custom --format 'network {{.Name}}'
}

# Stops the engine by its process id and takes down what belonged to it. Safe to call twice.
engine_stop() {
  local deadline
  if [ -n "$engine_pid" ]; then
    kill -TERM "$engine_pid" 2>/dev/null || true
    deadline=$((SECONDS + 60))
    while kill -0 "$engine_pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.2; done
    kill -KILL "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
    engine_remove_bridge
  fi
  if [ -n "$engine_run" ]; then
    # An engine that had to be killed leaves the mount of its network namespace.
    umount "$engine_run"/exec/netns/* 2>/dev/null || true
    rm -rf "$engine_run"
    engine_run=
  fi
}
