using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Bundles.Archives;
using TdxRelease.Bundles.Packages;

namespace TdxRelease.Bundles.Sources;

/// <summary>The source tarball that the Debian, Arch and rpm source forms share: the tree, the list of files with their origins, and the script that puts them together.</summary>
public static partial class SourceTarball
{
    /// <summary>Name of the top folder and stem of the file name.</summary>
    public static string Top(SourceSpec source) => $"{source.Package.Name}-{source.Version}";

    /// <summary>The tar archive, compressed.</summary>
    /// <exception cref="Modules.Findings.TdxException">Exit 3: a URL, hash or path that is none.</exception>
    public static byte[] Build(SourceSpec source, Compression compression)
    {
        SpecRules.Require(source.Package with { Files = [.. source.Files.Select(f => f.File)] });
        SpecRules.Match(Url(), "upstream URL", source.BaseUrl, "http, https or file, without blanks");
        foreach (var part in source.Files.SelectMany(f => f.Parts))
        {
            SpecRules.Match(PlainPath(), "upstream path", part.Path, "letters, digits, \".\", \"_\", \"-\" and \"/\"");
            SpecRules.Match(Hash(), $"\"{part.Path}\": SHA-256", part.Sha256, "64 lower-case hex digits");
        }

        using var tar = new MemoryStream();
        TarWriter.WriteTree(tar, Entries(source), source.Package.Time);
        return Compressor.Compress(tar.GetBuffer().AsSpan(0, (int)tar.Length), compression);
    }

    /// <summary>The name under which a fetched file lies beside the others.</summary>
    internal static string Flat(UpstreamPart part) => part.Path.Replace('/', '_');

    private static IEnumerable<TarEntry> Entries(SourceSpec source)
    {
        var top = Top(source);
        foreach (var file in source.Files)
        {
            var license = file.File.Role == FileRole.License;
            if (license || source.WithBinaries || file.Parts.Count == 0)
            {
                var path = license ? $"licenses/{Path.GetFileName(file.File.Path)}" : $"tree/{file.File.Path}";
                yield return PackageTree.Entry(file.File) with { Path = $"{top}/{path}" };
            }
        }

        yield return new TarEntry($"{top}/build.sh", Encoding.UTF8.GetBytes(BuildScript.Text(source.BaseUrl)), TarEntry.FolderMode);
        yield return new TarEntry($"{top}/files.tsv", Encoding.UTF8.GetBytes(Table(source)));
        if (!source.WithBinaries)
        {
            // The build writes here; it has to exist where there is nothing to carry.
            yield return TarEntry.Folder($"{top}/tree");
        }
    }

    /// <summary>One line a file: kind, path, mode, SHA-256, then path and SHA-256 of each part that is fetched.</summary>
    private static string Table(SourceSpec source)
    {
        var text = new StringBuilder();
        foreach (var file in source.Files.Where(f => f.File.IsRegular).OrderBy(f => f.File.Path, StringComparer.Ordinal))
        {
            var parts = source.WithBinaries ? [] : file.Parts;
            var license = file.File.Role == FileRole.License;
            var kind = license ? "license" : parts.Count switch { 0 => "carried", 1 => "fetched", _ => "joined" };
            var path = license ? $"licenses/{Path.GetFileName(file.File.Path)}" : $"tree/{file.File.Path}";
            SpecRules.Match(PlainPath(), "source path", path, "letters, digits, \".\", \"_\", \"-\" and \"/\"");
            text.Append(CultureInfo.InvariantCulture, $"{kind}\t{path}\t{Convert.ToString(file.File.Mode, 8)}\t{Convert.ToHexStringLower(SHA256.HashData(file.File.Content.Span))}");
            foreach (var part in parts)
            {
                text.Append(CultureInfo.InvariantCulture, $"\t{part.Path}\t{part.Sha256}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\A(https?|file):[A-Za-z0-9._~:/%+-]+[^/]\z")]
    private static partial Regex Url();

    [GeneratedRegex(@"\A[A-Za-z0-9._+-]+(/[A-Za-z0-9._+-]+)*\z")]
    private static partial Regex PlainPath();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
