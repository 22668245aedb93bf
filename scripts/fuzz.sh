#!/usr/bin/env bash
# Runs heed's readers on inputs that libFuzzer makes up from tests/fuzz/seeds, under the address and
# undefined-behaviour sanitizers. What it learns stays in build/fuzz/corpus, inputs that break a promise
# in build/fuzz/findings; the exit code is 1 where there are such.
#
#   scripts/fuzz.sh [--seconds N] [--jobs N] [TARGET...]
#                                            N seconds a target (60), so many at once (1); all targets:
#                                            see tests/fuzz/*_fuzz.cpp
#   build/fuzz/tests/fuzz/TARGET_fuzz FILE   one finding again
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; }

seconds=60
jobs=1
targets=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds | --jobs)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || { echo "fuzz: $1 needs a whole number" >&2; exit 2; }
      if [[ $1 == --seconds ]]; then seconds=$2; else jobs=$2; fi
      shift
      ;;
    -h | --help) usage; exit ;;
    -*) usage >&2; exit 2 ;;
    *) targets+=("$1") ;;
  esac
  shift
done
for source in tests/fuzz/*_fuzz.cpp; do known+=("$(basename "$source" _fuzz.cpp)"); done
[[ ${#targets[@]} -gt 0 ]] || targets=("${known[@]}")
for target in "${targets[@]}"; do
  [[ -e tests/fuzz/${target}_fuzz.cpp ]] && continue
  echo "fuzz: there is no target $target; there are: ${known[*]}" >&2
  exit 2
done

has_libfuzzer() {
  local program
  program=$(mktemp)
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer,address -x c++ - -o "$program" 2>/dev/null && rm -f "$program"
}

scripts/setup.sh --fuzz
if ! has_libfuzzer; then
  echo "fuzz: skipped: clang++ with libFuzzer is not there. Debian: apt-get install clang libclang-rt-14-dev" >&2
  exit 0
fi
cmake --preset fuzz
cmake --build --preset fuzz --parallel "$(nproc)"

build=build/fuzz
if [[ -z ${TMPDIR-} && -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi  # each input becomes a file

run_target() {
  local target=$1
  mkdir -p "$build/corpus/$target" "$build/findings/$target"
  "$build/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="$build/findings/$target/" \
    "$build/corpus/$target" "tests/fuzz/seeds/$target" >"$build/corpus/$target.log" 2>&1 || true
}

for target in "${targets[@]}"; do
  while (($(jobs -r | wc -l) >= jobs)); do sleep 1; done
  echo "fuzz: $target, $seconds s" >&2
  run_target "$target" &
done
wait

printf '%-16s %12s %8s %9s %9s\n' target runs runs/s coverage findings
findings=0
for target in "${targets[@]}"; do
  log=$build/corpus/$target.log
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  coverage=$(sed -n 's/^#.* cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
  found=$(find "$build/findings/$target" -type f | wc -l)
  printf '%-16s %12s %8s %9s %9s\n' "$target" "${runs:--}" "${rate:--}" "${coverage:--}" "$found"
  findings=$((findings + found))
done
if ((findings > 0)); then
  echo "fuzz: the inputs are in $build/findings, what happened at the end of $build/corpus/*.log" >&2
  exit 1
fi
