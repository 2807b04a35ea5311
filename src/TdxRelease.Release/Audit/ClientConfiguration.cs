using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Repositories;
using TdxRelease.Signing.OpenPgp;

namespace TdxRelease.Release.Audit;

/// <summary>
/// The file in a repository that users copy into their package manager's configuration. It decides whether signatures are asked for, and
/// whose:
/// so it must be the one that is written here for the maintainer's key, whatever its URL. The repository's signed list covers the rest.
/// </summary>
internal static class ClientConfiguration
{
    private const int MaxLength = 1 << 16;

    public static void Check(string folder, RepositoryKind kind, OpenPgpKeyring keyring)
    {
        var ending = kind switch { RepositoryKind.Apt => ".sources", RepositoryKind.Dnf => ".repo", _ => ".conf" };
        foreach (var path in Directory.EnumerateFiles(folder, $"*{ending}").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            var text = Encoding.UTF8.GetString(InputFile.Read(path, MaxLength, name));
            var want = kind switch
            {
                RepositoryKind.Apt => Apt(name[..^ending.Length], text),
                RepositoryKind.Dnf =>
                    DnfRepository.Configuration(name[..^ending.Length], Value(text, "name="), Value(text, "baseurl="), keyring),
                _ => PacmanRepository.Configuration(name[..^ending.Length], Value(text, "Server = "), keyring),
            };
            if (text != want)
            {
                var line = text.Split('\n').Zip(want.Split('\n')).FirstOrDefault(l => l.First != l.Second).First ?? "its end";
                throw RepositoryFolder.Damaged(name,
                    $"is not the configuration that asks for every signature: \"{SafePath.Printable(line)}\"");
            }
        }
    }

    private static string Apt(string name, string text) => AptRepository.Sources(
        name, Value(text, "URIs: "), Value(text, "Suites: "), Value(text, "Components: "), Value(text, "Architectures: ").Split(' '));

    // The first line with the key; one that is missing or comes twice makes another text than the one wanted.
    private static string Value(string text, string key) =>
        text.Split('\n').FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "";
}
