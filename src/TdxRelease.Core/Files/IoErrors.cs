using TdxRelease.Core.Findings;

namespace TdxRelease.Core.Files;

/// <summary>Exit 6 in the user's words: the operation, the path as given, and the system's reason.</summary>
public static class IoErrors
{
    /// <summary>Whether the system refused, rather than the program or its input being wrong.</summary>
    public static bool Is(Exception cause) => cause is IOException or UnauthorizedAccessException;

    /// <summary>A file or folder could not be written.</summary>
    public static TdxException Writing(string path, Exception cause) =>
        new(ExitCode.Io, $"cannot write \"{path}\": {Reason(cause)}", inner: cause);

    /// <summary>Does what writes, and says what could not be written where the system refuses.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public static void Writing(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (Is(e))
        {
            throw Writing(path, e);
        }
    }

    /// <summary>Does what reads, and says what could not be read where the system refuses.</summary>
    /// <exception cref="TdxException">Exit 6.</exception>
    public static void Reading(string path, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (Is(e))
        {
            throw Reading(path, e);
        }
    }

    /// <summary>A file or folder could not be read.</summary>
    public static TdxException Reading(string path, Exception cause) =>
        new(ExitCode.Io, $"cannot read \"{path}\": {Reason(cause)}", inner: cause);

    /// <summary>A name that must be new is taken.</summary>
    public static TdxException Exists(string path) =>
        new(ExitCode.Io, $"\"{path}\" exists and is not overwritten", "choose another name or remove it yourself");

    private static string Reason(Exception cause) => cause switch
    {
        UnauthorizedAccessException => "permission denied",
        DirectoryNotFoundException => "no such directory",
        FileNotFoundException => "no such file",
        IOException io when (io.HResult & 0xFFFF) == 28 => "no space left on device",
        IOException io when (io.HResult & 0xFFFF) == 30 => "read-only file system",
        _ => cause.Message.TrimEnd('.'),
    };
}
