using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Signing;

namespace TdxRelease.SourcePackages.DebianPackaging;

/// <summary>
/// A Debian source package, format 3.0 (quilt): <c>.dsc</c>, upstream's files as they are, and the folder <c>debian</c>, which joins them
/// without a network.
/// </summary>
public static class DebianSource
{
    /// <summary>The three files by name.</summary>
    /// <param name="source">What to build from.</param>
    /// <param name="upstream">Upstream's files: the orig tarball holds all of them, the same for every revision of the packaging.</param>
    /// <param name="compression">Of both tarballs.</param>
    /// <param name="signer">Clear-signs the <c>.dsc</c>; null leaves it unsigned.</param>
    /// <exception cref="TdxException">Exit 3: see <see cref="DebianVersion"/> and <see cref="SourceTarball"/>; a compression that
    /// dpkg-source does not read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Build(SourceSpec source, UpstreamFiles upstream, Compression compression,
        IOpenPgpSigner? signer)
    {
        var spec = source.Installed;
        SourceTarball.Require(source);
        var version = DebianVersion.Of(spec);
        if (compression.Kind is not CompressionKind.Xz and not CompressionKind.Gzip)
        {
            throw new TdxException(ExitCode.BadInput, $"\".tar{compression.Extension}\": dpkg-source reads .tar.gz and .tar.xz");
        }

        var debian = new DebianFolder(source, upstream.Repository);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            [$"{spec.Name}_{spec.Version}.orig.tar{compression.Extension}"] = Orig(source, upstream, compression),
            [$"{spec.Name}_{version}.debian.tar{compression.Extension}"] = TarWriter.Pack(debian.Entries(), spec.Time, compression),
        };
        var dsc = Dsc(debian, spec, version, files);
        files[$"{spec.Name}_{version}.dsc"] = Encoding.UTF8.GetBytes(signer is null ? dsc : signer.ClearSign(dsc, spec.Time));
        return files;
    }

    private static byte[] Orig(SourceSpec source, UpstreamFiles upstream, Compression compression) => TarWriter.Pack(
        upstream.Tree().Select(f => new TarEntry($"{SourceTarball.Top(source)}/{f.Path}", f.Content)),
        new DateTimeOffset(upstream.Date, TimeOnly.MinValue, TimeSpan.Zero), compression);

    private static string Dsc(DebianFolder debian, PackageSpec spec, string version, SortedDictionary<string, byte[]> files)
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Format", "3.0 (quilt)");
        DebianText.Field(text, "Source", spec.Name);
        DebianText.Field(text, "Binary", spec.Name);
        DebianText.Field(text, "Architecture", "all");
        DebianText.Field(text, "Version", version);
        DebianText.Field(text, "Maintainer", spec.Maintainer);
        DebianText.Field(text, "Homepage", spec.Homepage);
        DebianText.Field(text, "Standards-Version", DebianFolder.StandardsVersion);
        DebianFolder.VcsFields(text, spec);
        DebianText.Field(text, "Testsuite", debian.HasTest ? "autopkgtest" : "");
        DebianText.Field(text, "Build-Depends", DebianFolder.BuildDepends);
        text.Append(CultureInfo.InvariantCulture, $"Package-List:\n {spec.Name} deb {spec.Section} optional arch=all\n");
        DebianText.Field(text, "Autobuild", DebianFolder.Autobuild(spec));

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
}
