#!/usr/bin/env bash
# Sets up, builds heed and runs its tests, all but the slow ones.
#
#   scripts/test.sh [--preset NAME] [ctest arguments]
#   scripts/test.sh -R Tokenizer        the tests whose names match
#   scripts/test.sh -L slow             the slow ones
#   scripts/test.sh --preset asan       under the address and undefined-behaviour sanitizers
#   scripts/test.sh --preset tsan       under the thread sanitizer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=release
if [[ ${1-} == --preset ]]; then
  preset=${2:?--preset needs a name: release, ci, dev, asan or tsan}
  shift 2
fi
selection=(-LE slow)
for argument in "$@"; do
  [[ $argument == -L* || $argument == --label* ]] && selection=()
done

scripts/setup.sh --mpi
cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$(nproc)"
status=0
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(nproc)" \
  "${selection[@]}" "$@" || status=$?
# A suite passes where a test of it is skipped: say which, and why.
grep --text --before-context=1 '^\[  SKIPPED \] .* ms)$' "build/$preset/Testing/Temporary/LastTest.log" || true
exit "$status"
