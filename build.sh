#!/bin/sh
# Builds the build (Cake, in build/) if its sources changed, then runs it. Needs the .NET 10 SDK only.
set -eu

fail() {
  printf 'error: %s\n' "$1" >&2
  printf 'hint: %s\n' "$2" >&2
  exit "$3"
}

# Paths in arguments are relative to where the caller stands.
TDXREL_CWD=$(pwd)
export TDXREL_CWD
case $0 in
  */*) cd -- "${0%/*}" ;;
esac

DOTNET_CLI_TELEMETRY_OPTOUT=1
DOTNET_NOLOGO=1
# The builds inside print plain lines, on a terminal too.
MSBUILDTERMINALLOGGER=off
export DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO MSBUILDTERMINALLOGGER

sdk='install the .NET 10 SDK (https://dotnet.microsoft.com/download) and put it on PATH or set DOTNET_ROOT'
if [ -n "${DOTNET_ROOT:-}" ]; then
  [ -x "$DOTNET_ROOT/dotnet" ] || fail "DOTNET_ROOT is \"$DOTNET_ROOT\", which holds no dotnet" "$sdk" 6
  PATH=$DOTNET_ROOT:$PATH
  export PATH
fi
command -v dotnet >/dev/null 2>&1 || fail 'dotnet is not installed' "$sdk" 6

# Names and contents of all that goes into the build: notices edits, additions, renames and deletions, whatever their times.
inputs() {
  for path in build src schemas samples Directory.Build.props Directory.Packages.props NuGet.config global.json .editorconfig; do
    if [ -e "$path" ]; then
      find "$path" \( -name bin -o -name obj \) -prune -o -type f -exec cksum {} +
    fi
  done | LC_ALL=C sort | cksum
}

runner=build/bin/run/Build.dll
stamp=build/obj/run.stamp
now=$(inputs)
if ! [ -f "$runner" ] || ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$now" ]; then
  found=$(dotnet --version 2>/dev/null) || {
    installed=$(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | tr '\n' ' ')
    fail "no .NET SDK fits global.json: got $installed, want 10.0.100 or a later 10.0" "$sdk" 6
  }
  echo "building tdxrel with .NET SDK $found ..." >&2
  mkdir -p build/obj
  rm -f "$stamp"
  if ! dotnet build build/Build.csproj -c Release -v q --nologo -p:TdxrelRunner=true >build/obj/run.log 2>&1; then
    cat build/obj/run.log >&2
    fail 'the build does not compile' 'the compiler says why, above; without network, packages that were never restored are missing' 1
  fi
  printf '%s\n' "$now" >"$stamp"
fi

exec dotnet "$runner" "$@"
