#!/bin/sh
# What a release would be without tdxrel: v2 images joined from a snapshot, a signed list of hashes, deb, rpm, Arch package and tar,
# and three signed repositories, made with the distributions' own tools and their usual compression.
# The opponent of "tdxrel bundle --formats=tar,deb,rpm,arch,apt,dnf,pacman", which also verifies every module and plans the steps.
#
# usage: packages.sh SNAPSHOT VERSION KEY OUT
#   SNAPSHOT  upstream's tree: separate_files, mapping_file.json, BINARIES_LICENSE
#   VERSION   20260210
#   KEY       id of a secret key in gpg's home folder ($GNUPGHOME), without a passphrase
#   OUT       a new folder
# needs: dpkg-deb, apt-ftparchive, rpmbuild, rpmsign, createrepo_c, bsdtar, repo-add, gpg, gzip, xz
set -eu

[ $# -eq 4 ] || {
    echo "usage: packages.sh SNAPSHOT VERSION KEY OUT" >&2
    exit 2
}
snapshot=$(cd "$1" && pwd)
version=$2
key=$3
mkdir "$4"
out=$(cd "$4" && pwd)
name=intel-tdx-module
firmware=usr/lib/firmware/intel/tdx-module
: "${SOURCE_DATE_EPOCH:=$(date +%s)}"
export SOURCE_DATE_EPOCH
work=$out/work
bundle=$work/bundle

sign() { # FILE SIGNATURE [OPTION ...]
    file=$1
    signature=$2
    shift 2
    gpg --batch --quiet --yes --local-user "$key" --digest-algo SHA512 --output "$signature" "$@" "$file"
}

byte() { # VALUE: as printf's octal escape
    printf '\\%03o' "$1"
}

pages() { # FILE
    size=$(wc -c < "$1")
    echo $(((size + 4095) / 4096))
}

image() { # CHECKSUM SIGSTRUCT MODULE: a v2 image
    modules=$(pages "$3")
    # shellcheck disable=SC2059 # the octal escapes are the point
    {
        printf "\\000\\002$(byte $(($1 & 255)))$(byte $(($1 >> 8)))TDX-BLOB"
        printf "$(byte "$(pages "$2")")\\000\\000\\000$(byte $((modules & 255)))$(byte $((modules >> 8)))\\000\\000"
        head -c 4076 /dev/zero
        cat "$2"
        head -c $((($(pages "$2") * 4096) - $(wc -c < "$2"))) /dev/zero
        cat "$3"
        head -c $(((modules * 4096) - $(wc -c < "$3"))) /dev/zero
    }
}

join() { # SIGSTRUCT MODULE OUTPUT: the 16-bit words of an image add up to zero
    image 0 "$1" "$2" > "$3"
    sum=$(od -An -v -tu2 -w4096 "$3" | awk '{ for (i = 1; i <= NF; i++) sum += $i } END { print (65536 - sum % 65536) % 65536 }')
    image "$sum" "$1" "$2" > "$3.new"
    mv "$3.new" "$3"
}

bundle() {
    mkdir -p "$bundle"
    for module in "$snapshot"/separate_files/*/*/*.bin; do
        line=$(basename "$(dirname "$(dirname "$module")")")
        mkdir -p "$bundle/joined_files/$line"
        join "${module%.bin}.sigstruct" "$module" "$bundle/joined_files/$line/$(basename "$module" .bin).blob"
    done
    cp "$snapshot/mapping_file.json" "$snapshot/BINARIES_LICENSE" "$snapshot/LICENSE" "$bundle/"
    (cd "$bundle" && find . -type f | LC_ALL=C sort | xargs sha384sum > "$work/SHA384SUMS")
    mv "$work/SHA384SUMS" "$bundle/"
    sign "$bundle/SHA384SUMS" "$bundle/SHA384SUMS.asc" --armor --detach-sign
}

tree() { # DEST LICENSE-FOLDER
    mkdir -p "$1/$firmware" "$1/$2"
    cp -R "$bundle/." "$1/$firmware/"
    cp "$bundle/BINARIES_LICENSE" "$1/$2/"
}

deb() {
    root=$work/deb
    doc=usr/share/doc/$name
    tree "$root" "$doc"
    mv "$root/$doc/BINARIES_LICENSE" "$root/$doc/copyright"
    printf '%s (%s-1) unstable; urgency=medium\n\n  * Release %s.\n\n -- Nobody <nobody@example.org>  %s\n' \
        "$name" "$version" "$version" "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$root/$doc/changelog.Debian.gz"
    mkdir "$root/DEBIAN"
    (cd "$root" && find usr -type f -exec md5sum {} + > DEBIAN/md5sums)
    cat > "$root/DEBIAN/control" << END
Package: $name
Version: $version-1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Section: non-free-firmware/admin
Priority: optional
Description: Intel TDX module images for runtime update
 Images of the Intel TDX module.
END
    dpkg-deb --root-owner-group -Zxz --build "$root" "$out/packages/${name}_$version-1_all.deb" > /dev/null
}

rpm() {
    root=$work/rpm
    tree "$root/tree" "usr/share/licenses/$name"
    mkdir -p "$root/top"
    cat > "$root/package.spec" << END
%global _binaries_in_noarch_packages_terminate_build 0
%global __os_install_post %{nil}
Name: $name
Version: $version
Release: 1
Summary: Intel TDX module images for runtime update
License: LicenseRef-Fedora-Firmware
BuildArch: noarch
%description
Images of the Intel TDX module.
%install
cp -a $root/tree/. %{buildroot}/
%files
/$firmware
%license /usr/share/licenses/$name/BINARIES_LICENSE
END
    rpmbuild --quiet -D "_topdir $root/top" -D "_binary_payload w19.zstdio" -bb "$root/package.spec" > "$work/rpm.log" 2>&1
    rpmsign -D "_gpg_name $key" --addsign "$root/top/RPMS/noarch/$name-$version-1.noarch.rpm" >> "$work/rpm.log" 2>&1
    cp "$root/top/RPMS/noarch/$name-$version-1.noarch.rpm" "$out/packages/"
}

arch() {
    root=$work/arch
    tree "$root" "usr/share/licenses/$name"
    size=$(du -sb "$root/usr" | cut -f 1)
    cat > "$root/.PKGINFO" << END
pkgname = $name
pkgbase = $name
pkgver = $version-1
pkgdesc = Intel TDX module images for runtime update
builddate = $SOURCE_DATE_EPOCH
size = $size
arch = any
license = LicenseRef-Intel
END
    (
        cd "$root"
        bsdtar -czf .MTREE --format=mtree --options='!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link' .PKGINFO usr
        bsdtar --uid 0 --gid 0 --uname root --gname root -cf - .PKGINFO .MTREE usr | xz -c > "$out/packages/$name-$version-1-any.pkg.tar.xz"
    )
    sign "$out/packages/$name-$version-1-any.pkg.tar.xz" "$out/packages/$name-$version-1-any.pkg.tar.xz.sig" --detach-sign
}

apt_repository() {
    repository=$out/apt
    mkdir -p "$repository/pool" "$repository/dists/stable/main/binary-amd64"
    cp "$out/packages/${name}_$version-1_all.deb" "$repository/pool/"
    cd "$repository"
    apt-ftparchive packages pool > dists/stable/main/binary-amd64/Packages
    gzip -9nk dists/stable/main/binary-amd64/Packages
    xz -k dists/stable/main/binary-amd64/Packages
    for algorithm in SHA256 SHA512; do
        hashes=dists/stable/main/binary-amd64/by-hash/$algorithm
        mkdir -p "$hashes"
        for index in dists/stable/main/binary-amd64/Packages*; do
            sum=$(case $algorithm in SHA256) sha256sum "$index" ;; *) sha512sum "$index" ;; esac)
            cp "$index" "$hashes/${sum%% *}"
        done
    done
    apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Acquire-By-Hash=yes \
        -o APT::FTPArchive::Release::Architectures=amd64 -o APT::FTPArchive::Release::Components=main release dists/stable > Release
    mv Release dists/stable/Release
    sign dists/stable/Release dists/stable/InRelease --clearsign
    sign dists/stable/Release dists/stable/Release.gpg --armor --detach-sign
}

dnf_repository() {
    mkdir -p "$out/dnf/Packages"
    cp "$out/packages/$name-$version-1.noarch.rpm" "$out/dnf/Packages/"
    createrepo_c --quiet "$out/dnf"
    sign "$out/dnf/repodata/repomd.xml" "$out/dnf/repodata/repomd.xml.asc" --armor --detach-sign
}

pacman_repository() {
    mkdir "$out/pacman"
    cp "$out/packages/$name-$version-1-any.pkg.tar.xz" "$out/packages/$name-$version-1-any.pkg.tar.xz.sig" "$out/pacman/"
    repo-add --quiet --sign --key "$key" "$out/pacman/tdx-module.db.tar.gz" "$out/pacman/$name-$version-1-any.pkg.tar.xz" > "$work/pacman.log" 2>&1
}

mkdir "$out/packages" "$work"
bundle
tar --sort=name --owner=0 --group=0 --mtime="@$SOURCE_DATE_EPOCH" --transform "s,^\.,tdx-module-$version," -C "$bundle" -cf - . | gzip -9n > "$out/tdx-module-$version.tar.gz"
(deb && apt_repository) &
first=$!
(rpm && dnf_repository) &
second=$!
(arch && pacman_repository) &
third=$!
wait "$first"
wait "$second"
wait "$third"
rm -r "$work"
