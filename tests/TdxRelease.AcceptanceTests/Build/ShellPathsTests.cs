using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>Names that a shell gives to descriptors of a process: redirections, pipes, process substitution.</summary>
public sealed class ShellPathsTests : IDisposable
{
    private readonly TempFolder temp = new();

    public ShellPathsTests()
    {
        Bash("tdxrel sample create snapshot").Ok();
        File.WriteAllText(temp["hosts.csv"], "host,cpu,seamldr,running\nnode1,0x806F8,1.5.02,1.5.05\n");
    }

    public void Dispose() => temp.Dispose();

    [Theory]
    [InlineData("--summary - >out")]
    [InlineData("--summary /dev/stdout >out")]
    [InlineData("--summary /proc/self/fd/1 >>out")]
    [InlineData("--summary link >out")]
    [InlineData("--summary /dev/fd/3 3>&1 >out 3>summary && cat summary >>out")]
    [InlineData("--summary >(cat >summary) >out && sleep 1 && cat summary >>out")]
    public void A_summary_goes_where_the_shell_says(string words)
    {
        File.CreateSymbolicLink(temp["link"], "/dev/stdout");
        Bash("tdxrel plan snapshot --policy sample --inventory hosts.csv --summary want >out && cat out want >both && rm out").Ok();
        Bash($"tdxrel plan snapshot --policy sample --inventory hosts.csv {words} && cmp out both").Ok();
        Assert.Equal("/dev/stdout", new FileInfo(temp["link"]).LinkTarget);
    }

    [Theory]
    [InlineData("- <hosts.csv")]
    [InlineData("/dev/stdin <hosts.csv")]
    [InlineData("<(cat hosts.csv)")]
    [InlineData("/dev/fd/3 3<hosts.csv")]
    public void An_inventory_comes_from_where_the_shell_says(string words) =>
        Bash("tdxrel plan snapshot --policy sample --inventory hosts.csv >want "
            + $"&& tdxrel plan snapshot --policy sample --inventory {words} | cmp - want").Ok();

    [Fact]
    public void Images_and_mapping_files_pass_through_pipes()
    {
        var module = Directory.GetFiles(temp["snapshot"], "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First()[..^4];
        var join = $"tdxrel image join --bin {module}.bin --sigstruct {module}.sigstruct --out";
        Bash($"{join} want && {join} - | cmp - want && {join} /dev/stdout | cmp - want && {join} >(cmp - want)").Ok();
        Bash($"tdxrel image join --bin - --sigstruct {module}.sigstruct --out got <{module}.bin && cmp got want").Ok();
        Bash("tdxrel image inspect want >one && tdxrel image inspect - <want | cmp - one "
            + "&& cat want | tdxrel image inspect /dev/stdin | cmp - one").Ok();
        Bash("tdxrel validate - <snapshot/mapping_file.json && head -c 2000000 /dev/zero | tdxrel validate - 2>err; "
            + "test $? = 3 && grep -q 'more than 1048576 bytes' err").Ok();
        Assert.False(Path.Exists(temp["-"]));
    }

    [Fact]
    public void A_key_is_a_file()
    {
        Bash("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem "
            + "&& openssl pkey -in key.pem -pubout -out pub.pem && tar -cf x.tar hosts.csv").Ok();
        Bash("tdxrel audit x.tar --key <(cat pub.pem)").Refused("symbolic link", "is not a regular file");
    }

    private ToolResult Bash(string script) =>
        Tool.Run(temp.Path, "bash", "-c", $"set -o pipefail; tdxrel() {{ '{TdxrelProgram.Path}' \"$@\"; }}; {script}");
}
