using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Deb;

/// <summary>Debian and its kin.</summary>
public sealed class DebFormat : DistributionFormat
{
    /// <inheritdoc/>
    public override string Name => "deb";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Endings => [".deb"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Depends => ["openssl | gpgv"];

    /// <summary>What lintian is told, with the reasons.</summary>
    public override IEnumerable<PackageFile> ToolFiles(string package) =>
    [
        new($"usr/share/lintian/overrides/{package}", Encoding.UTF8.GetBytes($"""
            # The signed manifest lists upstream's licences beside the images, and tdx-module-update(8) checks them there.
            {package}: extra-license-file [{FirmwareFolder}/*LICENSE]
            {package}: package-contains-documentation-outside-usr-share-doc [{FirmwareFolder}/*LICENSE]
            # The unit is optional and disabled; the program runs by hand under every init system.
            {package}: package-supports-alternative-init-but-no-init.d-script [usr/lib/systemd/system/tdx-module-*]
            # Words of awk programs; shellcheck, dash and busybox sh judge the script.
            {package}: bash-term-in-posix-shell *

            """)),
    ];

    /// <summary>
    /// The calls that dh_installsystemd documents for units that are neither enabled nor started: the links that the administrator makes
    /// are recorded at
    /// installation, follow the units on upgrades and go with a purge.
    /// </summary>
    public override PackageScripts Scripts(IReadOnlyList<string> units) => new(
        PostInstall: $$"""
            case "$1" in
                configure | abort-upgrade | abort-deconfigure | abort-remove)
                    for unit in {{string.Join(' ', units)}}; do
                        if deb-systemd-helper debian-installed "$unit"; then
                            deb-systemd-helper unmask "$unit" >/dev/null || true
                            if deb-systemd-helper --quiet was-enabled "$unit"; then
                                deb-systemd-helper enable "$unit" >/dev/null || true
                            fi
                        fi
                        deb-systemd-helper update-state "$unit" >/dev/null || true
                    done
                    if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
                        systemctl --system daemon-reload >/dev/null || true
                    fi
                    ;;
            esac
            """,
        PreRemove: $$"""
            if [ -z "${DPKG_ROOT:-}" ] && [ "$1" = remove ] && [ -d /run/systemd/system ]; then
                deb-systemd-invoke stop {{string.Join(' ', units)}} >/dev/null || true
            fi
            """,
        PostRemove: $$"""
            if [ "$1" = remove ] && [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
                systemctl --system daemon-reload >/dev/null || true
            fi
            if [ "$1" = purge ] && [ -x "${DPKG_ROOT:-}/usr/bin/deb-systemd-helper" ]; then
                deb-systemd-helper purge {{string.Join(' ', units)}} >/dev/null || true
            fi
            """);

    /// <inheritdoc/>
    public override PackageContents Read(ReadOnlyMemory<byte> file, string name)
    {
        var deb = DebReader.ReadWritten(file, name);
        return new PackageContents(deb.Data,
            [.. deb.Control.ControlFiles.Where(f => f.Kind == TarEntryKind.File).Select(f => $"DEBIAN/{f.Path}")])
        {
            Version = Deb822.Require(deb.Control.Fields, "Version", name),
            Signed = deb.Signed,
            Signature = deb.Signature,
            SignatureName = "its origin signature (debsigs)",
        };
    }

    /// <inheritdoc/>
    protected override IPackageWriter Writer(Compression compression, IOpenPgpSigner? signer) => new DebWriter(compression, signer);
}
