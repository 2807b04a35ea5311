#!/bin/sh
# Puts the files of this package together and checks each one against files.tsv.
# usage: build.sh prepare         fetch, join and check
#        build.sh install DEST    prepare, then copy the tree to DEST
set -eu

base=@BASE@
own=@OWN@
cd "$(dirname "$0")/@TOP@"
tab=$(printf '\t')

fail() {
    echo "error: $1" >&2
    exit 1
}

check() { # FILE SHA256
    got=$(sha256sum "$1")
    [ "${got%% *}" = "$2" ] || fail "$1: SHA-256 ${got%% *}, want $2"
}

# Prints where the upstream file lies: in the source itself, or in parts/, where a file that is missing is fetched to.
part() { # PATH SHA256
    file=$1
    if [ ! -e "$file" ]; then
        [ -n "$base" ] || fail "$file is missing"
        file=parts/$(printf '%s' "$1" | tr / _)
        mkdir -p parts
    fi
    if [ ! -e "$file" ]; then
        curl -fsSL --retry 3 -o "$file.part" "$base/$1" || fail "cannot fetch $base/$1"
        mv "$file.part" "$file"
    fi
    check "$file" "$2"
    printf '%s' "$file"
}

bytes() { # VALUE COUNT: little-endian
    value=$1
    count=$2
    while [ "$count" -gt 0 ]; do
        # shellcheck disable=SC2059 # the octal escape is the point
        printf "\\$(printf '%03o' $((value & 255)))"
        value=$((value >> 8))
        count=$((count - 1))
    done
}

pages() { # FILE
    size=$(wc -c < "$1")
    echo $(((size + 4095) / 4096))
}

padded() { # FILE: to whole pages
    cat "$1"
    size=$(wc -c < "$1")
    dd if=/dev/zero bs=1 count=$(((4096 - size % 4096) % 4096)) 2> /dev/null
}

head_of() { # CHECKSUM SIGSTRUCT MODULE: the first 20 bytes of a v2 image
    bytes 512 2
    bytes "$1" 2
    printf 'TDX-BLOB'
    bytes "$(pages "$2")" 4
    bytes "$(pages "$3")" 4
}

image() { # CHECKSUM SIGSTRUCT MODULE
    head_of "$@"
    dd if=/dev/zero bs=1 count=4076 2> /dev/null
    padded "$2"
    padded "$3"
}

# The 16-bit little-endian words of a whole image add up to 0.
join() { # SIGSTRUCT MODULE OUTPUT
    image 0 "$1" "$2" > "$3.part"
    checksum=$(od -An -v -tu1 "$3.part" | awk '
        { for (i = 1; i < NF; i += 2) sum += $i + 256 * $(i + 1) }
        END { print (65536 - sum % 65536) % 65536 }')
    image "$checksum" "$1" "$2" > "$3"
    rm "$3.part"
}

prepare() {
    while IFS=$tab read -r kind path mode sum one one_sum two two_sum; do
        mkdir -p "$(dirname "$path")"
        case $kind in
            carried) ;;
            license)
                # Upstream's text at the pinned commit must be the one that was accepted.
                if [ -n "$one" ]; then
                    from=$(part "$one" "$one_sum")
                    check "$from" "$sum"
                fi
                ;;
            fetched)
                from=$(part "$one" "$one_sum")
                cp "$from" "$path"
                ;;
            joined)
                from=$(part "$one" "$one_sum")
                with=$(part "$two" "$two_sum")
                join "$from" "$with" "$path"
                ;;
            *) fail "files.tsv: unknown kind $kind" ;;
        esac
        check "$path" "$sum"
        chmod "$mode" "$path"
    done < "$own/files.tsv"
}

case ${1-} in
    prepare) prepare ;;
    install)
        [ $# -eq 2 ] || fail "usage: build.sh install DEST"
        prepare
        mkdir -p "$2"
        cp -R -P "$own/tree/." "$2"
        find "$2" -type d -exec chmod 755 {} +
        ;;
    *) fail "usage: build.sh prepare | install DEST" ;;
esac
