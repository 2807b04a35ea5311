using TdxRelease.Core.Findings;
using TdxRelease.Testing;
using TdxRelease.Upstream.Snapshots;
using TdxRelease.Upstream.Sources;

namespace TdxRelease.Tests.Acquisition;

public sealed class FolderTargetTests : IDisposable
{
    private const string Bin = "separate_files/1.5/1.5.01/tdx_module_1.5.01.bin";

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData(Bin)]
    [InlineData("LICENSE")]
    public async Task One_flipped_byte_is_copied_again(string path)
    {
        await FetchAsync();
        var inode = Inode();
        Flip($"up/{path}");
        var again = await FetchAsync();
        Assert.NotEqual(inode, Inode());
        Assert.All(again.Files, file => Assert.Equal(File.ReadAllBytes(temp[$"up/{file.Path}"]), again.Read(file.Path)));
    }

    [Theory]
    [InlineData(Bin)]
    [InlineData(".tdxrel/snapshot.json")]
    [InlineData(".tdxrel-output")]
    public async Task A_snapshot_that_somebody_changed_is_theirs(string path)
    {
        await FetchAsync();
        var inode = Inode();
        Flip($"out/{path}");
        var changed = File.ReadAllBytes(temp[$"out/{path}"]);
        Assert.Equal(ExitCode.Io, (await Assert.ThrowsAsync<TdxException>(FetchAsync)).Code);
        Assert.Equal(inode, Inode());
        Assert.Equal(changed, File.ReadAllBytes(temp[$"out/{path}"]));
    }

    [Fact]
    public async Task A_file_more_or_less_is_copied_again()
    {
        await FetchAsync();
        File.Delete(temp["up/LICENSE"]);
        Assert.False((await FetchAsync()).Contains("LICENSE"));
        File.WriteAllText(temp["up/LICENSE"], "scripts\n");
        Assert.True((await FetchAsync()).Contains("LICENSE"));
        File.WriteAllText(temp["up/new.sh"], "");
        Assert.Equal(3, (await FetchAsync()).Ignored);
    }

    private async Task<Snapshot> FetchAsync()
    {
        if (!Directory.Exists(temp["up"]))
        {
            SmallUpstream.Write(temp["up"], SmallUpstream.Files());
        }

        return await new FolderSource(temp["up"]).FetchAsync(new FetchContext(temp["out"]), default);
    }

    private void Flip(string path)
    {
        var bytes = File.ReadAllBytes(temp[path]);
        bytes[^2] ^= 1;
        File.WriteAllBytes(temp[path], bytes);
    }

    private ulong Inode() => TdxRelease.Core.Files.FileStat.Of(temp["out"])!.Value.Inode;
}
