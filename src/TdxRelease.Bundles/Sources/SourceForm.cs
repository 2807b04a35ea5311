using TdxRelease.Bundles.Packages;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Sources;

/// <summary>Whether a source form carries upstream's bytes.</summary>
public enum SourceVariant
{
    /// <summary>Everything is in the source package. Needs the licence to be accepted.</summary>
    WithBinaries,

    /// <summary>Upstream's files are fetched at the pinned commit when the package is built, and checked; the source package holds none of them.</summary>
    FetchAtBuild,
}

/// <summary>A file as upstream serves it.</summary>
/// <param name="Path">Below upstream's repository.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record UpstreamFile(string Path, string Sha256);

/// <summary>
/// How an installed file comes from upstream's files. Without a header it is the one part, verbatim; with a header it is a v2 image:
/// header, then each part, all padded with zeros to 4096 bytes (facts of the image format, kernel <c>seamldr.h</c>).
/// </summary>
/// <param name="InstalledPath">Path of the file in the package spec.</param>
/// <param name="Header">Bytes before padding; empty for a verbatim file.</param>
/// <param name="Parts">Upstream's files in their order.</param>
public sealed record SourceRecipe(string InstalledPath, ReadOnlyMemory<byte> Header, IReadOnlyList<UpstreamFile> Parts);

/// <summary>What the source forms of distributions are made from.</summary>
/// <param name="Spec">The package; its files are what a build must install, byte for byte.</param>
/// <param name="RawUrl">URL below which upstream's files of the pinned commit are served, with a slash at the end; not read without recipes.</param>
/// <param name="Commit">The pinned commit, 40 hex digits; not read without recipes.</param>
/// <param name="Recipes">For each installed file that is made of upstream's bytes; the licence is among them. None where upstream's commit is not known: then only <see cref="SourceVariant.WithBinaries"/> can be built.</param>
public sealed record SourceForm(PackageSpec Spec, string RawUrl, string Commit, IReadOnlyList<SourceRecipe> Recipes)
{
    internal const int Page = 4096;
    private const int HeaderFields = 20;

    /// <summary>The same from what the Debian and Arch source forms are made of, so that one description serves all of them.</summary>
    /// <param name="source">Its base URL must hold the commit; files of two parts are v2 images, sigstruct first.</param>
    /// <param name="commit">The pinned commit, 40 hex digits.</param>
    public static SourceForm From(SourceSpec source, string commit)
    {
        var spec = source.Package with { Files = [.. source.Files.Select(f => f.File)] };
        var recipes = source.Files.Where(f => f.Parts.Count > 0).Select(f => new SourceRecipe(
            PackageTree.AtLicenseFolder(spec with { Files = [f.File] }).Single().Path,
            f.Parts.Count == 1 ? default : f.File.Content[..Math.Min(HeaderFields, f.File.Content.Length)],
            [.. f.Parts.Select(p => new UpstreamFile(p.Path, p.Sha256))]));
        return new SourceForm(spec, $"{source.BaseUrl.TrimEnd('/')}/", commit, [.. recipes]);
    }

    /// <summary>Upstream's files in the order of their paths, each once.</summary>
    internal List<UpstreamFile> UpstreamFiles =>
        [.. Recipes.SelectMany(r => r.Parts).DistinctBy(p => p.Path).OrderBy(p => p.Path, StringComparer.Ordinal)];

    /// <summary>The installed files that a variant's source archive carries.</summary>
    internal IEnumerable<PackageFile> Carried(SourceVariant variant)
    {
        var made = variant == SourceVariant.WithBinaries ? [] : Recipes.Select(r => r.InstalledPath).ToHashSet(StringComparer.Ordinal);
        return PackageTree.AtLicenseFolder(Spec).Where(f => !made.Contains(f.Path));
    }

    /// <summary>A file name for upstream's file that no other one has: its path with underscores.</summary>
    internal static string FlatName(UpstreamFile file) => file.Path.Replace('/', '_');

    /// <summary>Checks that the recipes name installed files and pins, and that nothing in them can break out of a recipe's line.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    internal SourceForm Checked()
    {
        var installed = PackageTree.AtLicenseFolder(Spec).Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        if (Recipes.Count > 0)
        {
            Require(Commit.Length == 40 && Commit.All(char.IsAsciiHexDigitLower), "commit", Commit, "40 lower-case hex digits");
            Require(RawUrl.StartsWith("https://", StringComparison.Ordinal) && RawUrl.EndsWith('/') && RawUrl.All(Plain), "URL", RawUrl, "https://…/ of plain characters");
            Require(RawUrl.Contains(Commit, StringComparison.Ordinal), "URL", RawUrl, $"the commit {Commit} in it");
        }

        foreach (var recipe in Recipes)
        {
            Require(installed.Contains(recipe.InstalledPath), "recipe for", recipe.InstalledPath, "a file of the package");
            Require(recipe.Header.Length is > 0 and <= Page ? recipe.Parts.Count > 0 : recipe.Header.IsEmpty && recipe.Parts.Count == 1, "recipe for", recipe.InstalledPath, "one part, or a header of at most a page and parts");
        }

        foreach (var file in UpstreamFiles)
        {
            Require(SafePath.IsSafe(file.Path) && file.Path.All(Plain), "upstream path", file.Path, "a plain relative path");
            Require(file.Sha256.Length == 64 && file.Sha256.All(char.IsAsciiHexDigitLower), "upstream SHA-256", file.Sha256, "64 lower-case hex digits");
        }

        foreach (var path in installed)
        {
            Require(path.All(Plain), "installed path", path, "plain characters");
        }

        return this;
    }

    private static bool Plain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '+' or '~' or ':' or '@';

    private static void Require(bool holds, string field, string got, string want)
    {
        if (!holds)
        {
            throw new TdxException(ExitCode.BadInput, $"source form: {field} \"{SafePath.Printable(got)}\": want {want}");
        }
    }
}
