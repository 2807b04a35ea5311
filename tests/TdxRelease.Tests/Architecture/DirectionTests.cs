using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Architecture;

/// <summary>
/// The table of docs/architecture.md: a room refers to the rooms below it, never back; and what judges bytes touches nothing outside
/// itself.
/// </summary>
public sealed class DirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["TdxRelease.Core"] = [],
        ["TdxRelease.Archives"] = ["TdxRelease.Core"],
        ["TdxRelease.Signing"] = ["TdxRelease.Core"],
        ["TdxRelease.Verification"] = ["TdxRelease.Core"],
        ["TdxRelease.Planning"] = ["TdxRelease.Core", "TdxRelease.Verification"],
        ["TdxRelease.Samples"] = ["TdxRelease.Core", "TdxRelease.Verification"],
        ["TdxRelease.Packages"] = ["TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Signing"],
        ["TdxRelease.SourcePackages"] = ["TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Packages", "TdxRelease.Signing"],
        ["TdxRelease.Repositories"] = ["TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Packages", "TdxRelease.Signing"],
        ["TdxRelease.Upstream"] = ["TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Samples", "TdxRelease.Verification"],
        ["TdxRelease.Release"] =
        [
            "TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Packages", "TdxRelease.Planning", "TdxRelease.Repositories",
            "TdxRelease.Signing", "TdxRelease.SourcePackages", "TdxRelease.Upstream", "TdxRelease.Verification",
        ],
        ["TdxRelease.Pipeline"] =
        [
            "TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Packages", "TdxRelease.Planning", "TdxRelease.Release",
            "TdxRelease.Repositories", "TdxRelease.Samples", "TdxRelease.Signing", "TdxRelease.Upstream", "TdxRelease.Verification",
        ],
        ["TdxRelease.Cli"] =
        [
            "TdxRelease.Archives", "TdxRelease.Core", "TdxRelease.Packages", "TdxRelease.Pipeline", "TdxRelease.Planning",
            "TdxRelease.Release", "TdxRelease.Repositories",
            "TdxRelease.Samples", "TdxRelease.Signing", "TdxRelease.Upstream", "TdxRelease.Verification",
        ],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_has_its_place() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(Path.Combine(TestData.Checkout, "src")).Where(HasProject).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_downwards_only(string project)
    {
        var file = Path.Combine(TestData.Checkout, "src", project, $"{project}.csproj");
        var references = XDocument.Load(file).Descendants("ProjectReference")
            .Select(each => Path.GetFileNameWithoutExtension((string)each.Attribute("Include")!));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_compiled_assembly_refers_downwards_only(string project)
    {
        var references = AssemblyFacts.Of(project == "TdxRelease.Cli" ? "tdxrel" : project).Assemblies;

        Assert.NotEmpty(references);
        Assert.Empty(references.Where(name => name.StartsWith("TdxRelease.", StringComparison.Ordinal) || name is "tdxrel" or "Build")
            .Except(Allowed[project]));
    }

    /// <summary>They are restored by nothing but the native compilation, which is late to hear of a new project.</summary>
    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public void The_native_lock_file_knows_the_same_projects(string runtime)
    {
        var ordinary = Known("packages.lock.json");
        Assert.NotEmpty(ordinary);
        Assert.Equal(ordinary, Known($"packages.{runtime}.lock.json"));

        static List<string> Known(string file)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Checkout, "src/TdxRelease.Cli", file)));
            return [.. json.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
                .Where(p => p.Value.GetProperty("type").GetString() == "Project")
                .Select(p => $"{p.Name}: {p.Value}").Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [InlineData("TdxRelease.Verification")]
    [InlineData("TdxRelease.Planning")]
    public void What_judges_and_plans_touches_no_file_network_process_or_clock(string project) =>
        Assert.Empty(Forbidden(AssemblyFacts.Of(project)));

    [Fact]
    public void A_namespace_is_its_folder_and_no_folder_name_stands_twice()
    {
        var files = Sources().ToList();
        Assert.NotEmpty(files);
        Assert.Equal([], files.Where(f => Namespace(f.Text) is { } space && space != f.Folder.Replace('/', '.'))
            .Select(f => $"{f.Folder}: {Namespace(f.Text)}").ToList());
        var folders = files.Select(f => f.Folder).Distinct().ToList();
        Assert.Equal(folders.Count, folders.Select(f => f[(f.LastIndexOf('/') + 1)..]).Distinct().Count());
    }

    [Theory]
    [InlineData("TdxRelease.Tests")]
    [InlineData("TdxRelease.AcceptanceTests")]
    public void A_tests_folder_is_named_after_the_room_it_tests(string project)
    {
        string[] others = ["Architecture", "Build", "Fuzzing", "Host", "bin",
            "obj"]; // Fuzzing: the parsers of several rooms; Host: src/host
        var rooms = Allowed.Keys.Select(name => name["TdxRelease.".Length..]).Concat(others);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(TestData.Checkout, "tests", project)).Select(Path.GetFileName)
            .Except(rooms));
    }

    [Fact]
    public void No_project_has_more_than_7000_lines() =>
        Assert.All(Sources().GroupBy(f => f.Folder.Split('/')[0]),
            project => Assert.InRange(project.Sum(f => f.Text.Count(c => c == '\n')), 1, 7000));

    private static IEnumerable<(string Folder, string Text)> Sources()
    {
        var root = Path.Combine(TestData.Checkout, "src");
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Select(path => (Path.GetDirectoryName(path)!, File.ReadAllText(Path.Combine(root, path))));
    }

    private static string? Namespace(string text) =>
        text.Split('\n').FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal)) is { } line
        ? line["namespace ".Length..].TrimEnd(';') : null;

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
        type is "System.IO.File" or "System.IO.FileInfo" or "System.IO.FileStream" or "System.IO.FileStreamOptions"
        or "System.IO.FileSystemInfo"
            or "System.IO.Directory" or "System.IO.DirectoryInfo" or "System.IO.RandomAccess" or "System.IO.StreamReader"
            or "System.IO.StreamWriter"
            or "System.Console" or "System.TimeProvider"
        || type.StartsWith("System.Net.", StringComparison.Ordinal)
        || type.StartsWith("System.IO.Pipes.", StringComparison.Ordinal)
        || type.StartsWith("System.IO.MemoryMappedFiles.", StringComparison.Ordinal)
        || type is "System.Diagnostics.Process" or "System.Diagnostics.ProcessStartInfo" or "System.Diagnostics.Stopwatch"
        || type is "System.Runtime.InteropServices.NativeLibrary" or "System.Runtime.InteropServices.DllImportAttribute"
        or "System.Runtime.InteropServices.LibraryImportAttribute")
        .Concat(facts.Members.Where(ForbiddenMember));

    // The compiler's iterators ask for the thread's id and for nothing else of the environment; a clock is a clock on every type.
    private static bool ForbiddenMember(string member) =>
        (member.StartsWith("System.Environment.", StringComparison.Ordinal) && member != "System.Environment.get_CurrentManagedThreadId")
        || member is "System.DateTime.get_Now" or "System.DateTime.get_UtcNow" or "System.DateTime.get_Today"
        or "System.DateTimeOffset.get_Now" or "System.DateTimeOffset.get_UtcNow";
}
