using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Signing;

namespace TdxRelease.SourcePackages;

/// <summary>A Debian source package, format 3.0 (quilt): <c>.dsc</c>, orig tarball, debian tarball.</summary>
public static class DebianSource
{
    private const string StandardsVersion = "4.6.2";

    /// <summary>The three files by name.</summary>
    /// <param name="source">What to build from.</param>
    /// <param name="orig">The source tarball of <paramref name="source"/>, compressed as dpkg-source reads it: gzip or xz.</param>
    /// <param name="signer">Clear-signs the <c>.dsc</c>; null leaves it unsigned.</param>
    /// <exception cref="TdxException">Exit 3: see <see cref="DebianVersion"/> and <see cref="SourceTarball"/>; another
    /// compression.</exception>
    public static IReadOnlyDictionary<string, byte[]> Build(SourceSpec source, SourceArchive orig, IOpenPgpSigner? signer)
    {
        var spec = source.Effective;
        SourceTarball.Require(source);
        var version = DebianVersion.Of(spec);
        var packed = orig.Compression;
        if (packed.Kind is not CompressionKind.Xz and not CompressionKind.Gzip)
        {
            throw new TdxException(ExitCode.BadInput, $"\"{orig.FileName}\": dpkg-source reads .tar.gz and .tar.xz");
        }

        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [$"{spec.Name}_{spec.Version}.orig.tar{packed.Extension}"] = orig.Content,
            [$"{spec.Name}_{version}.debian.tar{packed.Extension}"] = Debian(source, spec, packed),
        };
        var dsc = Dsc(source, spec, version, files);
        files[$"{spec.Name}_{version}.dsc"] = Encoding.UTF8.GetBytes(signer is null ? dsc : signer.ClearSign(dsc, spec.Time));
        return files;
    }

    private static byte[] Debian(SourceSpec source, PackageSpec spec, Compression compression)
    {
        var entries = new List<TarEntry>
        {
            Text("changelog", DebianText.Changelog(spec)),
            Text("control", Control(source, spec)),
            new("debian/copyright", DebianText.Copyright(spec)),
            Text("rules", Rules(spec), TarEntry.FolderMode),
            Text("source/format", "3.0 (quilt)\n"),
        };
        AddScript(entries, "postinst", spec.Scripts.PostInstall);
        AddScript(entries, "prerm", spec.Scripts.PreRemove);
        AddScript(entries, "postrm", spec.Scripts.PostRemove);
        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, entries, spec.Time);
        return Compressor.Compress(tar.ToArray(), compression);
    }

    private static string Control(SourceSpec source, PackageSpec spec)
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Source", spec.Name);
        DebianText.Field(text, "Section", spec.Section);
        DebianText.Field(text, "Priority", "optional");
        DebianText.Field(text, "Maintainer", spec.Maintainer);
        DebianText.Field(text, "Build-Depends", BuildDepends(source));
        DebianText.Field(text, "Standards-Version", StandardsVersion);
        DebianText.Field(text, "Homepage", spec.Homepage);
        DebianText.Field(text, "Rules-Requires-Root", "no");
        text.Append('\n');
        DebianText.Field(text, "Package", spec.Name);
        DebianText.Field(text, "Architecture", "all");
        DebianText.Relations(text, spec.Relations with { Depends = ["${misc:Depends}", .. spec.Relations.Depends] });
        DebianText.Description(text, spec);
        return text.ToString();
    }

    private static string BuildDepends(SourceSpec source) =>
        source.WithBinaries ? "debhelper-compat (= 13)" : "ca-certificates, curl, debhelper-compat (= 13)";

    // Firmware is data: nothing is stripped, compressed or renamed on the way.
    private static string Rules(PackageSpec spec) => $"""
        #!/usr/bin/make -f

        %:
        {"\t"}dh $@

        override_dh_auto_build:
        {"\t"}sh ./build.sh prepare

        override_dh_auto_install:
        {"\t"}sh ./build.sh install debian/{spec.Name}

        override_dh_strip override_dh_dwz:

        # The maintainer scripts are written out, the same whatever debhelper builds them.
        override_dh_installsystemd:

        """;

    private static string Dsc(SourceSpec source, PackageSpec spec, string version, SortedDictionary<string, byte[]> files)
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Format", "3.0 (quilt)");
        DebianText.Field(text, "Source", spec.Name);
        DebianText.Field(text, "Binary", spec.Name);
        DebianText.Field(text, "Architecture", "all");
        DebianText.Field(text, "Version", version);
        DebianText.Field(text, "Maintainer", spec.Maintainer);
        DebianText.Field(text, "Homepage", spec.Homepage);
        DebianText.Field(text, "Standards-Version", StandardsVersion);
        DebianText.Field(text, "Build-Depends", BuildDepends(source));
        text.Append(CultureInfo.InvariantCulture, $"Package-List:\n {spec.Name} deb {spec.Section} optional arch=all\n");

        // The field "Files" is MD5 by format; dpkg-source checks all three.
        Sums(text, "Checksums-Sha1", files, SHA1.HashData);
        Sums(text, "Checksums-Sha256", files, SHA256.HashData);
        Sums(text, "Files", files, MD5.HashData);
        return text.ToString();
    }

    private static void Sums(StringBuilder text, string field, SortedDictionary<string, byte[]> files, Func<byte[], byte[]> hash)
    {
        text.Append(CultureInfo.InvariantCulture, $"{field}:\n");
        foreach (var (name, content) in files)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Convert.ToHexStringLower(hash(content))} {content.Length} {name}\n");
        }
    }

    // debhelper puts nothing in place of its token, which leaves the emitted package's script.
    private static void AddScript(List<TarEntry> entries, string name, string? body)
    {
        if (body is not null)
        {
            entries.Add(Text(name, DebianText.Script(body, "#DEBHELPER#"), TarEntry.FolderMode));
        }
    }

    private static TarEntry Text(string path, string content, int mode = TarEntry.FileMode) =>
        new($"debian/{path}", Encoding.UTF8.GetBytes(content), mode);
}
