#!/bin/sh
# Makes .venv and installs exactly what a lock names: `sh deploy/local/bootstrap.sh local` or `dev`.
set -eu

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        new_enough "$PYTHON" || fail "PYTHON is set to $PYTHON, which is not a Python 3.11 or newer: set it to one, or unset it."
        printf '%s' "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do
        if new_enough "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "No Python 3.11 or newer was found: install one, or set PYTHON to its path."
}

make_venv() {
    python=$(find_python)
    # Some systems keep ensurepip in a package of its own.
    if "$python" -m venv --clear .venv >>"$log" 2>&1; then
        return
    fi
    "$python" -m venv --clear --without-pip .venv >>"$log" 2>&1 ||
        fail "Python cannot make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv)."
    "$python" -m pip --version >>"$log" 2>&1 ||
        fail "Python has neither ensurepip nor pip: install one of them (Debian and Ubuntu: apt install python3-venv)."
}

install_uv() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        set -- .venv/bin/python -m pip
    else
        set -- "$(find_python)" -m pip --python .venv/bin/python
    fi
    "$@" install --quiet --disable-pip-version-check --retries 2 --require-hashes -r locks/uv.txt >>"$log" 2>&1 ||
        fail "The installer uv could not be fetched ($log says why): check the connection to the Python package index (proxy: HTTPS_PROXY, mirror: PIP_INDEX_URL)."
}

group=$1
mkdir -p .local
log=.local/bootstrap.log
# Who has installed the developers' tools once keeps them; their lock holds everything of the other one.
[ ! -e .venv/.dev-installed ] || group=dev
: >"$log"
.venv/bin/python -c '' 2>/dev/null || make_venv
printf 'Installing Python packages into .venv; this takes a minute the first time.\n'
[ -x .venv/bin/uv ] && .venv/bin/uv --version 2>/dev/null | grep -q "$(sed -n 's/^uv==\([^ ]*\).*/\1/p' locks/uv.txt)" || install_uv
.venv/bin/uv pip sync --python .venv/bin/python --require-hashes "locks/$group.txt" >>"$log" 2>&1 ||
    fail "The packages of locks/$group.txt could not be installed ($log says why): check the connection to the Python package index (proxy: HTTPS_PROXY, mirror: UV_DEFAULT_INDEX)."
touch .venv/.local-installed
[ "$group" != dev ] || touch .venv/.dev-installed
rm -f "$log"
