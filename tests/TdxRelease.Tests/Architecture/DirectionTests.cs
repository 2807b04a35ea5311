using System.Diagnostics;
using System.Xml.Linq;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Architecture;

/// <summary>Cli → Stages → Bundles, Upstream → Files → Modules; never back, never sideways; and Modules touches nothing outside itself.</summary>
public sealed class DirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["TdxRelease.Modules"] = [],
        ["TdxRelease.Files"] = ["TdxRelease.Modules"],
        ["TdxRelease.Upstream"] = ["TdxRelease.Files", "TdxRelease.Modules"],
        ["TdxRelease.Bundles"] = ["TdxRelease.Files", "TdxRelease.Modules"],
        ["TdxRelease.Stages"] = ["TdxRelease.Bundles", "TdxRelease.Files", "TdxRelease.Modules", "TdxRelease.Upstream"],
        ["TdxRelease.Cli"] = ["TdxRelease.Bundles", "TdxRelease.Files", "TdxRelease.Modules", "TdxRelease.Stages", "TdxRelease.Upstream"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_has_its_place() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Directory.EnumerateDirectories(Path.Combine(Upstream.Checkout, "src")).Where(HasProject).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_downwards_only(string project)
    {
        var file = Path.Combine(Upstream.Checkout, "src", project, $"{project}.csproj");
        var references = XDocument.Load(file).Descendants("ProjectReference").Select(each => Path.GetFileNameWithoutExtension((string)each.Attribute("Include")!));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_compiled_assembly_refers_downwards_only(string project)
    {
        var references = AssemblyFacts.Of(project == "TdxRelease.Cli" ? "tdxrel" : project).Assemblies;

        Assert.NotEmpty(references);
        Assert.Empty(references.Where(name => name.StartsWith("TdxRelease.", StringComparison.Ordinal) || name is "tdxrel" or "Build").Except(Allowed[project]));
    }

    [Fact]
    public void Modules_touches_no_file_network_process_or_clock() => Assert.Empty(Forbidden(AssemblyFacts.Of("TdxRelease.Modules")));

    [Fact]
    public void The_check_sees_what_it_forbids()
    {
        // This very assembly reads files and starts a clock: were the check blind, it would find nothing here either.
        _ = Stopwatch.GetTimestamp();
        var found = Forbidden(AssemblyFacts.Read(typeof(DirectionTests).Assembly.Location)).ToList();

        Assert.Contains("System.IO.File", found);
        Assert.Contains("System.IO.Directory", found);
        Assert.Contains("System.Diagnostics.Stopwatch", found);
    }

    private static bool HasProject(string folder) => Directory.EnumerateFiles(folder, "*.csproj").Any();

    private static IEnumerable<string> Forbidden(AssemblyFacts facts) => facts.Types.Where(type =>
        type is "System.IO.File" or "System.IO.FileInfo" or "System.IO.FileStream" or "System.IO.FileStreamOptions" or "System.IO.FileSystemInfo"
            or "System.IO.Directory" or "System.IO.DirectoryInfo" or "System.IO.RandomAccess" or "System.IO.StreamReader" or "System.IO.StreamWriter"
            or "System.Console" or "System.TimeProvider"
        || type.StartsWith("System.Net.", StringComparison.Ordinal)
        || type.StartsWith("System.IO.Pipes.", StringComparison.Ordinal)
        || type.StartsWith("System.IO.MemoryMappedFiles.", StringComparison.Ordinal)
        || type is "System.Diagnostics.Process" or "System.Diagnostics.ProcessStartInfo" or "System.Diagnostics.Stopwatch"
        || type is "System.Runtime.InteropServices.NativeLibrary" or "System.Runtime.InteropServices.DllImportAttribute" or "System.Runtime.InteropServices.LibraryImportAttribute")
        .Concat(facts.Members.Where(ForbiddenMember));

    // The compiler's iterators ask for the thread's id and for nothing else of the environment; a clock is a clock on every type.
    private static bool ForbiddenMember(string member) =>
        (member.StartsWith("System.Environment.", StringComparison.Ordinal) && member != "System.Environment.get_CurrentManagedThreadId")
        || member is "System.DateTime.get_Now" or "System.DateTime.get_UtcNow" or "System.DateTime.get_Today" or "System.DateTimeOffset.get_Now" or "System.DateTimeOffset.get_UtcNow";
}
