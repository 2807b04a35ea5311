namespace TdxRelease.Tests.Architecture;

/// <summary>What the product defines, the product uses: a member that only tests refer to is code that only tests need.</summary>
public sealed class UnusedMembersTests
{
    /// <summary>Members that the product defines for something outside itself, each with the reason.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["Cake.Frosting.CakeHost::AddAssembly/1"] = "the host stands in for that of Cake.Frosting and has its members",
        ["TdxRelease.Archives.Codecs.XzLibrary+Stream::Allocator"] = "layout of lzma_stream",
        ["TdxRelease.Archives.Codecs.XzLibrary+Stream::Internal"] = "layout of lzma_stream",
        ["TdxRelease.Archives.Codecs.XzLibrary+Stream::Reserved"] = "layout of lzma_stream",
        ["TdxRelease.Archives.Codecs.XzLibrary+Stream::TotalOut"] = "layout of lzma_stream",
        ["TdxRelease.Core.Files.FileStat::get_Changed/0"] = "compared as a part of the whole",
        ["TdxRelease.Core.Files.FileStat::get_Modified/0"] = "compared as a part of the whole",
        ["TdxRelease.Core.Files.FileTime::get_Nanoseconds/0"] = "compared as a part of the whole",
        ["TdxRelease.Core.Files.FileTime::get_Seconds/0"] = "compared as a part of the whole",
        ["TdxRelease.Packages.Rpm.RpmHeader::Serialize/1"] = "tests prove by it that what was read is all there is",
        ["TdxRelease.Packages.Rpm.RpmHeader::TryGet/2"] = "to be removed with the package readers' other changes",
        ["TdxRelease.Packages.Rpm.RpmHeader::get_Tags/0"] = "to be removed with the package readers' other changes",
        ["TdxRelease.Packages.Rpm.RpmListedFile::get_Flags/0"] = "to be removed with the package readers' other changes",
        ["TdxRelease.Pipeline.AllRules::ToMarkdown/0"] = "makes docs/rules.md",
        ["TdxRelease.Release.Audit.AuditedQuestion::get_Id/0"] = "to be removed with the audit's other changes",
        ["TdxRelease.Release.Manifests.ManifestVerdict::get_IsGood/0"] = "to be removed with the audit's other changes",
        ["TdxRelease.Signing.OpenPgp.OpenPgpCertificate::get_UserIds/0"] = "tests prove by it that a certificate is read as it was written",
        ["TdxRelease.Signing.OpenPgp.OpenPgpResult::get_Fingerprint/0"] = "the message says it in words; tests want it by itself",
        ["TdxRelease.Signing.OpenPgp.OpenPgpResult::get_SignedAt/0"] = "the message says it in words; tests want it by itself",
        ["TdxRelease.Upstream.SourceArchives.ZipHeaders+Header::get_Method/0"] = "compared as a part of the whole",
        ["TdxRelease.Verification.Versions.ModuleVersion::Parse/1"] =
            "tests write versions as text; the product never trusts one to be well formed",
    };

    [Fact]
    public void No_member_is_used_by_tests_alone() => Assert.Equal([], UnusedMembers.Of(Product()).Except(Allowed.Keys));

    [Fact]
    public void The_check_sees_an_unused_member() =>
        Assert.Contains("TdxRelease.Tests.Architecture.UnusedMembersTests::Unused/0",
            UnusedMembers.Of([typeof(UnusedMembersTests).Assembly.Location]));

    internal static void Unused()
    {
    }

    private static IEnumerable<string> Product() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(path => Path.GetFileName(path) is "tdxrel.dll" or "Build.dll"
                || (Path.GetFileName(path) is var name && name.StartsWith("TdxRelease.", StringComparison.Ordinal) && !IsOfTests(name)));

    private static bool IsOfTests(string name) => name is "TdxRelease.Tests.dll" or "TdxRelease.HostModel.dll" or "TdxRelease.Fuzz.dll";
}
