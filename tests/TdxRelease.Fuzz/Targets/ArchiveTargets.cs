using TdxRelease.Archives;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.SourceArchives;
using TdxRelease.Upstream.Sources;
using static TdxRelease.Fuzz.Contract;

namespace TdxRelease.Fuzz.Targets;

/// <summary>Containers of files, and compressions. The limits are those of the product made small, so that passing one is seen.</summary>
internal static class ArchiveTargets
{
    private const int MostUnpacked = 8 << 20;

    /// <summary>What the readers of packages are given here.</summary>
    public static ArchiveLimits Limits { get; } = new(TotalBytes: MostUnpacked, Entries: 1000, Links: true);

    public static bool Tars(byte[] bytes)
    {
        var entries = TarReader.Read(bytes, "fuzz", Limits);
        Require(entries.All(e => SafePath.IsSafe(e.Path)), "an unsafe path is taken");
        Require(entries.Sum(e => (long)e.Content.Length) <= bytes.Length, "more content than there are bytes");
        return entries.Count > 0 && Written(() => CanonicalTar.Require(bytes, "fuzz", TarHeaderFormat.Pax));
    }

    public static bool Ars(byte[] bytes)
    {
        var members = ArReader.Read(bytes, "fuzz", Limits);
        Require(members.Sum(m => (long)m.Content.Length) <= bytes.Length, "more content than there are bytes");
        return members.Count > 0 && Written(() => ArReader.RequireWritten(bytes, members, "fuzz"));
    }

    public static bool Cpios(byte[] bytes)
    {
        var entries = CpioReader.Read(bytes, "fuzz");
        Require(entries.All(e => SafePath.IsSafe(e.Name)), "an unsafe path is taken");
        var again = CpioWriter.Write(entries, "./");
        var both = CpioReader.Read(again, "fuzz").Zip(entries);
        Require(both.All(p => p.First.Name == p.Second.Name && p.First.Content.Span.SequenceEqual(p.Second.Content.Span)),
            "written again it differs");
        return entries.Count > 0;
    }

    public static bool Compressed(byte[] bytes, CompressionKind kind)
    {
        var plain = Compressor.Decompress(bytes, kind, "fuzz", Limits);
        Require(plain.Length <= MostUnpacked, "more than the limit came out");
        return Written(() => CanonicalTar.RequireFrame(bytes, kind, "fuzz")) | plain.Length > 0;
    }

    public static bool SourceArchives(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var (files, length) = (0, 0L);
        new ArchiveReader(stream, "fuzz", new FetchLimits { MaxUnpacked = MostUnpacked }, ExitCode.BadInput).ReadAll((path, content) =>
        {
            Require(SafePath.IsSafe(path), "an unsafe path is taken");
            (files, length) = (files + 1, length + content.Length);
        }, default);
        Require(length <= MostUnpacked, "more than the limit came out");
        return files > 0;
    }

    private static bool Written(Action require)
    {
        try
        {
            require();
            return true;
        }
        catch (TdxException)
        {
            return false;
        }
    }
}
