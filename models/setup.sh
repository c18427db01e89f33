#!/bin/sh
# Makes the Python environment of models/ and prints its folder; does nothing when it is there.
#
# It has two parts. The libraries lie in the user's cache, in an environment named after what it is made of, so that
# every checkout shares it: that takes about a minute and, on x86-64, where PyTorch comes with CUDA, 4.5 GB.
# models/.venv is an environment of this checkout's own, a few files: it holds the package ghostcam_models, installed
# editable, and its commands, and finds the libraries through a .pth file. A package installed editable into the shared
# part would be the one of the checkout that came last, in all of them.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
requirements="$here/requirements.txt"

# Plain Debian has Python without the part that makes environments, or no Python at all.
if ! python3 -c 'import ensurepip' 2>/dev/null; then
  as_root=''
  [ "$(id -u)" = 0 ] || as_root=sudo
  if ! command -v apt-get >/dev/null || ! command -v "${as_root:-apt-get}" >/dev/null; then
    echo "models/setup.sh: needs Python with venv; on Debian, as root: apt-get install python3-venv" >&2
    exit 1
  fi
  apt="apt-get -qq -o DPkg::Lock::Timeout=600"
  $as_root $apt update
  $as_root env DEBIAN_FRONTEND=noninteractive $apt install -y --no-install-recommends python3-venv >/dev/null
fi
if ! python3 -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))'; then
  echo "models/setup.sh: needs Python 3.10 to 3.13, and python3 is $(python3 --version)" >&2
  exit 1
fi

python=$(python3 -c 'import sys; print(sys.executable, sys.version)')
contents=$( (echo "$python"; cat "$requirements") | sha256sum | cut -c 1-12)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/ghostcam/models-$contents"

mkdir -p "$(dirname "$venv")"
exec 9>"$venv.lock"
flock 9
if [ ! -e "$venv/complete" ]; then
  echo "models/setup.sh: making $venv" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  # --no-deps: the requirements are the whole list, without those parts of CUDA that nothing here loads.
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir --no-compile --no-deps -r "$requirements"
  touch "$venv/complete"
fi

own="$here/.venv"
made_of="$own/made-of"
contents="$here $venv $(sha256sum <"$here/pyproject.toml")"
if [ "$(cat "$made_of" 2>/dev/null)" != "$contents" ]; then
  rm -rf "$own"
  python3 -m venv --without-pip "$own"
  "$own/bin/python" - "$venv" <<'PYTHON'
import pathlib
import site
import sys

(libraries,) = pathlib.Path(sys.argv[1]).glob("lib/python*/site-packages")
pathlib.Path(site.getsitepackages()[0], "libraries.pth").write_text(f"{libraries}\n")
PYTHON
  # The builder is among the requirements, so nothing is fetched.
  "$own/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable "$here"
  ln -s "$venv/bin/ruff" "$own/bin/ruff"
  echo "$contents" >"$made_of"
fi
echo "$own"
