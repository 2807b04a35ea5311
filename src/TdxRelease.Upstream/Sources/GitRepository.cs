using TdxRelease.Files;

namespace TdxRelease.Upstream.Sources;

/// <summary>An empty bare repository that lasts for one fetch.</summary>
internal sealed class GitRepository : IDisposable
{
    private readonly string folder;

    private GitRepository(string folder, GitProcess git) => (this.folder, Git) = (folder, git);

    public GitProcess Git { get; }

    public static async Task<GitRepository> CreateAsync(FetchContext context, string name, CancellationToken cancellation)
    {
        var parent = context.Cache?.PartialFolder ?? Path.GetDirectoryName(Path.GetFullPath(context.Target))!;
        var folder = Path.Combine(parent, $".git-{Environment.ProcessId}-{Guid.NewGuid():N}.part");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IoErrors.Writing(folder, e);
        }

        var repository = new GitRepository(folder, new GitProcess(folder, context.Limits, name));
        try
        {
            // No template: not even the sample hooks of the installed git.
            await repository.Git.RunAsync(["init", "--quiet", "--bare", "--template="], cancellation).ConfigureAwait(false);
            return repository;
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && attempt < 20)
            {
                Thread.Sleep(50); // a git that was just killed may still close files here
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return; // the next run sweeps it
            }
        }
    }
}
