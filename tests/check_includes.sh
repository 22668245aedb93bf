#!/usr/bin/env bash
# Checks which way includes point (CONTRIBUTING.md, "Layers"). Prints each wrong line as
# FILE:LINE: #include ..., and fails when there is one.
#
#   tests/check_includes.sh [ROOT]   ROOT: the repository, by default the one of this script
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

# The standard library's headers have neither a slash nor an ending.
system='<([a-z_0-9]+|(sys/[a-z]+|fcntl|unistd|sched|pthread|immintrin|cpuid)\.h)>'
shared='<(fmt|nlohmann)/[^>]*>'

data_may="$system|$shared|<(sentencepiece_[a-z]+|zlib)\.h>|<unicode/[^>]*>|\"data/[^\"]*\""
model_may="$system|$shared|<(torch|ATen|c10)/[^>]*>|\"model/[^\"]*\""
engine_may="$system|$shared|\"model/[^\"]*\""  # translating on a CPU needs nothing of LibTorch
# Paths start at the repository's root; the three without a folder are made by the build.
app_may='<[^>]*>|"(data|model|app)/[^"]*"|"(version|default_grammar|attention_page_(template|style|script))\.h"'
tests_may="$app_may|\"tests/[^\"]*\""

# check FOLDER ALLOWED: the includes below FOLDER that match no part of ALLOWED.
check() {
  [[ -d $1 ]] || return 0
  { grep -rnE --include='*.h' --include='*.cpp' '^[[:space:]]*#[[:space:]]*include' "$1" || true; } |
    { grep -vE ":[[:space:]]*#[[:space:]]*include[[:space:]]*($2)" || true; }
}

wrong=$(check data "$data_may"; check model "$model_may"; check model/kernels "$engine_may"
  check model/inference "$engine_may"; check app "$app_may"; check tests "$tests_may")
if [[ -n $wrong ]]; then
  echo "$wrong"
  echo "An include that its folder may not have; CONTRIBUTING.md, \"Layers\", says what each may." >&2
  exit 1
fi
