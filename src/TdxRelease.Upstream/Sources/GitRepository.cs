using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;

namespace TdxRelease.Upstream.Sources;

/// <summary>An empty bare repository that lasts for one fetch.</summary>
internal sealed class GitRepository : IDisposable
{
    private readonly string folder;

    private GitRepository(string folder, GitProcess git) => (this.folder, Git) = (folder, git);

    public GitProcess Git { get; }

    public static Task<GitRepository> CreateAsync(FetchContext context, string name, CancellationToken cancellation) =>
        CreateAsync(context.Cache?.PartialFolder ?? Path.GetDirectoryName(Path.GetFullPath(context.Target))!, context.Limits, name,
            sha256: false, cancellation);

    /// <summary>The same in a folder of the caller's choice.</summary>
    public static async Task<GitRepository> CreateAsync(string parent, FetchLimits limits, string name, bool sha256,
        CancellationToken cancellation)
    {
        var folder = Path.Combine(parent, $".git-{Environment.ProcessId}-{Guid.NewGuid():N}.part");
        IoErrors.Writing(folder, () => Directory.CreateDirectory(folder));

        var repository = new GitRepository(folder, new GitProcess(folder, limits, name));
        try
        {
            // No template: not even the sample hooks of the installed git.
            await repository.Git.RunAsync(
                ["init", "--quiet", "--bare", "--template=", .. sha256 ? ["--object-format=sha256"] : (string[])[]], cancellation)
                .ConfigureAwait(false);
            return repository;
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Lets git read the objects of another repository, of which nothing else counts: no configuration, no hooks, no remotes.
    /// </summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public void ReadObjectsOf(string objects)
    {
        var quoted = objects.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
        var info = Path.Combine(folder, "objects", "info");
        IoErrors.Writing(info, () =>
        {
            Directory.CreateDirectory(info);
            File.WriteAllText(Path.Combine(info, "alternates"), $"\"{quoted}\"\n");
        });
    }

    public void Dispose()
    {
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (IoErrors.Is(e) && attempt < 20)
            {
                Thread.Sleep(50); // a git that was just killed may still close files here
            }
            catch (Exception e) when (IoErrors.Is(e))
            {
                return; // the next run sweeps it
            }
        }
    }
}
