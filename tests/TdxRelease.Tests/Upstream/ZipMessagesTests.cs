using System.Buffers.Binary;
using System.Text;
using TdxRelease.Archives.Codecs;
using TdxRelease.Core.Findings;
using TdxRelease.Upstream.SourceArchives;
using TdxRelease.Upstream.Sources;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Acquisition;

/// <summary>What is said of zips, word for word: one entry LICENSE with "abc", stored, at byte 0, and its directory at byte 40.</summary>
public sealed class ZipMessagesTests
{
    private const int Central = 40;
    private const int End = Central + 46 + 7;
    private const string Unlike =
        "ICENSE\": its local header, at byte 0, differs from the central directory in name, flags, method, checksum or length";
    private const string Differs = "\"L" + Unlike;
    private const string Unfit = "the end record, at byte 93, does not fit the archive, or the archive is a zip64";

    /// <summary>Which byte changes to what; the signatures, then the numbers that two headers have, then the end record.</summary>
    [Theory]
    [InlineData(-1, 0, null)]
    [InlineData(0, 0, "has no header at byte 0")]
    [InlineData(3, 5, "has no header at byte 0")]
    [InlineData(Central, 0, "has no header at byte 40")]
    [InlineData(End, 0, "has no end record")]
    [InlineData(6, 2, Differs)]
    [InlineData(8, 8, Differs)]
    [InlineData(14, 0, Differs)]
    [InlineData(18, 2, Differs)]
    [InlineData(22, 2, Differs)]
    [InlineData(30, (byte)'l', Differs)]
    [InlineData(4, 99, null)] // the version that is needed
    [InlineData(10, 99, null)] // the time
    [InlineData(Central + 38, 99, null)] // attributes
    [InlineData(Central + 46, (byte)'l', "\"l" + Unlike)]
    [InlineData(Central + 42, 1, "has no header at byte 1")]
    [InlineData(End + 8, 2, Unfit)]
    [InlineData(End + 12, 52, Unfit)]
    [InlineData(End + 12, 54, Unfit)]
    [InlineData(End + 16, 39, Unfit)]
    [InlineData(End + 16, 41, Unfit)]
    [InlineData(End + 20, 1, Unfit)]
    public void A_byte_of_a_zip(int at, byte value, string? want)
    {
        var zip = Zip();
        if (at >= 0)
        {
            zip[at] = value;
        }

        Agree(want, zip);
    }

    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(12, 0, null)]
    [InlineData(16, 0, null)]
    [InlineData(17, 0, "\"the central directory\" begins at byte 57, what lies in front of it ends at 40")]
    [InlineData(0, 16, null)]
    [InlineData(0, 17, "\"LICENSE\" begins at byte 17, what lies in front of it ends at 0")]
    public void Bytes_between_entries_are_a_descriptor_at_most(int behind, int before, string? want) =>
        Agree(want, Zip(behind: behind, before: before));

    [Fact]
    public void Entries_do_not_lie_over_one_another()
    {
        var one = Zip();
        byte[] twice = [.. one.AsSpan(0, End), .. one.AsSpan(Central)];
        twice[End + 53 + 8] = twice[End + 53 + 10] = 2;
        twice[End + 53 + 12] = 106;
        Agree("\"LICENSE\" begins at byte 0, what lies in front of it ends at 40", twice);
        Agree(null, [.. one.AsSpan(0, End + 20), 3, 0, .. "abc"u8]); // a comment
        Agree("has no end record", new byte[21]);
        Agree("has no end record", []);
        Agree(null, [.. "PK\u0005\u0006"u8, .. new byte[18]]);
    }

    /// <summary>The flag of a descriptor in both headers; a number of the local header that is zero or not the other's.</summary>
    [Theory]
    [InlineData(0x8, 0, 0, null)]
    [InlineData(0x8, 14, 0, null)]
    [InlineData(0x8, 18, 0, null)]
    [InlineData(0x8, 22, 0, null)]
    [InlineData(0x8, 14, 1, Differs)]
    [InlineData(0x8, 18, 1, Differs)]
    [InlineData(0x8, 22, 1, Differs)]
    [InlineData(0x4, 14, 0, Differs)]
    [InlineData(0x4, 18, 0, Differs)]
    [InlineData(0x4, 22, 0, Differs)]
    public void Where_a_descriptor_follows_the_local_header_may_leave_open(byte flags, int field, int value, string? want)
    {
        var zip = Zip(flags: flags);
        if (field > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(zip.AsSpan(field), value);
        }

        Agree(want, zip);
    }

    [Theory]
    [InlineData("0A000000", null)]
    [InlineData("555401000A", null)]
    [InlineData("5558020000005578000075780000", null)]
    [InlineData("0100", "the header at byte 0 has an extra field 0x0000, which is not supported")]
    [InlineData("0A0000", "the header at byte 0 has an extra field 0x0000, which is not supported")]
    [InlineData("0A000100", "the header at byte 0 has an extra field 0x000a, which is not supported")]
    [InlineData("01000000", "the header at byte 0 has an extra field 0x0001, which is not supported")]
    [InlineData("0A00000075700000", "the header at byte 0 has an extra field 0x7075, which is not supported")]
    public void Extra_fields_are_times_and_owners(string extra, string? want)
    {
        var bytes = Convert.FromHexString(extra);
        Agree(want, Zip(local: bytes));
        Agree(want?.Replace("byte 0 ", "byte 40 ", StringComparison.Ordinal), Zip(central: bytes));
    }

    [Fact]
    public void A_zip_that_is_cut_is_refused()
    {
        var zip = Zip(central: Convert.FromHexString("0A000000"));
        for (var length = 0; length < zip.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => ZipHeaders.RequireAgreement(new MemoryStream(zip, 0, length)));
        }

        zip = [.. "PK\u0005\u0006"u8, 0, 0, 0, 0, 1, 0, 1, .. new byte[11]]; // an entry, and no room for it
        Assert.Throws<EndOfStreamException>(() => ZipHeaders.RequireAgreement(new MemoryStream(zip)));
    }

    [Theory]
    [InlineData(0, "abc", 0x81A40000, null)]
    [InlineData(0, "abc", 0u, null)]
    [InlineData(1, "abc", 0u, "x: \"LICENSE\" is encrypted")]
    [InlineData(0, "abd", 0u, "x: \"LICENSE\" does not match its checksum")]
    [InlineData(0, "abc", 0xA1FF0000, "x: \"LICENSE\" is a symbolic link")]
    [InlineData(0, "abc", 0x61A40000, "x: \"LICENSE\" is not a regular file")]
    [InlineData(0, "abc", 0x41ED0000, "x: \"LICENSE\" is a directory, want a file")]
    public void What_an_entry_is(byte flags, string content, uint attributes, string? want)
    {
        var zip = Zip(flags: flags);
        Encoding.ASCII.GetBytes(content).CopyTo(zip, 37);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(Central + 38), attributes);
        var taken = new List<string>();
        Says(want, () => Assert.Equal(0, new ArchiveReader(new MemoryStream(zip), "x", new FetchLimits(), ExitCode.BadInput)
            .ReadAll((path, bytes) => taken.Add($"{path} {Encoding.ASCII.GetString(bytes)}"), default)));
        Assert.Equal(want is null ? ["LICENSE abc"] : [], taken);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(2, "x: unpacks to more than 2 bytes")]
    public void What_all_entries_claim_is_limited(long limit, string? want) => Says(want, () => new ArchiveReader(
        new MemoryStream(Zip()), "x", new FetchLimits { MaxUnpacked = limit }, ExitCode.BadInput).ReadAll((_, _) => { }, default));

    /// <summary>A stored entry whose two headers say 3 bytes, packed as more: extractors give the first three, or all.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("\0")]
    public void An_entry_that_is_longer_than_it_says_is_refused(string more)
    {
        byte[] zip = Zip(), longer = [.. zip.AsSpan(0, Central), (byte)more[0], .. zip.AsSpan(Central)];
        longer[18] = longer[Central + 1 + 20] = 4;
        longer[End + 1 + 16] = Central + 1;
        Agree(null, longer);
        Says("x: \"LICENSE\" is longer than it says", () => new ArchiveReader(new MemoryStream(longer), "x", new FetchLimits(),
            ExitCode.BadInput).ReadAll((_, _) => { }, default));
    }

    private static void Agree(string? want, byte[] zip)
    {
        var error = Record.Exception(() => ZipHeaders.RequireAgreement(new MemoryStream(zip)));
        Assert.Equal(want, error?.Message);
        Assert.True(error is null or InvalidDataException, $"{error}");
    }

    private static byte[] Zip(byte flags = 0, byte[]? local = null, byte[]? central = null, int behind = 0, int before = 0)
    {
        static byte[] Bytes(int value, int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((value >> (8 * i)) & 0xFF))];
        byte[] content = [.. "abc"u8], name = [.. "LICENSE"u8];
        byte[] common = [20, 0, flags, 0, 0, 0, 0, 0, 0, 0, .. Bytes(unchecked((int)Crc32.Of(content)), 4), 3, 0, 0, 0, 3, 0, 0, 0, 7, 0];
        byte[] first = [.. "PK\u0003\u0004"u8, .. common, .. Bytes(local?.Length ?? 0, 2), .. name, .. local ?? [], .. content];
        byte[] second = [.. "PK\u0001\u0002"u8, 20, 3, .. common, .. Bytes(central?.Length ?? 0, 2), .. new byte[10], .. Bytes(before, 4),
            .. name, .. central ?? []];
        return [.. new byte[before], .. first, .. new byte[behind], .. second, .. "PK\u0005\u0006"u8, 0, 0, 0, 0, 1, 0, 1, 0,
            .. Bytes(second.Length, 4), .. Bytes(before + first.Length + behind, 4), 0, 0];
    }
}
