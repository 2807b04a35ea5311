namespace TdxRelease.Archives.Tar;

/// <summary>The bytes of an uncompressed tar, in memory or from a stream that is read once.</summary>
public abstract class TarInput
{
    /// <summary>Bytes taken so far.</summary>
    public long Offset { get; private protected set; }

    /// <summary>Bytes that are left; null where only the end tells.</summary>
    public abstract long? Left { get; }

    /// <summary>Reads from memory.</summary>
    public static TarInput Of(ReadOnlyMemory<byte> archive) => new InMemory(archive);

    /// <summary>Reads from the stream, which stays open.</summary>
    public static TarInput Of(Stream archive) => new Streamed(archive);

    /// <summary>The next bytes; fewer than wanted only at the end.</summary>
    public abstract ReadOnlyMemory<byte> Read(int length);

    private sealed class InMemory(ReadOnlyMemory<byte> archive) : TarInput
    {
        public override long? Left => archive.Length - Offset;

        public override ReadOnlyMemory<byte> Read(int length)
        {
            var taken = archive.Slice((int)Offset, (int)Math.Min(length, archive.Length - Offset));
            Offset += taken.Length;
            return taken;
        }
    }

    private sealed class Streamed(Stream archive) : TarInput
    {
        public override long? Left => null;

        public override ReadOnlyMemory<byte> Read(int length)
        {
            var bytes = new byte[length];
            var taken = archive.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
            Offset += taken;
            return bytes.AsMemory(0, taken);
        }
    }
}
