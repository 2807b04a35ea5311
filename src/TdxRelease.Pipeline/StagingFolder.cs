using TdxRelease.Core.Files;

namespace TdxRelease.Pipeline;

/// <summary>A folder of our own that lasts as long as the object.</summary>
internal sealed class StagingFolder : IDisposable
{
    private readonly string root;

    public StagingFolder()
    {
        try
        {
            root = Directory.CreateTempSubdirectory("tdxrel-").FullName;
        }
        catch (Exception e) when (IoErrors.Is(e))
        {
            throw IoErrors.Writing(System.IO.Path.GetTempPath(), e);
        }
    }

    /// <summary>A name in it that is free.</summary>
    public string Path => System.IO.Path.Combine(root, "snapshot");

    public void Dispose()
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
