using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.AcceptanceTests.Release;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>The native file and the same code under the just-in-time compiler, side by side: they must say the same.</summary>
public sealed class PublishedFileTests : IDisposable
{
    private static readonly Lazy<string> Published = new(Publish);

    private readonly TempFolder temp = new();

    [UpstreamFact]
    public void The_published_file_says_what_the_tested_program_says()
    {
        foreach (var arguments in (string[][])[
            ["--help"],
            ["validate", TestData.Snapshot, "--json"],
            ["verify", TestData.Snapshot, "--json"],
            ["graph", TestData.Snapshot],
            ["plan", TestData.Snapshot, "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "1.5.05"],
            ["plan", TestData.Snapshot, "--cpu", "0x806F8", "--seamldr", "1.5.02", "--running", "9.9.99"],
            ["verify", Path.Combine(TestData.Snapshot, "no", "such"), "--json"],
            ["audti"],
        ])
        {
            var (tested, published) = (Tool.Run("/", TdxrelProgram.Built, arguments), Tool.Run("/", Published.Value, arguments));
            Assert.Equal((tested.Exit, tested.Output, tested.Errors), (published.Exit, published.Output, published.Errors));
        }
    }

    // Every format and every reader of it: what is compiled ahead or configured wrongly shows here.
    [UpstreamFact]
    public void The_published_file_makes_a_release_and_audits_it()
    {
        Tool.Run("/", Published.Value, "keys", "create", "--out", temp["release"], "--user-id",
            "tdxrel acceptance <acceptance@tdxrel.invalid>", "--created", "2025-01-01").Ok();
        var environment = new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = $"{RealRelease.Time.ToUnixTimeSeconds()}" };
        string[] bundle = ["bundle", TestData.Snapshot, "--signing-key", temp["release.pem"], "--accept-license", WholeRelease.License];
        Tool.RunWith("/", environment, Published.Value, [.. bundle, "--out", temp["published"]]).Ok();
        Tool.RunWith("/", environment, TdxrelProgram.Built, [.. bundle, "--out", temp["tested"]]).Ok();
        Tool.Run("/", "diff", "-r", temp["published"], temp["tested"]).Ok();

        string[] audit = ["audit", temp["published"], "--key", temp["release.pub.pem"], "--json"];
        var published = Tool.Run("/", Published.Value, audit).Ok();
        Assert.Equal(Tool.Run("/", TdxrelProgram.Built, audit).Ok().Output, published.Output);
        File.AppendAllText(Directory.GetFiles(Path.Combine(temp["published"], "packages"), "*.deb").Single(), "x");
        Assert.Equal(4, Tool.Run("/", Published.Value, audit).Exit);
    }

    public void Dispose() => temp.Dispose();

    // CI publishes before the tests; by hand, a file of another commit is made anew.
    private static string Publish()
    {
        var file = Path.Combine(TestData.Checkout, "artifacts", "bin", "tdxrel");
        var version = Tool.Run("/", TdxrelProgram.Built, "--version").Ok().Output;
        if (!File.Exists(file) || Tool.Run("/", file, "--version").Output != version)
        {
            Tool.Run(TestData.Checkout, Path.Combine(TestData.Checkout, "build.sh"), "--target=Publish").Ok();
        }

        Assert.Equal(version, Tool.Run("/", file, "--version").Ok().Output);
        return file;
    }
}
