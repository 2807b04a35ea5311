using System.Text;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Release.Audit;
using TdxRelease.Samples;
using TdxRelease.Signing.Checksums;
using TdxRelease.Testing;

namespace TdxRelease.Tests.Release;

/// <summary>
/// The sample's output folder on disk, to be tampered with. A pattern's <c>*</c> stands for anything; every act gives back the path that it
/// touched.
/// </summary>
internal sealed class ReleaseCopy : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly AuditSample sample;

    public ReleaseCopy(AuditSample sample)
        : this(sample, sample.Output)
    {
    }

    public ReleaseCopy((AuditSample Sample, IReadOnlyDictionary<string, byte[]> Files) other)
        : this(other.Sample, other.Files)
    {
    }

    private ReleaseCopy(AuditSample sample, IReadOnlyDictionary<string, byte[]> files)
    {
        this.sample = sample;
        foreach (var (path, content) in files.Where(f => f.Key != OutputMarker.FileName))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temp[path])!);
            File.WriteAllBytes(temp[path], content);
        }
    }

    public AuditReport Audit(string part, bool unsigned = false) => AuditStage.Run(
        new AuditRequest(part.Length == 0 ? temp.Path : temp[part], unsigned ? null : TestRelease.Signer.PublicKey, SampleUpstream.Policy,
            sample.Created.AddDays(3), null, AllowExpired: false, AllowUnsigned: unsigned));

    /// <summary>The findings that fail the audit of the folder.</summary>
    public IReadOnlyList<Finding> Fails()
    {
        var report = Audit("");
        Assert.False(report.Passed);
        return [.. report.Findings.Where(f => f.Fails)];
    }

    public IReadOnlyList<string> Delete(string pattern)
    {
        var paths = Find(pattern);
        foreach (var path in paths)
        {
            File.Delete(temp[path]);
            for (var parent = Path.GetDirectoryName(temp[path])!; !Directory.EnumerateFileSystemEntries(parent)
                .Any(); parent = Path.GetDirectoryName(parent)!)
            {
                Directory.Delete(parent);
            }
        }

        return paths;
    }

    public string Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public string Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(temp[path])!);
        File.WriteAllBytes(temp[path], content);
        return path;
    }

    /// <summary>Lists the folder anew, as somebody who has the key would.</summary>
    public void List()
    {
        var list = FolderChecksums.Of(temp.Path);
        Write(ChecksumList.FileName, list);
        Write(ChecksumList.SignatureName, SignedChecksums.Sign(list, TestRelease.Signer));
        Write(ChecksumList.OpenPgpSignatureName, SignedChecksums.Sign(list, TestRelease.OpenPgp, sample.Created));
    }

    public string Folder(string path)
    {
        Directory.CreateDirectory(temp[path]);
        return $"{path}/";
    }

    public string Append(string pattern, string text) => Change(pattern, bytes => [.. bytes, .. Encoding.UTF8.GetBytes(text)]);

    public string Double(string pattern) => Change(pattern, bytes => [.. bytes, .. bytes]);

    public string Replace(string pattern, string by) => Change(pattern, _ => File.ReadAllBytes(temp[One(by)]));

    public string Edit(string pattern, string from, string to) => Change(pattern, bytes =>
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    });

    public string Rename(string pattern, string to)
    {
        File.Move(temp[One(pattern)], temp[to]);
        return to;
    }

    public string Link(string pattern)
    {
        var path = One(pattern);
        File.Move(temp[path], $"{temp.Path}.target");
        File.CreateSymbolicLink(temp[path], $"{temp.Path}.target");
        return path;
    }

    public string Mode(string pattern, int mode)
    {
        var path = One(pattern);
        File.SetUnixFileMode(temp[path], (UnixFileMode)mode);
        return path;
    }

    public void Dispose()
    {
        File.Delete($"{temp.Path}.target");
        temp.Dispose();
    }

    private string Change(string pattern, Func<byte[], byte[]> change)
    {
        var path = One(pattern);
        File.WriteAllBytes(temp[path], change(File.ReadAllBytes(temp[path])));
        return path;
    }

    private string One(string pattern)
    {
        var found = Find(pattern);
        Assert.True(found.Count == 1, $"{pattern}: {string.Join(", ", found)}");
        return found[0];
    }

    private List<string> Find(string pattern)
    {
        var any = pattern.StartsWith('*') ? "[^/]*" : ".*";
        var regex = $"^{System.Text.RegularExpressions.Regex.Escape(pattern).Replace("\\*", any, StringComparison.Ordinal)}$";
        return [.. Directory.EnumerateFiles(temp.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(temp.Path, f))
            .Where(p => System.Text.RegularExpressions.Regex.IsMatch(p, regex)).Order(StringComparer.Ordinal)];
    }
}
