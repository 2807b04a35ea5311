using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Testing;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;
using Xunit.Abstractions;

namespace TdxRelease.AcceptanceTests.Verification;

/// <summary>
/// Our checks of a sigstruct against loader-checks.c, an independent program that makes those of the processor's loader: on mutated and
/// re-signed sigstructs both say the
/// same, for the same first reason. TDXREL_ORACLE_CASES sets how many (default 100,000).
/// </summary>
public class LoaderChecksTests(ITestOutputHelper output)
{
    private const int Size = 2048;

    /// <summary>The oracle's names in the order of its checks, and our rules for them.</summary>
    private static readonly (string Name, Rule Rule)[] Checks =
    [
        ("header_type", SigstructRules.HeaderType), ("header_length", SigstructRules.HeaderLength),
        ("header_version", SigstructRules.HeaderVersion),
        ("module_type", SigstructRules.ModuleType), ("module_vendor", SigstructRules.Vendor), ("size", SigstructRules.Size),
        ("key_size", SigstructRules.KeySize),
        ("modulus_size", SigstructRules.ModulusSize), ("exponent_size", SigstructRules.ExponentSize),
        ("reserved", SigstructRules.Reserved0),
        ("modulus", TrustRules.UnknownSigner), ("exponent", SigstructRules.Exponent), ("signature", TrustRules.Signature),
        ("attributes", SigstructRules.Attributes), ("reserved1", SigstructRules.Reserved1),
        ("min_update_hv", SigstructRules.HandoffVersions),
        ("reserved2", SigstructRules.Reserved2), ("gdt_idt_offset alignment", SigstructRules.GdtIdtAligned),
        ("fault offsets pair", SigstructRules.FaultOffsetsPaired),
        ("fault offsets room", SigstructRules.FaultOffsetsInside), ("reserved3", SigstructRules.Reserved3),
        ("cpuid_table_size", SigstructRules.CpuTableSize),
        ("seamsvn major", SigstructRules.SvnZero), ("seamhash", TrustRules.SeamHash),
    ];

    /// <summary>Errors of ours that the loader does not ask for; their titles say so.</summary>
    private static readonly Rule[] Stricter =
        [SigstructRules.Date, SigstructRules.RipOffset, SigstructRules.CpuTableSize, SigstructRules.CpuTableEntries,
            SigstructRules.CpuTableTail];

    /// <summary>Offset and length of the fields that mutations aim at.</summary>
    private static readonly (int Offset, int Length)[] Fields =
    [
        (0, 4), (4, 4), (8, 4), (12, 4), (16, 4), (20, 4), (24, 4), (28, 4), (32, 4), (36, 4), (40, 88), (128, 384), (512, 4), (516, 384),
        (900, 48), (948, 1), (949, 1),
        (950, 8), (958, 4), (962, 1), (963, 1), (964, 2), (966, 2), (968, 2), (970, 2), (972, 2), (974, 2), (976, 2), (978, 6), (984, 2),
        (986, 2), (988, 1), (989, 1),
        (990, 2), (992, 4), (996, 4), (1000, 24), (1024, 4), (1028, 4), (1032, 4), (1036, 4), (1040, 1008),
    ];

    [Fact]
    public void Every_rule_that_claims_to_be_the_loaders_is_in_the_oracle_and_every_other_error_says_that_it_is_not()
    {
        var claimed = SigstructRules.All.Where(r => r.Source == SigstructRules.HeaderType.Source && r != SigstructRules.Length);
        Assert.Equal(claimed, Checks.Select(c => c.Rule).Where(SigstructRules.All.Contains).OrderBy(r => r.Id, StringComparer.Ordinal));
        Assert.All(Stricter, r => Assert.Contains("(the loader ", r.Title, StringComparison.Ordinal));
    }

    [Fact]
    public void The_loader_and_we_say_the_same_for_the_same_first_reason()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("TDXREL_ORACLE_CASES") ?? "100000", CultureInfo.InvariantCulture);
        using var temp = new TempFolder();
        var release = SampleUpstream.Releases.Single(r => r.Version.ToString() == "1.5.56");
        var sound = SampleUpstream.Module(release);
        var cases = new byte[count][];
        var findings = new IReadOnlyList<Finding>[count];
        Parallel.For(0, count, i =>
        {
            cases[i] = Mutated(new Random(i), sound);
            findings[i] = ModuleVerifier.Verify(sound with { Sigstruct = sound.Sigstruct with { Bytes = cases[i] }, Image = null },
                SampleUpstream.Policy).Findings;
        });
        var oracle = Oracle(temp, sound, cases);
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            Compare(i, oracle[i], cases[i], [.. findings[i].Where(f => f.Fails).Select(f => f.Rule)], tally);
        }

        output.WriteLine($"{count} cases: {string.Join(", ", tally.Select(t => $"{t.Key} {t.Value}"))}");
        Assert.All(Checks.Select(c => c.Name).Append("ok").Append("ok, stricter here"),
            name => Assert.True(tally.GetValueOrDefault(name) >= count / 5000, $"{name}: {tally.GetValueOrDefault(name)}"));
    }

    private static void Compare(int number, string oracle, byte[] sigstruct, HashSet<Rule> failed, SortedDictionary<string, int> tally)
    {
        // The loader takes a debug module with an empty table: SIG-026 says so.
        var emptyDebug = sigstruct[15] >> 7 == 1 && BinaryPrimitives.ReadUInt32LittleEndian(sigstruct.AsSpan(1024)) == 0;
        var first = Checks.FirstOrDefault(c => failed.Contains(c.Rule) && !(emptyDebug && c.Rule == SigstructRules.CpuTableSize)).Name
            ?? "ok";
        var ids = string.Join(' ', failed.Select(r => r.Id));
        Assert.True(first == oracle, $"case {number}: the oracle says {oracle}, we say {first} ({ids})");
        if (oracle == "ok")
        {
            Assert.True(failed.All(r => Stricter.Contains(r)), $"case {number}: the oracle accepts, we refuse by {ids}");
            oracle = failed.Count > 0 ? "ok, stricter here" : oracle;
        }

        tally[oracle] = tally.GetValueOrDefault(oracle) + 1;
    }

    private static string[] Oracle(TempFolder temp, ModuleInput sound, byte[][] cases)
    {
        Tool.Run(temp.Path, "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", temp["loader-checks"],
            Path.Combine(TestData.Checkout, "tests/TdxRelease.AcceptanceTests/Verification/loader-checks.c"), "-lcrypto").Ok();
        File.WriteAllBytes(temp["module"], sound.Module.Bytes.Span);
        using (var file = File.Create(temp["cases"]))
        {
            foreach (var one in cases)
            {
                file.Write(one);
            }
        }

        var key = Convert.ToHexStringLower(SHA384.HashData(Sigstruct.Read(sound.Sigstruct.Bytes)!.Modulus));
        var lines = Tool.Run(temp.Path, "sh", "-c", $"./loader-checks module {key} <cases").Ok().Output.TrimEnd('\n').Split('\n');
        Assert.Equal(cases.Length, lines.Length);
        return lines;
    }

    /// <summary>One to three changes of a sound sigstruct; most are signed anew, so that each fails for its own reason.</summary>
    private static byte[] Mutated(Random random, ModuleInput sound)
    {
        var bytes = sound.Sigstruct.Bytes.ToArray();
        if (random.Next(8) == 0)
        {
            bytes[15] |= 0x80; // debug-signed
        }

        var signed = random.Next(10) > 0;
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            Change(random, bytes, sound.Module.Bytes.Length, signed);
        }

        if (signed)
        {
            Resign(bytes);
        }

        return bytes;
    }

    /// <summary>Signs anew without putting right what a change did to modulus and exponent.</summary>
    private static void Resign(byte[] bytes)
    {
        var key = bytes.AsSpan(128, 388).ToArray();
        SampleSigstruct.Sign(bytes, SampleKeys.Rsa3072);
        key.CopyTo(bytes.AsSpan(128));
    }

    private static void Change(Random random, byte[] bytes, int moduleSize, bool signed)
    {
        var (offset, length) = Fields[random.Next(Fields.Length)];
        var field = bytes.AsSpan(offset, length);
        switch (random.Next(6))
        {
            case 0:
                bytes[random.Next(Size)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when signed:
                random.NextBytes(field);
                break;
            case 2:
                field[random.Next(length)] ^= (byte)(1 << random.Next(8));
                break;
            case 3 when length <= 4:
                field.Clear();
                break;
            case 4 when length <= 4:
                Write(field, unchecked(Number(field) + (random.Next(2) == 0 ? 1u : uint.MaxValue)));
                break;
            default:
                // Around the ends of the module, where the rules about room decide.
                var end = (uint)(moduleSize - new[] { 0, 512, 4096, 8192 }[random.Next(4)]);
                Write(bytes.AsSpan(new[] { 958, 992, 996 }[random.Next(3)], 4), (uint)(end + new[] { -1, 0, 0, 1 }[random.Next(4)]));
                break;
        }
    }

    private static uint Number(ReadOnlySpan<byte> field)
    {
        var value = 0u;
        for (var i = field.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | field[i];
        }

        return value;
    }

    private static void Write(Span<byte> field, uint value)
    {
        for (var i = 0; i < field.Length; i++)
        {
            field[i] = unchecked((byte)(value >> (8 * i)));
        }
    }
}
