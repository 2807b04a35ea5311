using System.Text;
using TdxRelease.Core.Files;

namespace TdxRelease.Build;

/// <summary>What a container engine builds an image from without a network: the published file and the few libraries it loads.</summary>
internal static class ContainerFolder
{
    // Not linked against, but opened by name: .NET's cryptography, our compressions.
    private static readonly string[] Opened = ["libssl.so.3", "libcrypto.so.3", "libzstd.so.1", "liblzma.so.5"];

    private const string Containerfile =
        """
        # podman build --network=none -t tdxrel . (or docker build); no base image is fetched.
        FROM scratch
        COPY rootfs/ /
        ENTRYPOINT ["/usr/bin/tdxrel"]

        """;

    public static void Write(AtomicFolder folder, string program)
    {
        folder.Write("container/Containerfile", Encoding.ASCII.GetBytes(Containerfile.ReplaceLineEndings("\n")));
        folder.Write("container/rootfs/usr/bin/tdxrel", File.ReadAllBytes(program), (UnixFileMode)0x1ED);
        foreach (var library in Libraries(program))
        {
            folder.Write($"container/rootfs{library}", File.ReadAllBytes(library), (UnixFileMode)0x1ED);
        }
    }

    /// <summary>The paths that the loader uses on this machine, of the program and of what it opens.</summary>
    private static IEnumerable<string> Libraries(string program)
    {
        var cache = Encoding.UTF8.GetString(OwnPackages.Output("/sbin/ldconfig", "-p")).Split('\n');
        var opened = Opened.Select(name =>
            cache.FirstOrDefault(l => l.TrimStart().StartsWith($"{name} (libc6,x86-64)", StringComparison.Ordinal))).OfType<string>()
            .Select(l => l.Split(" => ")[1].Trim());
        return opened.SelectMany(library => Linked(library).Append(library)).Concat(Linked(program)).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
    }

    private static IEnumerable<string> Linked(string file) =>
        Encoding.UTF8.GetString(OwnPackages.Output("ldd", file)).Split('\n').Select(l => l.Trim().Split(' '))
        .Select(w => Array.Find(w, x => x.StartsWith('/'))).OfType<string>();
}
