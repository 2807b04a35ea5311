#!/bin/sh
# What a release would be without tdxrel: deb, rpm, Arch package and tar of a finished bundle folder, and three signed repositories,
# made with the distributions' own tools. The opponent of "tdxrel bundle --formats=tar,deb,rpm,arch,apt,dnf,pacman", which also
# verifies the modules, joins the images and writes and signs the manifest; here all of that is done already.
#
# usage: packages.sh BUNDLE VERSION KEY OUT
#   BUNDLE   the unpacked bundle: joined_files, mapping_file.json, BINARIES_LICENSE, manifest ...
#   VERSION  20260210
#   KEY      id of a secret key in gpg's home folder ($GNUPGHOME), without a passphrase
#   OUT      a new folder
# needs: dpkg-deb, apt-ftparchive, rpmbuild, rpmsign, createrepo_c, bsdtar, repo-add, gpg, gzip, xz
set -eu

[ $# -eq 4 ] || {
    echo "usage: packages.sh BUNDLE VERSION KEY OUT" >&2
    exit 2
}
bundle=$(cd "$1" && pwd)
version=$2
key=$3
mkdir "$4"
out=$(cd "$4" && pwd)
name=intel-tdx-module
firmware=usr/lib/firmware/intel/tdx-module
: "${SOURCE_DATE_EPOCH:=$(date +%s)}"
export SOURCE_DATE_EPOCH
work=$out/work

sign() { # FILE SIGNATURE [OPTION ...]
    file=$1
    signature=$2
    shift 2
    gpg --batch --quiet --yes --local-user "$key" --digest-algo SHA512 --output "$signature" "$@" "$file"
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
    rpmbuild --quiet -D "_topdir $root/top" -D "_gpg_name $key" -bb "$root/package.spec" > "$work/rpm.log" 2>&1
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
