#!/usr/bin/env bash
# Checks what the compiler does not: format, includes, the shell scripts, and clang-tidy over the files
# named, or over all (minutes).
#
#   scripts/lint.sh [FILE.cpp...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/format.sh --check
tests/check_includes.sh
for script in scripts/*.sh tests/*.sh .ci/run; do bash -n "$script"; done

scripts/setup.sh
cmake --preset tidy >/dev/null
if [[ $# == 0 ]]; then
  exec cmake --build --preset tidy --parallel "$(nproc)"
fi
exec clang-tidy --quiet -p build/tidy "$@"
