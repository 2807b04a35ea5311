using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;

namespace TdxRelease.Repositories;

/// <summary>A binary package in the pool.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="Content">The file.</param>
/// <param name="Control">Its control member.</param>
internal sealed record AptPackage(string Path, byte[] Content, DebControl Control);

/// <summary>The indices of binary packages.</summary>
internal static class AptPackages
{
    /// <summary>The packages of a repository, sorted by path.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3: one is damaged.</exception>
    public static IReadOnlyList<AptPackage> In(SortedDictionary<string, byte[]> files) =>
    [
        .. files.Where(f => f.Key.StartsWith("pool/", StringComparison.Ordinal) && f.Key.EndsWith(".deb", StringComparison.Ordinal))
            .Select(f => new AptPackage(f.Key, f.Value, DebReader.ReadControl(f.Value, f.Key))),
    ];

    /// <summary>Packages: each control file, with its place and digests. The whole description is there: no Translation needed.</summary>
    public static string Index(IReadOnlyList<AptPackage> packages)
    {
        var text = new StringBuilder();
        foreach (var package in packages)
        {
            var control = package.Control.Control.TrimEnd('\n');

            // The description is long text and stays last, as apt-ftparchive has it.
            var at = control.IndexOf("\nDescription:", StringComparison.Ordinal);
            var (head, tail) = at < 0 ? (control, "") : (control[..at], control[at..]);
            text.Append(CultureInfo.InvariantCulture, $"{head}\nFilename: {package.Path}\nSize: {package.Content.Length}\n");
            text.Append(CultureInfo.InvariantCulture, $"SHA256: {Convert.ToHexStringLower(SHA256.HashData(package.Content))}\n");
            text.Append(CultureInfo.InvariantCulture, $"SHA512: {Convert.ToHexStringLower(SHA512.HashData(package.Content))}{tail}\n\n");
        }

        return text.ToString();
    }

    /// <summary>Contents, for apt-file: every path and the packages that install it, as their md5sums and conffiles say.</summary>
    public static string Contents(IReadOnlyList<AptPackage> packages)
    {
        var owners = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var package in packages)
        {
            var fields = package.Control.Fields;
            var owner = $"{fields.GetValueOrDefault("Section", "misc")}/{Deb822.Require(fields, "Package", package.Path)}";
            foreach (var path in Lines(package, "md5sums").Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..].TrimStart())
                .Concat(Lines(package, "conffiles").Select(l => l.TrimStart('/'))))
            {
                _ = owners.TryGetValue(path, out var known) || owners.TryAdd(path, known = new(StringComparer.Ordinal));
                known!.Add(owner);
            }
        }

        return string.Concat(owners.Select(f => $"{f.Key} {string.Join(',', f.Value)}\n"));
    }

    private static string[] Lines(AptPackage package, string name) =>
        package.Control.ControlFiles.FirstOrDefault(f => f.Path == name) is { } file
            ? Deb822.Text(file.Content.Span, $"{package.Path}: {name}").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : [];
}
