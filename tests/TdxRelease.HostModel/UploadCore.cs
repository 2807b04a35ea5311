using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TdxRelease.HostModel;

/// <summary>What became of one committed upload.</summary>
/// <param name="Sha256">Of the bytes that the kernel got, lower-case hex.</param>
/// <param name="Outcome"><c>installed</c>, <c>kept</c> (the old module survived) or <c>gone</c>.</param>
public sealed record Commit(string Sha256, string Outcome);

/// <summary>
/// The kernel's firmware upload core with the TDX driver behind it, without any file: facts/3, "The host", trap by trap.
/// Not thread-safe: the owner locks <see cref="Gate"/>.
/// </summary>
public sealed class UploadCore(ModelSettings settings, Func<bool> allCpusOnline, IReadOnlyDictionary<string, string> versions,
    Action changed) : IDisposable
{
    private readonly MemoryStream data = new();
    private readonly List<Commit> commits = [];
    private bool loading;
    private int installs;
    private int svn = -1;

    /// <summary>The lock around everything here.</summary>
    public object Gate { get; } = new();

    /// <summary>The running module; null when none works: reading <c>version</c> is ENXIO then (facts/3, tdx_host).</summary>
    public string? Version { get; private set; } = settings.Version;

    /// <summary>Falls with each install (facts/3, trap 2).</summary>
    public int Remaining { get; private set; } = settings.Remaining;

    /// <summary><c>idle</c> between 1 and 0 as well: it leaves idle only when 0 has queued the work (facts/3, status).</summary>
    public string Status { get; private set; } = "idle";

    /// <summary>Null while an upload runs: EBUSY. Otherwise empty, or of the last upload that was not empty (facts/3, error).</summary>
    public string? Error => Status == "idle" ? LastError : null;

    /// <summary>Everything that was committed, in order.</summary>
    public IReadOnlyList<Commit> Commits => commits;

    private string LastError { get; set; } = settings.StaleError;

    /// <summary>A write to <c>loading</c> (facts/3, loading): always succeeds, does something only when no upload runs.</summary>
    public void WriteLoading(string value)
    {
        if (Status != "idle")
        {
            return; // "While an upload runs, writes are silently ignored."
        }

        if (value == "1")
        {
            data.SetLength(0);
            loading = true;
        }
        else if (value == "0" && loading)
        {
            Finish();
        }
        else
        {
            data.SetLength(0); // -1, other values, or 0 without a 1 before: abort and reset
            loading = false;
        }
    }

    /// <summary>A write to <c>data</c>; without a 1 before, or while an upload runs, it goes nowhere.</summary>
    public void WriteData(ReadOnlySpan<byte> bytes)
    {
        if (loading && Status == "idle")
        {
            data.Write(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();

    private void Finish()
    {
        loading = false;
        if (data.Length == 0)
        {
            return; // "Nothing written between 1 and 0: no upload happens, everything succeeds, error keeps its old value."
        }

        LastError = ""; // "Cleared only when the next non-empty upload starts."
        Status = "receiving";
        changed();
        var image = data.ToArray();
        data.SetLength(0);
        new Thread(() => Work(image)) { IsBackground = true }.Start(); // as the kernel's worker, it waits for no one's thread pool
    }

    private void Work(byte[] image)
    {
        foreach (var state in new[] { "preparing", "transferring", "programming" })
        {
            Set(() => Status = state);
            if (settings.Hangs && state == "transferring")
            {
                return;
            }

            Thread.Sleep(settings.StateTime);
            if (state == "transferring")
            {
                Set(() => Install(image));
            }
        }

        Set(() => Status = "idle");
    }

    private void Set(Action action)
    {
        lock (Gate)
        {
            action();
            changed();
        }
    }

    private void Install(byte[] image)
    {
        installs++;
        var hash = Convert.ToHexStringLower(SHA256.HashData(image));
        if (settings.InstallsNothing)
        {
            commits.Add(new(hash, "kept"));
            return;
        }

        if (!LinuxTakes(image) || Version is null || installs == settings.RefuseAt)
        {
            Fail(hash, "kept");
            return;
        }

        // From here on the old module is shut down (facts/3, traps 1 to 3).
        var next = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(4096 + 948));
        if (installs == settings.FailAfterShutdownAt || Remaining == 0 || !allCpusOnline() || !MadeForCpu(image)
            || !versions.TryGetValue(hash, out var version) || (svn >= 0 && (next >> 8 != svn >> 8 || next < svn)))
        {
            Version = null;
            Fail(hash, "gone");
            return;
        }

        svn = next;
        Version = version;
        Remaining--;
        commits.Add(new(hash, "installed"));
    }

    private void Fail(string hash, string outcome)
    {
        LastError = "transferring:firmware-invalid"; // "The TDX driver reports every failure as" this one.
        commits.Add(new(hash, outcome));
    }

    private bool MadeForCpu(byte[] image)
    {
        var table = image.AsSpan(4096 + 1024);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(table);
        for (var i = 1; i <= Math.Min(count, 255); i++)
        {
            if ((BinaryPrimitives.ReadUInt32LittleEndian(table[(4 * i)..]) & ~0xFu) == settings.Cpu)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Linux's header check in its order (facts/1, "Image formats"); it does not look at the checksum.</summary>
    private static bool LinuxTakes(ReadOnlySpan<byte> image)
    {
        if (image.Length < 4096)
        {
            return false;
        }

        ulong sigstruct = BinaryPrimitives.ReadUInt32LittleEndian(image[12..]);
        ulong module = BinaryPrimitives.ReadUInt32LittleEndian(image[16..]);
        return 4096 * (1 + sigstruct + module) == (ulong)image.Length
            && BinaryPrimitives.ReadUInt16LittleEndian(image) == 0x200
            && sigstruct <= 1 && module <= 496
            && image[4..12].SequenceEqual("TDX-BLOB"u8)
            && image[20..4096].IndexOfAnyExcept((byte)0) < 0;
    }
}
