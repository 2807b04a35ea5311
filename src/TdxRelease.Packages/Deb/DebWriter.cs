using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Signing;

namespace TdxRelease.Packages.Deb;

/// <summary>Debian binary packages, format 2.0 (deb(5)).</summary>
/// <param name="compression">Of both members. xz is read by every dpkg, zstd by dpkg 1.21.18 and later.</param>
/// <param name="signer">Signs all of the package; null leaves it unsigned.</param>
public sealed class DebWriter(Compression compression, IOpenPgpSigner? signer = null) : IPackageWriter
{
    /// <inheritdoc/>
    public string FileName(PackageSpec spec)
    {
        SpecRules.Require(spec);
        return $"{spec.Name}_{DebianVersion.Of(spec)}_{DebianText.Architecture(spec)}.deb";
    }

    /// <inheritdoc/>
    public void Write(PackageSpec spec, Stream output)
    {
        SpecRules.Require(spec);
        var installed = Installed(spec);
        var control = Pack(ControlEntries(spec, installed), spec.Time);
        var data = Pack(installed.Select(PackageTree.Entry), spec.Time);
        var archive = new ArWriter(output, spec.Time);
        archive.Write(DebReader.FormatMember, DebReader.Format);
        archive.Write($"control.tar{compression.Extension}", control);
        archive.Write($"data.tar{compression.Extension}", data);
        if (signer is not null)
        {
            // The form of debsigs: dpkg skips what begins with an underscore, debsig-verify checks it.
            archive.Write(DebReader.OriginMember, signer.SignDetached((byte[])[.. DebReader.Format, .. control, .. data], spec.Time));
        }
    }

    private byte[] Pack(IEnumerable<TarEntry> entries, DateTimeOffset time) =>
        TarWriter.Pack(entries, time, compression, "./", TarHeaderFormat.Gnu);

    private static IReadOnlyList<PackageFile> Installed(PackageSpec spec)
    {
        var folder = $"usr/share/doc/{spec.Name}";
        var changelog = DebianText.PackedChangelog(spec);
        var copyright = DebianCopyright.Of(spec);
        return
        [
            .. SpecRules.Others(spec),
            new PackageFile($"{folder}/changelog.Debian.gz", changelog),
            .. copyright.Length > 0 ? (PackageFile[])[new PackageFile($"{folder}/copyright", copyright)] : [],
        ];
    }

    private static List<TarEntry> ControlEntries(PackageSpec spec, IReadOnlyList<PackageFile> installed)
    {
        var entries = new List<TarEntry>();
        var conffiles = string.Concat(installed.Where(f => f.Role == FileRole.Configuration).Select(f => $"/{f.Path}\n")
            .Order(StringComparer.Ordinal));
        if (conffiles.Length > 0)
        {
            entries.Add(Text("conffiles", conffiles));
        }

        AddScript(entries, "postinst", spec.Scripts.PostInstall);
        AddScript(entries, "prerm", spec.Scripts.PreRemove);
        AddScript(entries, "postrm", spec.Scripts.PostRemove);
        return [Text("control", DebianText.Control(spec, installed, entries)), Text("md5sums", Md5Sums(installed)), .. entries];
    }

    private static void AddScript(List<TarEntry> entries, string name, string? body)
    {
        if (body is not null)
        {
            entries.Add(new TarEntry(name, Encoding.UTF8.GetBytes(DebianText.Script(body)), TarEntry.FolderMode));
        }
    }

    // dpkg's own integrity list is MD5 by format; configuration files are left out, as debhelper does.
    private static string Md5Sums(IReadOnlyList<PackageFile> installed)
    {
        var text = new StringBuilder();
        foreach (var file in installed.Where(f => f.IsRegular && f.Role != FileRole.Configuration)
            .OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(MD5.HashData(file.Content.Span))}  {file.Path}\n");
        }

        return text.ToString();
    }

    private static TarEntry Text(string path, string content) => new(path, Encoding.UTF8.GetBytes(content));
}
