using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>A folder with a gpg home in it, whose agent ends with the test.</summary>
internal sealed class GpgFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public GpgFolder()
    {
        Directory.CreateDirectory(this["gnupg"]);
        File.SetUnixFileMode(this["gnupg"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    public ToolResult Gpg(params string[] arguments) =>
        Tool.Run(Path, "gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", .. arguments]);

    public void Dispose()
    {
        Tool.Run(Path, "gpgconf", "--kill", "all");
        folder.Dispose();
    }
}
