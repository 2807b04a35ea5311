using TdxRelease.Bundles.Archives;

namespace TdxRelease.Bundles.Packages;

/// <summary>
/// The tar archive of a package in three parts: what sorts before the firmware, the firmware, the rest. The firmware's entries are the same bytes in every
/// format, names without <c>./</c> included (dpkg takes both), and are compressed once.
/// </summary>
/// <param name="Time">Of every entry.</param>
/// <param name="Prefix">Before the other names: <c>./</c> for deb, as everyone expects it there.</param>
/// <param name="LongNames">Form of long names.</param>
internal sealed record PackedTar(DateTimeOffset Time, string Prefix, TarLongNames LongNames)
{
    private const string Firmware = TarPackageWriter.FirmwareFolder + "/";

    /// <summary>The compressed archive.</summary>
    /// <param name="begin">Writes what comes first.</param>
    /// <param name="content">The complete, sorted tree.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="blocks">The run's blocks, or null.</param>
    public byte[] Pack(Action<TarWriter> begin, IReadOnlyList<TarEntry> content, Compression compression, BlockCache? blocks)
    {
        var first = content.TakeWhile(e => !IsFirmware(e)).Count();
        var firmware = content.Skip(first).TakeWhile(IsFirmware).Count();
        return Compressor.CompressParts(
            [
                Part(Prefix, writer =>
                {
                    begin(writer);
                    WriteAll(writer, content.Take(first));
                }),
                Part("", writer => WriteAll(writer, content.Skip(first).Take(firmware))),
                Part(Prefix, writer =>
                {
                    WriteAll(writer, content.Skip(first + firmware));
                    writer.End();
                }),
            ],
            compression,
            blocks);
    }

    private static bool IsFirmware(TarEntry entry) => entry.Path.StartsWith(Firmware, StringComparison.Ordinal);

    private static void WriteAll(TarWriter writer, IEnumerable<TarEntry> entries)
    {
        foreach (var entry in entries)
        {
            writer.Write(entry);
        }
    }

    private ReadOnlyMemory<byte> Part(string prefix, Action<TarWriter> write)
    {
        var part = new MemoryStream();
        write(new TarWriter(part, Time, prefix, LongNames));
        return part.GetBuffer().AsMemory(0, (int)part.Length);
    }
}
