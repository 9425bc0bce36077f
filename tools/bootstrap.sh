#!/bin/sh
# Prepare an environment from the hashed lock; nothing is done when it is ready.
#
#   tools/bootstrap.sh run      .venv with what the program needs
#   tools/bootstrap.sh test     the same .venv, with test and lint tools
#   tools/bootstrap.sh long     the same, and what a cluster of central servers needs
#   tools/bootstrap.sh train    .venv-train, with torch
#
# Quiet when all goes well; the details of the last run are in build/bootstrap.log.
# PYTHON=/path/to/python chooses the interpreter.
set -eu

cd "$(dirname "$0")/.."
profile=${1:-run}
torch='torch==2.13.0'
log=build/bootstrap.log

long=
if [ "$profile" = long ]; then profile=test long=yes; fi
case $profile in
  run) venv=.venv lock=requirements.lock ;;
  test) venv=.venv lock=requirements-dev.lock ;;
  train) venv=.venv-train lock=requirements-train.lock ;;
  *) echo "usage: tools/bootstrap.sh run|test|long|train" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }

# Run a command with its output in the log; show the log's end if it fails.
logged() {
  "$@" >>"$log" 2>&1 && return
  tail -n 25 "$log" >&2
  say "bootstrap: this step failed: $*"
  say "bootstrap: the whole output is in $log"
  return 1
}

# What an environment was made from: the folder it was made in and the files that define it.
fingerprint() { pwd; cksum pyproject.toml "$1" tools/bootstrap.sh; }

is_made_from() {
  [ -x "$venv/bin/python" ] && [ "$(fingerprint "$2")" = "$(cat "$venv/$1.stamp" 2>/dev/null)" ]
}

is_ready() {
  is_made_from "$profile" "$lock" && return
  # The test environment holds everything that running needs, at the same versions.
  [ "$profile" = run ] && is_made_from test requirements-dev.lock
}

# ------------------------------------------------------------------ system packages
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Install Debian packages if allowed to; otherwise print the one line that does it.
apt_install() {
  if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
    say "Installing system packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get install -qy --no-install-recommends "$@" >>"$log" 2>&1 && return
    logged as_root apt-get update -q || return 1
    logged as_root apt-get install -qy --no-install-recommends "$@" && return
  fi
  say "System packages are missing. Please run:  sudo apt-get install $*"
  return 1
}

# Libraries that the wheels of Qt expect of the system, as "file package".
qt_libraries='libEGL.so.1 libegl1
libGL.so.1 libgl1
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libxcb-cursor.so.0 libxcb-cursor0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0'

install_qt_libraries() {
  ldconfig=$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig) || return 0 # not a GNU system
  present=$("$ldconfig" -p)
  missing=$(printf '%s\n' "$qt_libraries" | while read -r file package; do
    case $present in *"	$file "*) ;; *) printf '%s ' "$package" ;; esac
  done)
  # shellcheck disable=SC2086 # one word per package is meant
  [ -z "$missing" ] || apt_install $missing || say "Going on without them; the window may not open."
}

# The central server that tests start by themselves; no service is set up.
install_test_server() {
  PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && return
  apt_install mariadb-server-core mariadb-client-core
}

# Galera, and the scripts by which its nodes copy their state. The scripts are in the package that
# would set up a service as well, so they are unpacked into build/ and the service stays away.
install_cluster() {
  [ -e /usr/lib/galera/libgalera_smm.so ] && command -v rsync >/dev/null && command -v lsof >/dev/null \
    || apt_install galera-4 rsync lsof || return 1
  [ -x build/galera/usr/bin/wsrep_sst_rsync ] && return
  rm -rf build/galera && mkdir -p build/galera
  (cd build/galera && logged_here apt-get download -q mariadb-server \
    && dpkg-deb --fsys-tarfile mariadb-server_*.deb | tar -x --wildcards './usr/bin/wsrep_sst_*' \
    && rm -f mariadb-server_*.deb) && return
  say "The package mariadb-server cannot be downloaded; please run:  apt-get download mariadb-server"
  return 1
}

logged_here() { "$@" >>"../../$log" 2>&1; }

# ------------------------------------------------------------------ Python
is_suitable() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3; do
    if is_suitable "$candidate"; then printf '%s' "$candidate"; return; fi
  done
  say "Clinic App needs Python 3.11 or newer, and none was found."
  return 1
}

make_venv() {
  is_made_from_here=$(sed -n 1p "$venv"/*.stamp 2>/dev/null | sort -u)
  if is_suitable "$venv/bin/python" && [ "${is_made_from_here:-$(pwd)}" = "$(pwd)" ] \
    && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    return # there already: only what differs gets installed
  fi
  python=$(find_python)
  if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    apt_install "$version-venv"
  fi
  logged "$python" -m venv --clear "$venv"
}

pip_install() {
  logged "$venv/bin/python" -m pip --disable-pip-version-check --no-input install "$@"
}

install_packages() {
  say "Preparing $venv (the first time takes some minutes)."
  rm -f "$venv/$profile.stamp"
  pip_install --only-binary :all: --require-hashes -r "$lock"
  if [ "$profile" = train ]; then pip_install "$torch"; fi
  # setuptools comes from the lock, hence no isolation: nothing else is fetched.
  pip_install --no-deps --no-build-isolation --editable .
  fingerprint "$lock" >"$venv/$profile.stamp"
}

# ------------------------------------------------------------------
# Somebody else's folder is used as it is, when it is ready; nothing can be installed there.
if ! mkdir -p build 2>/dev/null || ! (: >>build/bootstrap.lock) 2>/dev/null; then
  is_ready && exit
  say "Nothing can be written to $(pwd), so Clinic App cannot be prepared here."
  exit 1
fi

# Two runs at once would install into the same folder: the second waits for the first.
exec 9>build/bootstrap.lock
if command -v flock >/dev/null; then flock 9; fi

[ "$profile" = train ] || [ "$(uname -s)" != Linux ] || install_qt_libraries
[ "$profile" != test ] || install_test_server
[ -z "$long" ] || install_cluster
is_ready && exit
: >"$log"
make_venv
install_packages
