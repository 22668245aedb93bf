#!/usr/bin/env bash
# Installs the pinned LibTorch (scripts/libtorch-requirements.txt) into a per-user cache that every
# clone shares, and prints its folder on stdout. Does nothing when it is already there.
#
#   scripts/install_libtorch.sh          headers, libtorch_cpu and what that needs
#   scripts/install_libtorch.sh --cuda   the full set, for a build with -DHEED_CUDA=ON
#   scripts/install_libtorch.sh --find   installs nothing; fails when it is not there
#
# The cache is $HEED_CACHE, else $XDG_CACHE_HOME/heed, else ~/.cache/heed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
requirements="$root/scripts/libtorch-requirements.txt"

die() { echo "install_libtorch.sh: $*" >&2; exit 1; }

# A python3 that has pip: the one first on PATH may be a user's own without it.
find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then echo "$candidate"; return; fi
  done
  die "no python3 with pip found; install it (Debian: apt-get install python3-pip)"
}

# Only the C++ part is taken from the wheels, so the Python version they are built for is of no
# matter and one tag is asked for whatever Python runs this.
download_wheels() {
  local folder=$1 machine platforms=() tag
  machine=$(uname -m)
  for tag in manylinux_2_28 manylinux_2_25 manylinux_2_17 manylinux2014; do
    platforms+=(--platform "${tag}_$machine")
  done
  "$python" -m pip download --quiet --no-cache-dir --disable-pip-version-check --no-deps \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 "${platforms[@]}" \
    --require-hashes --requirement "$requirements" --dest "$folder" >&2
}

unpack_cpu_part() {
  "$python" - "$1" "$2" <<'PYTHON'
import pathlib, re, sys, zipfile

wheels, target = map(pathlib.Path, sys.argv[1:])
wanted = re.compile(
    r"torch/include/.*"
    r"|torch/lib/lib(torch_cpu|c10)\.so"
    r"|torch/lib/lib(gomp|gfortran|openblas|arm_compute)[^/]*\.so[^/]*"
    r"|torch\.libs/.*"
    r"|nvidia/[^/]+/lib/lib(cudart|cupti)\.so[^/]*"
    r"|[^/]+\.dist-info/(licenses/)?(LICENSE|License|NOTICE)[^/]*"
)
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [n for n in archive.namelist() if wanted.fullmatch(n)])
PYTHON
}

install_cpu() {
  local staging=$1
  download_wheels "$staging/wheels"
  unpack_cpu_part "$staging/wheels" "$staging/new"
  rm -r "$staging/wheels"
}

install_cuda() {
  local staging=$1
  "$python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --root-user-action=ignore --target "$staging/new" "torch==$version" >&2
}

# All in a function: bash reads a script as it runs, and this one may be updated meanwhile.
main() {
  variant=cpu
  case "${1-}" in
    "" | --find) ;;
    --cuda) variant=cuda ;;
    *) die "unknown argument '$1'; it takes --cuda or --find" ;;
  esac
  version=$(sed -n 's/^torch==\([^ ]*\).*/\1/p' "$requirements")
  cache="${HEED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/heed}"
  target="$cache/libtorch-$version-$variant"

  if [[ ${1-} == --find ]]; then
    [[ -d $target ]] || exit 1
  elif [[ ! -d $target ]]; then
    mkdir -p "$cache"
    exec 9>"$cache/.libtorch-$variant.lock"
    flock 9
  fi
  if [[ ! -d $target ]]; then  # a second clone waited for the lock, and finds the first one's work
    echo "Installing LibTorch $version ($variant) into $target" >&2
    rm -rf "$cache"/.new-"$variant".*  # what an interrupted install left; the lock says none runs now
    python=$(find_python)
    staging=$(mktemp -d "$cache/.new-$variant.XXXXXX")
    trap 'rm -rf "$staging"' EXIT
    "install_$variant" "$staging"
    [[ -e $staging/new/torch/lib/libtorch_cpu.so ]] || die "the torch $version wheel holds no libtorch_cpu.so"
    mv "$staging/new" "$target"
  fi
  echo "$target"
}

main "$@"
