using System.Diagnostics;
using TdxRelease.Testing;
using TdxRelease.Upstream.Caching;
using TdxRelease.Upstream.Locks;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.AcceptanceTests.Acquisition;

/// <summary>
/// The real program, killed with everything it started at random points: after every kill the cache is sound, and the next run succeeds
/// with it.
/// </summary>
public abstract class KillTests : IDisposable
{
    private const int Kills = 50;

    private protected TempFolder Temp { get; } = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Temp.Dispose();

    private protected async Task KillAsync(string[] arguments, IReadOnlyDictionary<string, string> environment,
        Func<FetchContext, Task<Snapshot>> next)
    {
        var random = new Random(8);
        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await RunAsync(arguments, environment, null));
        var whole = watch.Elapsed;
        var (killed, partial) = (0, 0);
        for (var run = 0; killed < Kills && run < 4 * Kills; run++)
        {
            Directory.Delete(Temp["xdg"], recursive: true);
            Delete(Temp["out"]);
            watch.Restart();
            if (await RunAsync(arguments, environment, whole * (0.2 + (0.8 * random.NextDouble()))) != 0)
            {
                killed++;
            }
            else if (watch.Elapsed < whole)
            {
                whole = watch.Elapsed; // the first run may have met a busy machine
            }

            var cache = new ContentCache(Temp["xdg/tdxrel"]);
            Assert.Empty(cache.Verify());
            partial += Directory.EnumerateFiles(Path.Combine(cache.Root, "sha256"), "*", SearchOption.AllDirectories)
                .Count() is > 0 and < 36 ? 1 : 0;
            if (Directory.Exists(Temp["out"]))
            {
                Assert.Equal(36, Snapshot.Open(Temp["out"]).ToRecord().Files.Count);
            }

            var snapshot = await next(new FetchContext(Temp["out"], cache));
            Assert.Equal(LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName)).Files,
                snapshot.Files.Select(f => new LockedFile(f.Path, f.Length, f.Sha256!)));
            Assert.All(snapshot.Files, file => snapshot.Read(file.Path));
            Assert.Empty(cache.Verify());
        }

        Console.WriteLine($"{killed} runs were killed before their end, {partial} runs left a half-filled cache; "
            + $"a whole run takes {whole.TotalSeconds:0.0} s");
        Assert.Equal(Kills, killed);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> RunAsync(string[] arguments, IReadOnlyDictionary<string, string> environment, TimeSpan? life)
    {
        var start = new ProcessStartInfo(TdxrelProgram.Path, [.. arguments, "--out", Temp["out"]])
        {
            WorkingDirectory = Temp.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["XDG_CACHE_HOME"] = Temp["xdg"];
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (life is { } time)
        {
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(time));
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync();
        Assert.True(life is not null || process.ExitCode == 0, string.Concat(await output));
        return process.ExitCode;
    }
}

/// <summary>Over git.</summary>
public sealed class GitKillTests : KillTests
{
    [UpstreamFact]
    public async Task Fifty_kills_over_git()
    {
        using var history = new UpstreamHistory(Temp["served"]);
        var url = await history.ServeAsync();
        await KillAsync(
            ["fetch", "--source", url, "--ref", history.Third, "--lock", "none"],
            new Dictionary<string, string>(),
            context => new GitSource(url, history.Third).FetchAsync(context, default));
    }
}

/// <summary>Over https, from a server that sends slowly enough to be interrupted.</summary>
public sealed class HttpsKillTests : KillTests
{
    [UpstreamFact]
    public async Task Fifty_kills_over_https()
    {
        using var history = new UpstreamHistory(Temp["served"]);
        history.Git("archive", "--format=tar.gz", "--prefix=up/", $"--output={Temp["up.tar.gz"]}", history.Third);
        var body = await File.ReadAllBytesAsync(Temp["up.tar.gz"]);
        using var server = new HttpsServer(Temp.Path, (request, stream) => ServeAsync(request, stream, body));
        var url = $"{server.Url}/{{commit}}.tar.gz";
        var locked = LockFile.Read(Path.Combine(TestData.Checkout, LockFile.FileName)) with
        {
            Commit = history.Third,
            Sources = [new LockSource(Origin.Archive, url)]
        };
        await File.WriteAllBytesAsync(Temp[LockFile.FileName], locked.ToJson());
        await KillAsync(
            ["fetch"],
            new Dictionary<string, string> { ["SSL_CERT_FILE"] = server.AuthoritiesFile },
            context => new LockedFetch(locked, new SourceFactory(new DownloadOptions { AuthoritiesFile = server.AuthoritiesFile }))
                .RunAsync(context, offline: false, default));
        Assert.Contains(server.Requests, r => r.Headers.ContainsKey("Range"));
    }

    // Half at once, then in pieces; a request for the rest gets the rest.
    private static async Task ServeAsync(HttpsRequest request, Stream stream, byte[] body)
    {
        var from = request.Headers.TryGetValue("Range", out var range) ? int.Parse(range["bytes=".Length..].TrimEnd('-')) : 0;
        string[] part = from > 0 ? [$"Content-Range: bytes {from}-{body.Length - 1}/{body.Length}"] : [];
        await HttpsServer.Head(stream, from > 0 ? 206 : 200,
            [$"Content-Length: {body.Length - from}", "ETag: \"x\"", "Accept-Ranges: bytes", .. part]);
        var piece = (body.Length / 8) + 1;
        for (var at = from; at < body.Length; at += piece)
        {
            await stream.WriteAsync(body.AsMemory(at, Math.Min(piece, body.Length - at)));
            await stream.FlushAsync();
            await Task.Delay(20);
        }
    }
}
