namespace TdxRelease.Signing.OpenPgp;

/// <summary>Lines that end in LF or CR LF; a last line without an end counts.</summary>
internal ref struct LineReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> rest = text;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    public bool Next(out ReadOnlySpan<byte> line)
    {
        line = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        var end = rest.IndexOf((byte)'\n');
        line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        if (line.EndsWith("\r"u8))
        {
            line = line[..^1];
        }

        return true;
    }

    public bool NextNonBlank(out ReadOnlySpan<byte> line)
    {
        while (Next(out line))
        {
            if (!line.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }
}
