using TdxRelease.Core.Findings;

namespace TdxRelease.Archives.Codecs;

/// <summary>Joins xz streams of one block each to one stream of many blocks, which decoders read like any other.</summary>
internal static class XzBlocks
{
    /// <summary>Joins the streams, which must carry the same check, as those of <see cref="Xz"/> do.</summary>
    public static byte[] Join(IReadOnlyList<byte[]> streams)
    {
        if (streams.Count == 1)
        {
            return streams[0];
        }

        using var output = new MemoryStream();
        var records = new List<XzRecord>(streams.Count);
        output.Write(streams[0].AsSpan(0, XzIndex.HeaderLength));
        foreach (var stream in streams)
        {
            var record = XzIndex.Records(stream) is [var only] ? only : throw new TdxException(ExitCode.InternalError, "xz: a part without exactly one block");
            output.Write(stream.AsSpan(XzIndex.HeaderLength, (int)record.Padded));
            records.Add(record);
        }

        output.Write(XzIndex.End(records, XzIndex.Flags(streams[0])));
        return output.ToArray();
    }
}
