using System.Text.RegularExpressions;
using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>
/// <c>-p:CakeFrosting=package</c>: the build over a package Cake.Frosting must do what it does over the adapter. No source that the tests
/// can reach has the
/// real package, so the adapter's own files are made into one of that name: what of tdxrel's would come to stand in them fails to compile
/// here.
/// </summary>
public sealed partial class CakePackageTests : IDisposable
{
    private const string StandIn = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <AssemblyName>Cake.Frosting</AssemblyName>
            <Version>7.0.0</Version>
            <PackageOutputPath>../feed</PackageOutputPath>
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="../checkout/build/Frosting/*.cs" />
            <Cake Include="$(CakeFolder)/Cake.C*.dll;$(CakeFolder)/Microsoft.Extensions.DependencyInjection*.dll" />
            <Reference Include="@(Cake)" />
            <None Include="@(Cake)" Pack="true" PackagePath="lib/net10.0" />
          </ItemGroup>
        </Project>
        """;

    private static readonly string Packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private readonly TempFolder temp = new();

    public CakePackageTests()
    {
        foreach (var name in (string[])["build", "src", "schemas", "samples"])
        {
            Copy(name);
        }

        foreach (var file in Directory.GetFiles(TestData.Checkout))
        {
            File.Copy(file, Path.Combine(temp["checkout"], Path.GetFileName(file)));
        }

        Directory.CreateDirectory(temp["feed"]);
        Tool.Write(temp["stand-in/Cake.Frosting.csproj"], StandIn);
    }

    [Fact]
    public void The_build_over_the_package_does_what_it_does_over_the_adapter()
    {
        Build("pack", "stand-in/Cake.Frosting.csproj",
            $"-p:CakeFolder={Path.Combine(Packages, "cake.tool", "7.0.0", "tools", "net10.0", "any")}");
        Build("build", "checkout/build", "-p:CakeFrosting=package", $"-p:RestorePackagesPath={temp["packages"]}",
            $"-p:RestoreAdditionalProjectFallbackFolders={Packages}");
        Assert.True(File.Exists(temp["checkout/build/bin/package/Release/net10.0/Cake.Frosting.dll"]));
        Build("build", "checkout/build");
        Assert.False(File.Exists(temp["checkout/build/bin/Release/net10.0/Cake.Frosting.dll"]));
        Assert.Equal(
            File.ReadAllText(Path.Combine(TestData.Checkout, "build", "packages.lock.json")),
            File.ReadAllText(temp["checkout/build/packages.lock.json"]));

        foreach (var (exit, text, arguments) in ((int, string, string[])[])[
            (0, "--signing-key=VALUE", ["--help"]),
            (0, "Fetch, validate, verify", ["--description"]),
            (0, "└─Audit", ["--tree"]),
            (0, "7. Default", ["--dryrun"]),
            (0, "Cake 7.0.0", ["--version"]),
            (0, "Succeeded", ["-t", "clean", "-e"]),
            (0, "39 files from sample", ["--target=Fetch", "--source", "sample"]),
            (2, "error: unknown argument \"--fruit\"\nhint: known arguments: ", ["--fruit=pear"]),
            (2, "error: unknown target \"Frist\"\nhint: known targets: ", ["--target=Frist"]),
            (2, "error: --source is given twice", ["--source=a", "--source=b"]),
            (2, "error: --minutes: got \"0\", want a whole number above 0", ["--minutes=0"]),
            (2, "error: --runtime: got \"vax\", want linux-x64 or linux-arm64", ["--runtime=vax"]),
            (2, "error: the task Fetch has not run\nhint: leave out --exclusive", ["--target=Validate", "--exclusive"]),
            (6, "error: \"/nonexistent\": no such directory or file, and no URL", ["--source=/nonexistent"]),
            (3, "error: ", ["--source=sample", "--metadata=Tools.sln"]),
        ])
        {
            var (adapter, package) = (Run("Release", arguments), Run("package/Release", arguments));
            Assert.True(adapter.Exit == exit, $"{adapter.Command}: exit {adapter.Exit}\n{adapter.Errors}");
            Assert.Contains(text, adapter.Output + adapter.Errors, StringComparison.Ordinal);
            Assert.Equal((adapter.Exit, Timeless(adapter.Output), adapter.Errors),
                (package.Exit, Timeless(package.Output), package.Errors));
        }
    }

    public void Dispose() => temp.Dispose();

    // Without network: packages come from the local folder or were restored when the tests were.
    private void Build(string command, string project, params string[] properties) => Tool.Run(
        temp.Path, "dotnet",
        [command, project, "-c", "Release", "-v", "q", "--nologo", "-nodeReuse:false", $"-p:RestoreSources={temp["feed"]}",
        "-p:NuGetAudit=false", "-p:RunAnalyzers=false", .. properties]).Ok();

    private ToolResult Run(string output, string[] arguments) =>
        Tool.Run(temp["checkout"], "dotnet", [temp[$"checkout/build/bin/{output}/net10.0/Build.dll"], .. arguments]);

    private void Copy(string folder)
    {
        Directory.CreateDirectory(temp[$"checkout/{folder}"]);
        foreach (var file in Directory.GetFiles(Path.Combine(TestData.Checkout, folder)))
        {
            File.Copy(file, temp[$"checkout/{folder}/{Path.GetFileName(file)}"]);
        }

        foreach (var below in Directory.GetDirectories(Path.Combine(TestData.Checkout, folder)).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj")))
        {
            Copy($"{folder}/{below}");
        }
    }

    private static string Timeless(string output) => Duration().Replace(output, "TIME");

    [GeneratedRegex("[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]+")]
    private static partial Regex Duration();
}
