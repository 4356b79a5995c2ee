#!/bin/sh
# Installs scimlint: fetches the release for this system, checks its checksum, and puts
# the program into a folder of yours. No root, nothing else is changed, and where
# something goes wrong nothing is left behind.
#
#   curl -fsSL https://raw.githubusercontent.com/scimlint/scimlint/main/install.sh | sh
#
# Options (after `sh -s --` where it is piped), each with a variable:
#   -v VERSION   as v0.1.0; the newest when not given          SCIMLINT_VERSION
#   -b FOLDER    where to put it; ~/.local/bin when not given  SCIMLINT_INSTALL_DIR
#   -h           this text
# A mirror of the releases is named by SCIMLINT_RELEASES; proxies by https_proxy.
set -eu

releases=${SCIMLINT_RELEASES:-https://github.com/scimlint/scimlint/releases}
version=${SCIMLINT_VERSION:-latest}
folder=${SCIMLINT_INSTALL_DIR:-}
tmp=
partial=
made=
child=

fail() {
  printf 'scimlint: %s\n' "$1" >&2
  exit 1
}

clean() {
  if [ -n "$child" ]; then kill "$child" 2>/dev/null || true; fi
  if [ -n "$partial" ]; then rm -f "$partial"; fi
  if [ -n "$tmp" ]; then rm -rf "$tmp"; fi
  # Folders that were made for this are removed again, the deepest first; those that were
  # not made, or were filled by somebody else, stay.
  while [ -n "$made" ]; do
    if [ -d "$made" ]; then rmdir "$made" 2>/dev/null || break; fi
    [ "$made" != "$first" ] || break
    made=$(dirname "$made")
  done
}

usage() {
  cat <<'TEXT'
Installs scimlint into a folder of yours, without root.

  -v VERSION   as v0.1.0; the newest when not given          SCIMLINT_VERSION
  -b FOLDER    where to put it; ~/.local/bin when not given  SCIMLINT_INSTALL_DIR
  -h           this text

A mirror of the releases is named by SCIMLINT_RELEASES; proxies by https_proxy.
TEXT
}

options() {
  while getopts v:b:h option; do
    case $option in
      v) version=$OPTARG ;;
      b) folder=$OPTARG ;;
      h) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
  done
  shift $((OPTIND - 1))
  [ $# -eq 0 ] || fail "\"$1\" is not an option: see -h"
  case $version in
    latest) ;;
    v[0-9]* | [0-9]*) version=v${version#v} ;;
    *) fail "\"$version\" is not a version: write one as v0.1.0" ;;
  esac
  case $version in
    *[!A-Za-z0-9.+-]*) fail "\"$version\" is not a version: write one as v0.1.0" ;;
  esac
  case $releases in
    https://*) secure='--proto =https' only_https=--https-only ;;
    http://127.0.0.1:* | http://localhost:*) secure='' only_https='' ;;
    *) fail "SCIMLINT_RELEASES is $releases: it must begin with https://" ;;
  esac
  if [ -z "$folder" ]; then
    [ -n "${HOME:-}" ] || fail 'HOME is not set: name a folder with -b'
    folder=$HOME/.local/bin
  fi
}

# platform sets os and arch as the names of the archives have them.
platform() {
  system=$(uname -s)
  machine=$(uname -m)
  case $system in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    MINGW* | MSYS* | CYGWIN* | Windows*)
      fail "this script is not for Windows: use 'scoop install scimlint', or unpack scimlint_windows_amd64.zip of $releases" ;;
    *) fail "there is no release for $system: with Go, run 'go install github.com/scimlint/scimlint/cmd/scimlint@latest'" ;;
  esac
  case $machine in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no release for $system on $machine: with Go, run 'go install github.com/scimlint/scimlint/cmd/scimlint@latest'" ;;
  esac
}

# fetch URL FILE
fetch() {
  code=0
  if command -v curl >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # nothing, or an option with its value
    run curl -fsSL $secure --connect-timeout 20 --max-time 600 -o "$2" "$1"
    [ "$code" -eq 0 ] || failed "$1" "$([ "$code" -ne 22 ] || answered)"
  elif command -v wget >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # nothing, or an option
    run wget -nv $only_https -T 60 -O "$2" "$1"
    [ "$code" -eq 0 ] || failed "$1" "$(answered)"
  else
    fail 'neither curl nor wget is here: install one of them'
  fi
}

# run COMMAND runs it in the background and waits, so that a signal only to this script
# ends both at once.
run() {
  "$@" 2>"$tmp/error" &
  child=$!
  wait "$child" || code=$?
  child=
}

# answered is the HTTP status that curl or wget report; empty where there was no answer.
answered() {
  sed -n -e 's/.*error: \([1-5][0-9][0-9]\).*/\1/p' -e 's/.*ERROR \([1-5][0-9][0-9]\).*/\1/p' "$tmp/error" | tail -n 1
}

# failed URL STATUS says why something was not fetched.
failed() {
  proxy=${https_proxy:-${HTTPS_PROXY:-${http_proxy:-${all_proxy:-${ALL_PROXY:-}}}}}
  through=
  # Only the host of a proxy is shown: a password may be before the @, and in what curl
  # and wget say of an address that they do not understand.
  if [ -n "$proxy" ]; then
    proxy=${proxy##*@}
    through=" through the proxy ${proxy%%/*}"
  fi
  case $2 in
    407) fail "$1 was not fetched: the proxy${through#" through the proxy"} wants a name and a password: set https_proxy to http://NAME:PASSWORD@HOST:PORT" ;;
    404) fail "$1 is not there. Is there such a version? See $releases" ;;
    5??) fail "$1 could not be fetched$through: the server has a problem (status $2). Try again later" ;;
    ???) fail "$1 was refused$through with status $2. See $releases" ;;
  esac
  why=$(tail -n 1 "$tmp/error")
  case $why in
    *[Cc]ertificate* | *SSL* | *TLS*)
      fail "$1 could not be fetched$through: the certificate is not trusted. Behind a proxy that inspects TLS, install its certificate on this system" ;;
  esac
  if [ -n "$proxy" ]; then
    fail "$1 could not be fetched$through. Is its address right? Characters such as @ # / in a password are written as %40 %23 %2F"
  fi
  fail "$1 could not be fetched${why:+: $why}. Is there a network? Behind a proxy, set https_proxy"
}

checksum() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null 2>&1; then
    openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else
    fail 'none of sha256sum, shasum and openssl is here, so the checksum cannot be checked'
  fi
}

# verify compares the archive with what the release says of it.
verify() {
  want=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1; exit }' "$tmp/checksums.txt")
  [ -n "$want" ] || fail "checksums.txt of $base does not list $archive: nothing was installed"
  got=$(checksum "$tmp/$archive")
  [ "$got" = "$want" ] || fail "the checksum of $archive is $got and not $want, as the release says: it was damaged or exchanged on the way. Nothing was installed"
}

# folders makes the target folder, and remembers what has to be removed again.
folders() {
  case $folder in
    /*) ;;
    *) folder=$PWD/$folder ;;
  esac
  # "a/./b" is "a/b": rmdir does not remove a folder by a name that ends in a dot.
  folder=$(printf '%s\n' "$folder" | sed -e ':again' -e 's#/\./#/#g' -e 't again' -e 's#/\.$##')
  [ ! -d "$folder/scimlint" ] || fail "$folder/scimlint is a folder, not a program: name another folder with -b"
  if [ ! -d "$folder" ]; then
    first=$folder
    while [ ! -e "$(dirname "$first")" ]; do first=$(dirname "$first"); done
    made=$folder
    mkdir -p "$folder" 2>/dev/null || fail "the folder $folder cannot be made: name another one with -b"
  fi
  [ -w "$folder" ] || fail "the folder $folder is not writable: name another one with -b"
}

main() {
  options "$@"
  platform
  command -v tar >/dev/null 2>&1 || fail 'tar is not here: install it'
  trap clean EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  tmp=$(mktemp -d 2>/dev/null) || fail "no temporary folder can be made: set TMPDIR to a folder that is writable"

  archive=scimlint_${os}_${arch}.tar.gz
  base=$releases/download/$version
  [ "$version" != latest ] || base=$releases/latest/download
  fetch "$base/checksums.txt" "$tmp/checksums.txt"
  fetch "$base/$archive" "$tmp/$archive"
  verify
  tar -xzf "$tmp/$archive" -C "$tmp" scimlint 2>/dev/null || fail "$archive has no program in it: nothing was installed"
  chmod 755 "$tmp/scimlint"

  folders
  partial=$folder/.scimlint.$$
  cp "$tmp/scimlint" "$partial" 2>/dev/null || fail "$folder cannot be written to: name another one with -b"
  # It is tried where it will be: programs may not be run from the temporary folder.
  says=$("$partial" version 2>/dev/null) || fail "the program of $archive does not run from $folder. Is that folder mounted noexec, or is this another system? Nothing was installed"
  mv -f "$partial" "$folder/scimlint" 2>/dev/null || fail "$folder/scimlint cannot be replaced: remove it, or name another folder with -b"
  partial=
  made=
  printf 'Installed %s\n  as %s\n' "$(printf '%s' "$says" | head -n 1)" "$folder/scimlint"
  case :$PATH: in
    *:"$folder":*) ;;
    *) printf "Add the folder to your PATH:\n  export PATH=\"%s:\$PATH\"\n" "$folder" ;;
  esac
}

# All is read before anything is run: a script that was cut off on its way does nothing.
main "$@"
