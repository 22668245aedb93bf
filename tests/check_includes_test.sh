#!/usr/bin/env bash
# Proves that check_includes.sh lets right includes pass and catches each kind of wrong one.
set -euo pipefail

check="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/check_includes.sh"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root"/{data,model,app,tests}
failures=0

# expect pass|fail FOLDER INCLUDE: the verdict when a file of FOLDER holds this include.
expect() {
  local verdict=pass
  printf '#pragma once\n#include %s\n' "$3" >"$root/$2/subject.h"
  if "$check" "$root" >"$root/output" 2>/dev/null; then
    [[ ! -s $root/output ]] || verdict=noisy
  else
    verdict=fail
    grep -qF "$2/subject.h:2:#include $3" "$root/output" || verdict=unnamed
  fi
  rm "$root/$2/subject.h"
  if [[ $verdict != "$1" ]]; then
    echo "$2: #include $3: expected $1, got $verdict"
    failures=$((failures + 1))
  fi
}

for folder in data model app tests; do
  expect pass $folder '<vector>'
  expect pass $folder '<unistd.h>'
  expect pass $folder '<fmt/format.h>'
  expect fail $folder '"subject.h"'
  expect fail $folder '"../data/utf8.h"'
done

expect pass data '"data/utf8.h"'
expect pass data '<sentencepiece_processor.h>'
expect pass data '<unicode/uchar.h>'
for header in '"model/search.h"' '"app/errors.h"' '<ATen/ATen.h>' '<torch/torch.h>' '<c10/util/Half.h>' \
  '<spdlog/spdlog.h>' '<CLI/CLI.hpp>' '"version.h"'; do
  expect fail data "$header"
done

expect pass model '"model/search.h"'
expect pass model '<ATen/ATen.h>'
for header in '"data/utf8.h"' '"app/errors.h"' '<sentencepiece_processor.h>' '<spdlog/spdlog.h>'; do
  expect fail model "$header"
done

expect pass app '"model/search.h"'
expect pass app '"version.h"'
expect fail app '"tests/support/fixtures.h"'
expect pass tests '"tests/support/fixtures.h"'
expect pass tests '"app/errors.h"'

[[ $failures == 0 ]] || exit 1
echo "all verdicts as expected"
