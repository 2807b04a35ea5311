using TdxRelease.Packages.Rpm;

namespace TdxRelease.Tests.Packages;

/// <summary>An rpm that somebody made from another: other values of one or two tags, and every digest right.</summary>
internal static class ResealedRpm
{
    /// <summary>Reads it as x.</summary>
    /// <param name="raw">The old main header.</param>
    /// <param name="payload">The compressed payload.</param>
    /// <param name="length">Bytes of the payload uncompressed, as the signature header says them.</param>
    /// <param name="tag">The tag that goes.</param>
    /// <param name="set">Writes the tag anew; null where it stays away.</param>
    /// <param name="also">Another one.</param>
    /// <param name="setAlso">Writes that.</param>
    public static RpmPackage Of(ReadOnlyMemory<byte> raw, ReadOnlySpan<byte> payload, int length, RpmTag tag,
        Action<RpmHeaderBuilder>? set, RpmTag also = default, Action<RpmHeaderBuilder>? setAlso = null)
    {
        var old = RpmHeader.Parse(raw, RpmTag.HeaderImmutable, "x");
        var builder = new RpmHeaderBuilder(RpmTag.HeaderImmutable);
        foreach (var each in old.Tags.Select(t => (RpmTag)t).Where(t => t != tag && t != also))
        {
            Assert.True(old.TryGet(each, out var value));
            builder.Raw(each, value.Type, value.Count, value.Data.Span);
        }

        set?.Invoke(builder);
        setAlso?.Invoke(builder);
        var header = builder.Build();
        return RpmReader.Read(File(RpmAssembler.Signature(header, default, payload.Length, length), header, payload), "x");
    }

    /// <summary>The lead that belongs to the main header, the signature header with its padding, main header and payload.</summary>
    public static byte[] File(byte[] signature, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        var main = RpmHeader.Parse(header.ToArray(), RpmTag.HeaderImmutable, "x");
        var nevr = $"{main.Text(RpmTag.Name)}-{main.Text(RpmTag.Version)}-{main.Text(RpmTag.Release)}";
        return [.. RpmLead.Write(nevr, source: false), .. signature, .. new byte[RpmHeader.Padding(signature.Length, 8)], .. header,
            .. payload];
    }
}
