#!/usr/bin/env bash
# Prints the flags of every command of the docker CLI and of Compose, as their own help lists them. The checker's table
# is compared with it by a test:
#
#   scripts/command-help.sh docker docker-compose >checker/src/command/help.txt
#
# Takes the paths of both programs: CLI 28 and Compose 2.40 are the versions that the table follows.
set -euo pipefail

cli=${1:?the docker CLI}
compose=${2:?the Compose plugin}

# Help as one line for each flag: letter, name, type. Descriptions are left out.
flags() {
  sed -nE 's/^  (-[A-Za-z]), --([a-z0-9-]+)( ([A-Za-z0-9-]+))?(   .*)?$/ \1 --\2 \4/p; s/^      --([a-z0-9-]+)( ([A-Za-z0-9-]+))?(   .*)?$/ --\1 \3/p' |
    sed -E 's/ $/ bool/'
}

subcommands() {
  awk '/^[A-Za-z ]*Commands:$/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { sub(/\*$/, "", $1); print $1 }'
}

# dump PATH WORD…: the command's own help, then that of those below it.
dump() {
  local path=$1 help sub
  shift
  # The engine's defaults and plugins of this machine are no part of it.
  help=$(env -i HOME=/nonexistent PATH=/usr/bin:/bin COLUMNS=80 "$@" --help 2>/dev/null) || return 0
  printf 'command %s\n' "$path"
  flags <<<"$help"
  for sub in $(subcommands <<<"$help"); do
    if [ "$sub" != compose ]; then
      dump "${path:+$path }$sub" "$@" "$sub"
    fi
  done
}

echo "# Made by scripts/command-help.sh from $(env -i "$cli" --version) and Compose $(env -i "$compose" version --short)."
dump "" "$cli"
dump compose "$compose"
