#!/usr/bin/env bash
# Formats every source file in place; with --check, changes nothing and fails when one would change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v clang-format >/dev/null || { echo "clang-format not found (Debian: apt-get install clang-format)" >&2; exit 1; }
mode=(-i)
[[ ${1-} == --check ]] && mode=(--dry-run --Werror)
find app data model tests \( -name '*.h' -o -name '*.cpp' \) -print0 | xargs -0 -r clang-format "${mode[@]}"
