#!/bin/sh
# The physical limit of verification: SHA-384 of every file that is read and one RSA check of every signature, by coreutils and OpenSSL.
# WORK has what Bench took out of the sigstructs beforehand: NAME.key (PEM), NAME.sig (big-endian), NAME.signed (the signed bytes), and a list for sha384sum.
set -eu

[ $# -eq 2 ] || {
  echo 'usage: limit.sh SNAPSHOT WORK' >&2
  exit 2
}

(cd "$1" && sha384sum --check --quiet --strict "$2/modules.sha384")
for signed in "$2"/*.signed; do
  openssl dgst -sha384 -verify "${signed%.signed}.key" -signature "${signed%.signed}.sig" "$signed" >/dev/null
done
