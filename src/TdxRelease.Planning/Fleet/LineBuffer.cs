using TdxRelease.Core.Findings;

namespace TdxRelease.Planning.Fleet;

/// <summary>Lines of a stream as bytes, without copying more than the rest of a block; a line feed at the end is optional.</summary>
internal sealed class LineBuffer(Stream input)
{
    private const int MaxLine = 1 << 20;

    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private long row;
    private bool ended;

    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        for (var searched = start; ;)
        {
            var feed = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = buffer.AsSpan(start, searched + feed - start);
                start = searched + feed + 1;
                row++;
                return true;
            }

            searched = end;
            if (ended)
            {
                line = buffer.AsSpan(start, end - start);
                start = end;
                return !line.IsEmpty;
            }

            searched -= Fill();
        }
    }

    /// <summary>Reads on, after moving the unread rest to the front; returns by how much it moved.</summary>
    private int Fill()
    {
        var moved = start;
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        if (end == buffer.Length)
        {
            if (end >= MaxLine)
            {
                throw new TdxException(ExitCode.BadInput, $"row {row + 1}: the line is longer than {MaxLine} bytes");
            }

            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = input.Read(buffer, end, buffer.Length - end);
        end += read;
        ended = read == 0;
        return moved;
    }
}
