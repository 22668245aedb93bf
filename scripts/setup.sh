#!/usr/bin/env bash
# Installs what building heed needs and this machine lacks: Debian packages (as root, or by sudo) and
# LibTorch (into a per-user cache, unless Torch_DIR or CMAKE_PREFIX_PATH names one).
# Does nothing, in milliseconds, where everything is there. The other scripts run it first.
#
#   scripts/setup.sh [--mpi]      --mpi: OpenMPI too, for training with several processes
#   scripts/setup.sh --fuzz       for scripts/fuzz.sh: clang where a machine has it, no LibTorch
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(
  cmake ninja-build ccache
  libsentencepiece-dev libicu-dev zlib1g-dev       # text
  libcli11-dev libtomlplusplus-dev libedit-dev     # command line, configuration, prompt
  libspdlog-dev libfmt-dev nlohmann-json3-dev      # log, formatting, JSON
  libpango1.0-dev pkg-config                       # figures as PNG
  libgoogle-perftools-dev                          # tcmalloc
  libgtest-dev libgmock-dev libbenchmark-dev       # tests, benchmarks
)

if [[ ${1-} == --mpi ]]; then packages+=(libopenmpi-dev openmpi-bin); fi
fuzz=false
if [[ ${1-} == --fuzz ]]; then fuzz=true; fi

say() { echo "setup: $*" >&2; }

user_has_torch() {
  local folder
  [[ -n ${Torch_DIR-} ]] && return
  while IFS= read -r -d : folder; do
    [[ -e ${folder%/share/cmake*}/include/ATen/ATen.h ]] && return
  done <<<"${CMAKE_PREFIX_PATH-}:"
  return 1
}

has_pip() {
  python3 -m pip --version >/dev/null 2>&1 || /usr/bin/python3 -m pip --version >/dev/null 2>&1
}

missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    [[ $'\n'$installed$'\n' == *$'\n'"$package=installed"$'\n'* ]] || echo "$package"
  done
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [[ ${#missing[@]} == 0 ]] && return
  if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
    say "these packages are missing, and this is neither root nor a machine with sudo. As root, run:"
    say "  apt-get install --no-install-recommends ${missing[*]}"
    exit 1
  fi
  say "installing from Debian: ${missing[*]}"
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}" >/dev/null
}

install_torch=true
if $fuzz || user_has_torch; then
  install_torch=false
elif ! "$root/scripts/install_libtorch.sh" --find >/dev/null && ! has_pip; then
  packages+=(python3-pip)
fi
command -v c++ >/dev/null || packages+=(g++)

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  install_packages
else
  say "this is no Debian: make sure that the counterparts of these are installed: ${packages[*]}"
fi
# Fuzzing is left out where clang can't be had, so this is no error.
if $fuzz && ! command -v clang++ >/dev/null; then
  packages=(clang libclang-rt-14-dev)
  (install_packages) || say "clang could not be installed"
fi
if $install_torch; then "$root/scripts/install_libtorch.sh" >/dev/null; fi
