#!/bin/sh
# Write the three lock files anew: for every platform and Python from 3.11 on, with hashes and
# without addresses. Run by a developer; needs the network. UPGRADE=1 takes newer versions.
set -eu

cd "$(dirname "$0")/.."
tool=build/.venv-lock
mkdir -p build
[ -x "$tool/bin/uv" ] || { python3 -m venv "$tool" && "$tool/bin/pip" install -q uv; }

# Dev first: it holds all of the others' packages, and they take their versions from it.
compile() {
  output=$1
  shift
  "$tool/bin/uv" pip compile --quiet ${UPGRADE:+--upgrade} --universal --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 \
    --custom-compile-command "make lock" --extra build "$@" --output-file "$output" pyproject.toml
}

compile requirements-dev.lock --extra test --extra dev
compile requirements.lock --constraint requirements-dev.lock
compile requirements-train.lock --constraint requirements-dev.lock --extra test --extra train
