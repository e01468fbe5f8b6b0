# Shared by the scripts of this folder; source it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PRESET="${AISLEWATCH_PRESET:-release}"
BIN="build/${PRESET}/bin"

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' scripts/packages.txt | awk '{print $1}'; }

missing_packages() {
  local name
  for name in $(packages); do
    # npm also comes with Node.js from elsewhere.
    if [ "$name" = npm ] && command -v npm >/dev/null; then continue; fi
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

build() {
  say "building (preset ${PRESET})"
  cmake --preset "$PRESET" >"build/configure-${PRESET}.log" 2>&1 || {
    cat "build/configure-${PRESET}.log" >&2
    return 1
  }
  cmake --build --preset "$PRESET"
}
