#!/usr/bin/env bash
# Looks for bytes that break a parser: scripts/fuzz.sh TARGET|all SECONDS
# The targets stand in tests/fuzz/fuzz_targets; tests/fuzz/README.md says what to do with a finding.
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
fuzz=$repo/tests/fuzz
target=${1:-}
seconds=${2:-}

usage() {
  echo "usage: scripts/fuzz.sh TARGET|all SECONDS" >&2
  echo "targets: $(names)" >&2
  exit 2
}

names() {
  find "$fuzz/fuzz_targets" -name '*.rs' -printf '%f\n' | sed 's/\.rs$//' | sort | paste -sd ' '
}

[[ $seconds =~ ^[1-9][0-9]*$ ]] || usage
if [ "$target" = all ]; then
  read -ra targets <<<"$(names)"
elif [ -f "$fuzz/fuzz_targets/$target.rs" ]; then
  targets=("$target")
else
  usage
fi
if ! command -v cargo-fuzz >/dev/null; then
  echo "cargo-fuzz is not installed: cargo install cargo-fuzz --locked" >&2
  exit 3
fi

# Coverage needs compiler flags that stable Rust calls unstable.
export RUSTC_BOOTSTRAP=1
build=${CARGO_TARGET_DIR:-$repo/target}/fuzz
found=$build/found
mkdir -p "$found"
cd "$fuzz"
failed=()
for target in "${targets[@]}"; do
  # New inputs go to a folder of the build; what is worth keeping is added to the corpus by hand (see README.md).
  mkdir -p "$found/corpus/$target" "$found/$target"
  cargo fuzz run --fuzz-dir . --target-dir "$build" "$target" "$found/corpus/$target" "corpus/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -dict="dictionaries/$target" -artifact_prefix="$found/$target/" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "found something: ${failed[*]}; the inputs are in $found" >&2
  exit 1
fi
echo "nothing found: ${targets[*]}"
