using System.Text;
using TdxRelease.Core.Findings;
using TdxRelease.Samples;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Mapping;
using TdxRelease.Verification.Modules;
using TdxRelease.Verification.Sigstructs;
using TdxRelease.Verification.Trust;
using TdxRelease.Verification.Versions;
using static TdxRelease.Tests.Refusals;

namespace TdxRelease.Tests.Verification;

/// <summary>What two modules, a mapping and a published list say against one another, word for word, on both sides of each limit.</summary>
public class CrossCheckBoundaryTests
{
    private const string Upstream = "separate_files/1.5/";

    private static readonly DateOnly Day = new(2026, 1, 31);
    private static readonly string Ours = new('a', 96);

    // Of 1.5.02 what differs from 1.5.01 (SVN 1.4 of the day, build 7, 3072 bits), and all that is found.
    [Theory]
    [InlineData("", null)]
    [InlineData("svn 1.5", null)]
    [InlineData("svn 1.3", "XCK-004: SEAMSVN is 1.3, the older 1.5.01 has 1.4: hardware refuses this update")]
    [InlineData("svn 2.4", "XCK-005: SEAMSVN is 2.4, 1.5.01 on the same line has 1.4")]
    [InlineData("svn 2.3", "XCK-005: SEAMSVN is 2.3, 1.5.01 on the same line has 1.4")]
    [InlineData("svn 0.9", "XCK-005: SEAMSVN is 0.9, 1.5.01 on the same line has 1.4")]
    [InlineData("day 1", null)]
    [InlineData("day 0", null)]
    [InlineData("day -1", "XCK-006: dated 2026-01-30, the older 1.5.01 is dated 2026-01-31")]
    [InlineData("build 8", null)]
    [InlineData("build 0", null)]
    [InlineData("build 7", "XCK-009: build 7, the older 1.5.01 has build 7")]
    [InlineData("build 6", "XCK-009: build 6, the older 1.5.01 has build 7")]
    [InlineData("signer b", "XCK-011: signed by key bbbbbbbbbbbbbbbb…, 1.5.01 by aaaaaaaaaaaaaaaa…")]
    [InlineData("signer b bits 4096", null)]
    [InlineData("cpus 0x806F0 0xC06F0", null)]
    [InlineData("cpus 0xC06F0",
        "XCK-007: 1.5.01 is the last module of line 1.5 for Sapphire Rapids; 1.5.02 does not list it")]
    [InlineData("mrseam 1.5.01", "XCK-010: the module has the measurement of 1.5.01")]
    public void Neighbours_on_a_line(string differs, string? found)
    {
        var newer = Module("1.5.02", differs);
        Assert.Equal(Lines($"{Upstream}1.5.02/tdx_module_1.5.02.sigstruct", found), Check([newer, Module("1.5.01", "build 7")]));
        Assert.Empty(Check([Module("1.4.01", "svn 9.9 signer c"), newer])); // lines have nothing to do with one another
    }

    [Fact]
    public void Every_processor_that_a_line_loses_is_told_of_in_their_order() => Assert.Equal(
        ["Sapphire Rapids", "Sierra Forest", "Emerald Rapids"],
        Check([Module("1.5.01", "cpus 0xC06F0 0xA06F0 0x806F0"), Module("1.5.02", "cpus 0xA06D0")])
            .Select(line => line[(line.IndexOf(" for ", StringComparison.Ordinal) + 5)..line.IndexOf(';', StringComparison.Ordinal)]));

    [Fact]
    public void A_build_number_that_the_older_module_does_not_have_orders_nothing() =>
        Assert.Empty(Check([Module("1.5.01", "build 0"), Module("1.5.02", "build 7")]));

    [Fact]
    public void A_module_whose_sigstruct_cannot_be_read_is_passed_over() =>
        Assert.Empty(Check([Module("1.5.01", "build 7"), Module("1.5.02", "svn 1.1") with { Facts = null }]));

    [Theory]
    [InlineData("2.0.09", new byte[] { 9, 0, 0, 2 }, null)]
    [InlineData("2.0.09", new byte[] { 8, 0, 0, 2 }, "XCK-002: reserved3 says major 2, update 8; the module is released as 2.0.09")]
    [InlineData("2.0.09", new byte[] { 9, 0, 0, 1 }, "XCK-002: reserved3 says major 1, update 9; the module is released as 2.0.09")]
    [InlineData("2.0.00", new byte[] { 0, 1, 0, 0 }, "XCK-002: reserved3 says major 0, update 0; the module is released as 2.0.00")]
    [InlineData("2.0.09", new byte[] { 0, 0, 0, 0 }, "XCK-003: reserved3 is zero: the sigstruct does not say which version it is for")]
    [InlineData("1.5.09", new byte[] { 8, 0, 0, 2 }, null)]
    public void The_build_fields_are_those_of_the_version(string version, byte[] fields, string? found)
    {
        var bytes = new byte[SigstructLayout.IntelRsa3072.Length];
        fields.CopyTo(bytes, SigstructLayout.IntelRsa3072.Body + 100);
        var module = Module(version, "");
        var path = module.Input.Sigstruct.Path;
        Assert.Equal(Lines(path, found), Check([module with { Input = module.Input with { Sigstruct = new(path, bytes) } }]));
        Assert.Empty(Check([module with { Input = module.Input with { Sigstruct = new(path, bytes.AsMemory(1)) } }]));
    }

    [Theory]
    [InlineData("x/tdx_module_1.5.01.bin", null)]
    [InlineData("tdx_module_1.5.1.bin", null)]
    [InlineData("tdx_module_1.5.02.bin", "1.5.02")]
    [InlineData("tdx_module_1.5.bin", "1.5")]
    [InlineData("tdx_module_.bin", "tdx_module_.bin")]
    [InlineData("tdx_module_bin", "tdx_module_bin")]
    [InlineData("tdx_module.1.5.01.bin", "tdx_module.1.5.01.bin")]
    public void File_names_carry_the_version(string path, string? said)
    {
        var module = Module("1.5.01", "");
        foreach (var input in (ModuleInput[])[module.Input with { Module = new(path, default) },
            module.Input with { Sigstruct = new(path, default) }, module.Input with { Image = new(path, default) }])
        {
            var found = said is null ? null : $"XCK-001: the file name says \"{said}\", the module is released as 1.5.01";
            Assert.Equal(Lines(path, found), Check([module with { Input = input }]));
        }
    }

    [Fact]
    public void A_module_that_no_release_names_is_told_of()
    {
        var found = CrossChecks.Check(new MappingFile("1.0", [Release("1.5.02", 0)]), "m", [Module("1.5.01", "")], Nobody);
        Assert.Equal([$"{Upstream}1.5.01/tdx_module_1.5.01.bin: XCK-001: 1.5.01 is not a release of the mapping file"],
            found.Select(f => f.ToString()));
        Assert.Equal(["1.5.01"], found.Select(f => f.Version));
    }

    [Theory]
    [InlineData(0x40002UL, 0x40002UL, null)]
    [InlineData(0x40002UL, 0x40003UL, null)]
    [InlineData(0x40002UL, 0x00003UL, "XCK-008: tdx_feature0 0x3 lacks bits 0x40000 that 1.5.01 has")]
    public void Features_stay_along_a_line(ulong older, ulong newer, string? found)
    {
        var mapping = new MappingFile("1.0", [Release("1.4.01", ulong.MaxValue), Release("1.5.01", older), Release("1.5.02", newer)]);
        Assert.Equal(Lines("m:2:1", found), CrossChecks.Check(mapping, "m", [], Nobody).Select(f => f.ToString()));
    }

    // The list's signer is "a"; the snapshot holds one module, 1.5.01.
    [Theory]
    [InlineData("1.5.01=1.5.01", "", null)]
    [InlineData("1.5.01=1.5.03", "", "PUB-001: measurement 1.5.01, the list of 2026-01-31 says 1.5.03")]
    [InlineData("1.5.01=1.5.03", "signer b", "PUB-001: measurement 1.5.01, the list of 2026-01-31 says 1.5.03")]
    [InlineData("", "", "PUB-002: 1.5.01 is present upstream, absent from the published list of 2026-01-31")]
    [InlineData("", "signer b", null)]
    [InlineData("1.5.03=1.5.01", "signer b", "PUB-003: the measurement is published for 1.5.03")]
    [InlineData("1.5.01=1.5.01 1.5.03=1.5.01", "signer b", null)]
    [InlineData("1.5.01=1.5.01 1.5.03=1.5.03 1.5.02=1.5.02", "", "PUB-004: published but not here: 1.5.02 1.5.03")]
    [InlineData("1.5.03=1.5.03", "signer b", null)]
    public void A_published_list_is_a_witness(string list, string module, string? found)
    {
        var place = found?.StartsWith("PUB-004", StringComparison.Ordinal) == true ? "m" : $"{Upstream}1.5.01/tdx_module_1.5.01.sigstruct";
        var said = CrossChecks.Check(new MappingFile("1.0", [Release("1.5.01", 0)]), "m", [Module("1.5.01", module)], Published(list));
        Assert.Equal(Lines(place, found), said.Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("/1", "/2", "f:1:11: PUB-010: \"format\" is \"tdxrel-published/2\", want \"tdxrel-published/1\"")]
    [InlineData("\"s\"", "\"\"", "f:1:41: PUB-010: \"source\" is \"\", want a text")]
    [InlineData("\"s\"", "1", "f:1:41: PUB-008: the published list: \"source\" is a number, want a string")]
    [InlineData("2026-01-31", "2026-1-31", "f:1:52: PUB-010: \"date\" is \"2026-1-31\", want yyyy-mm-dd")]
    [InlineData("\"signer\":\"a", "\"signer\":\"", "f:1:74: PUB-010: \"signer\" is \"@\", want 96 lower-case hexadecimal digits")]
    [InlineData("{}", "[]", "f:1:183: PUB-008: the published list: \"modules\" is an array, want an object")]
    [InlineData("{}", "{\"1.5\":\"\"}", "f:1:184: PUB-010: \"1.5\" is not a version of the form major.minor.update")]
    [InlineData("{}", "{\"1.5.01\":1}", "f:1:193: PUB-008: module \"1.5.01\" is a number, want a string")]
    [InlineData("{}", "{\"1.5.01\":\"x\"}", "f:1:193: PUB-010: module \"1.5.01\": \"x\" is not 96 lower-case hexadecimal digits")]
    public void A_published_list_is_refused_with_its_place(string old, string text, string want)
    {
        var list = $"{{\"format\":\"tdxrel-published/1\",\"source\":\"s\",\"date\":\"2026-01-31\",\"signer\":\"{Ours}\",\"modules\":{{}}}}";
        var read = PublishedList.Read(Encoding.UTF8.GetBytes(list), "f");
        Assert.Equal(("s", Day, Ours, 0), (read.Source, read.Date, read.Signer, read.Modules.Count));
        Assert.Contains(old, list, StringComparison.Ordinal);
        Refused(ExitCode.BadInput, want.Replace("@", Ours[1..], StringComparison.Ordinal), "docs/published.md describes the file",
            () => PublishedList.Read(Encoding.UTF8.GetBytes(list.Replace(old, text, StringComparison.Ordinal)), "f"));
    }

    [Fact]
    public void A_licence_is_one_of_the_policy_s_where_it_names_any()
    {
        const string Hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // of "abc"
        Finding? Of(params string[] licenses) =>
            SnapshotChecks.CheckLicense("abc"u8, "L", SampleUpstream.Policy with { Name = "p", Licenses = licenses });
        Assert.Null(Of());
        Assert.Null(Of("x", Hash));
        Assert.Equal($"L: {TrustRules.License.Id}: SHA-256 {Hash} is not a licence that policy \"p\" expects: x y", $"{Of("x", "y")}");
    }

    [Theory]
    [InlineData("Sapphire Rapids", 0x806F0u)]
    [InlineData("granite-rapids-D", 0xA06E0u)]
    [InlineData("diamondrapids", 0x400F10u)]
    [InlineData("0x806f8", 0x806F8u)]
    [InlineData("806F8", 0x806F8u)]
    [InlineData("0XFFFFFFFF", 0xFFFFFFFFu)]
    [InlineData("0", null)]
    [InlineData("0x", null)]
    [InlineData("", null)]
    [InlineData("123456789", null)]
    [InlineData("0x0x1", null)]
    [InlineData(" 1", null)]
    [InlineData("rapids", null)]
    public void A_processor_is_named_or_a_signature(string text, uint? want) => Assert.Equal(want, CpuFamily.Parse(text)?.Value);

    [Theory]
    [InlineData("separate_files/1.5/1.5.5/tdx_module_1.5.5.bin", "separate_files/1.5/1.5.05/tdx_module_1.5.05.bin")]
    [InlineData("separate_files/1.5/1.5.5/tdx_module_1.5.5.sigstruct", "separate_files/1.5/1.5.05/tdx_module_1.5.05.sigstruct")]
    [InlineData("joined_files/1.5/tdx_module_1.5.5.blob", "joined_files/1.5/tdx_module_1.5.05.blob")]
    public void A_file_of_another_spelling_names_the_right_one(string path, string mate)
    {
        var mapping = new MappingFile("1.0", [Release("1.5.05", 0)]);
        IEnumerable<string> Of(params string[] paths) =>
            SnapshotChecks.Check(paths, mapping, "m").Where(f => f.Location.File == path).Select(f => f.ToString());
        Assert.Equal([$"{path}: SNP-008: the mapping spells it \"1.5.05\", and \"{mate}\" is there too"], Of(path, mate));
        Assert.Equal([$"{path}: SNP-007: want \"{mate}\""], Of(path));
        Assert.Empty(Of(mate));
    }

    [Fact]
    public void Families_have_an_id_and_a_name() => Assert.Equal(
        [
            "806F0 sapphire-rapids Sapphire Rapids", "A06D0 granite-rapids Granite Rapids", "A06E0 granite-rapids-d Granite Rapids-D",
            "A06F0 sierra-forest Sierra Forest", "C06F0 emerald-rapids Emerald Rapids", "D06D0 clearwater-forest Clearwater Forest",
            "400F10 diamond-rapids Diamond Rapids",
        ],
        CpuFamily.Known.Select(f => $"{f.Signature.Value:X} {f.Id} {f.Name}"));

    [Fact]
    public void Steppings_are_masked_and_unknown_families_named_by_their_signature()
    {
        Assert.Equal(("cpu-906a0", "0x906A0", 0x906A0u), Of(0x906AF));
        Assert.Equal(("sierra-forest", "Sierra Forest", 0xA06F0u), Of(0xA06F3));
        var (low, high) = (new CpuSignature(0x806F1), new CpuSignature(0x806FF));
        Assert.True(low.SameFamily(high) && !low.SameFamily(new(0x80701)));
        Assert.Equal((-1, 0), (low.CompareTo(high), low.CompareTo(low)));
    }

    [Fact]
    public void A_security_version_is_two_bytes_the_minor_first()
    {
        Assert.Equal(new SeamSvn(3, 4), SeamSvn.FromValue(0x0304));
        Assert.Equal((ushort)0x0304, new SeamSvn(3, 4).Value);
        Assert.Equal("3.4", new SeamSvn(3, 4).ToString());
        Assert.Equal("", new ModuleFacts(default, "", "", default, [], "", 0, false, null, 0, 0).SignerSha384);
    }

    private static PublishedList Nobody => Published("", "nobody");

    private static (string, string, uint) Of(uint signature)
    {
        var family = CpuFamily.Of(new CpuSignature(signature));
        return (family.Id, family.Name, family.Signature.Value);
    }

    private static string[] Lines(string path, string? found) => found is null ? [] : [$"{path}: {found}"];

    private static IEnumerable<string> Check(ModuleVerdict[] modules)
    {
        var releases = modules.Select(m => Release(m.Input.Spelling, 0)).OrderBy(r => r.Version);
        return CrossChecks.Check(new MappingFile("1.0", [.. releases]), "m", modules, Nobody).Select(f => f.ToString());
    }

    private static ModuleRelease Release(string spelling, ulong features)
    {
        var version = ModuleVersion.Parse(spelling);
        return new(version, spelling, version, [], features, null, new Location("m", version.Update, 1));
    }

    private static PublishedList Published(string modules, string? signer = null) => new()
    {
        Source = "s",
        Date = Day,
        Signer = signer ?? Ours,
        Modules = new SortedDictionary<ModuleVersion, string>(modules.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')).ToDictionary(pair => ModuleVersion.Parse(pair[0]), pair => pair[1])),
    };

    private static ModuleVerdict Module(string spelling, string differs)
    {
        var version = ModuleVersion.Parse(spelling);
        var facts = new ModuleFacts(version, spelling, spelling, new SeamSvn(1, 4), [new(0x806F0)], "signer", 3072, false, Day, 0, 1)
        {
            SignerSha384 = Ours,
        };
        var words = differs.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i += 2)
        {
            facts = words[i] switch
            {
                "svn" => facts with { Svn = new(byte.Parse(words[i + 1][..1]), byte.Parse(words[i + 1][2..])) },
                "day" => facts with { Date = Day.AddDays(int.Parse(words[i + 1])) },
                "build" => facts with { BuildNumber = int.Parse(words[i + 1]) },
                "signer" => facts with { SignerSha384 = new string(words[i + 1][0], 96) },
                "bits" => facts with { KeyBits = int.Parse(words[i + 1]) },
                "mrseam" => facts with { MrSeam = words[i + 1] },
                _ => facts with { Cpus = [.. words[1..].Select(word => CpuFamily.Parse(word)!.Value)] },
            };
            i += words[i] == "cpus" ? words.Length : 0;
        }

        return new(new(version, spelling, new(UpstreamLayout.Module(version, spelling), default),
            new(UpstreamLayout.Sigstruct(version, spelling), default), null), facts, []);
    }
}
