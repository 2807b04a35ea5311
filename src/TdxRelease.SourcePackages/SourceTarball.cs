using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;

namespace TdxRelease.SourcePackages;

/// <summary>A finished source tarball: the one archive that all source forms of a variant carry, byte for byte the same.</summary>
/// <param name="Top">Its top folder, and the stem of its file name.</param>
/// <param name="Compression">How it is compressed.</param>
/// <param name="Content">The bytes.</param>
public sealed record SourceArchive(string Top, Compression Compression, byte[] Content)
{
    /// <summary>Its file name where the form does not ask for another.</summary>
    public string FileName => $"{Top}.tar{Compression.Extension}";
}

/// <summary>
/// The source tarball that all source forms share: the tree, the list of files with their origins, and the script that puts them together.
/// </summary>
public static partial class SourceTarball
{
    /// <summary>Name of the top folder and stem of the file name.</summary>
    public static string Top(SourceSpec source) => $"{source.Package.Name}-{source.Version}";

    /// <summary>The tar archive, compressed.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: a URL, hash or path that is none.</exception>
    public static SourceArchive Build(SourceSpec source, Compression compression)
    {
        Require(source);
        return new SourceArchive(Top(source), compression, TarWriter.Pack(Entries(source), source.Package.Time, compression));
    }

    /// <summary>Checks that nothing in the description can break out of a recipe's line.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: a URL, hash or path that is none.</exception>
    internal static void Require(SourceSpec source)
    {
        SpecRules.Require(source.Installed);
        SpecRules.Match(Url(), "upstream URL", source.BaseUrl, "http, https or file, without blanks");
        foreach (var file in source.Files)
        {
            SpecRules.Match(PlainPath(), "source path", file.File.Path, PlainCharacters);
        }

        foreach (var part in source.Files.SelectMany(f => f.Parts))
        {
            SpecRules.Match(PlainPath(), "upstream path", part.Path, PlainCharacters);
        }
    }

    /// <summary>Where the archive holds a file, below its top folder.</summary>
    internal static string Location(PackageFile file) =>
        file.Role == FileRole.License ? $"licenses/{Path.GetFileName(file.Path)}" : $"tree/{file.Path}";

    /// <summary>Lines of <c>sha256sum -c</c> for every file that a build puts together, where the archive holds it.</summary>
    internal static IEnumerable<string> Sums(SourceSpec source) =>
        source.Files.Select(f => f.File).Where(f => f.IsRegular).OrderBy(Location, StringComparer.Ordinal)
        .Select(f => $"{Sum(f)}  {Location(f)}");

    /// <summary>The name under which a fetched file lies beside the others.</summary>
    internal static string Flat(UpstreamPart part) => part.Path.Replace('/', '_');

    private static IEnumerable<TarEntry> Entries(SourceSpec source)
    {
        var top = Top(source);
        foreach (var file in source.Files)
        {
            if (file.File.Role == FileRole.License || source.WithBinaries || file.Parts.Count == 0)
            {
                yield return PackageTree.Entry(file.File) with { Path = $"{top}/{Location(file.File)}" };
            }
        }

        yield return new TarEntry($"{top}/build.sh", BuildScript.Fetching(source.BaseUrl), TarEntry.FolderMode);
        yield return new TarEntry($"{top}/files.tsv", Encoding.UTF8.GetBytes(Table(source)));
        if (!source.WithBinaries)
        {
            // The build writes here; it has to exist where there is nothing to carry.
            yield return TarEntry.Folder($"{top}/tree");
        }
    }

    private static string Table(SourceSpec source) =>
        string.Concat(source.Files.Where(f => f.File.IsRegular).OrderBy(f => f.File.Path, StringComparer.Ordinal)
            .Select(f => Line(f.File, Location(f.File), source.WithBinaries ? [] : f.Parts)));

    /// <summary>A line of files.tsv: kind, path, mode, SHA-256, then path and SHA-256 of each upstream file that it is made of.</summary>
    internal static string Line(PackageFile file, string location, IReadOnlyList<UpstreamPart> parts)
    {
        var kind = file.Role == FileRole.License ? "license" : parts.Count switch { 0 => "carried", 1 => "fetched", _ => "joined" };
        var upstream = string.Concat(parts.Select(p => $"\t{p.Path}\t{p.Sha256}"));
        return $"{kind}\t{location}\t{Convert.ToString(file.Mode, 8)}\t{Sum(file)}{upstream}\n";
    }

    private static string Sum(PackageFile file) => Convert.ToHexStringLower(SHA256.HashData(file.Content.Span));

    private const string PlainCharacters = "letters, digits, \".\", \"_\", \"-\", \"+\" and \"/\"";

    [GeneratedRegex(@"\A(https?|file):[A-Za-z0-9._~:/%+-]+[^/]\z")]
    private static partial Regex Url();

    [GeneratedRegex(@"\A[A-Za-z0-9._+-]+(/[A-Za-z0-9._+-]+)*\z")]
    private static partial Regex PlainPath();
}
