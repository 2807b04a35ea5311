using TdxRelease.AcceptanceTests.Packages;
using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;
using TdxRelease.Packages.Rpm;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Build;

/// <summary>What comes with tdxrel itself, before those who read it: man, bash, dpkg, rpm.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void Man_formats_the_page_without_a_warning()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["tdxrel.1"], Tool.Run("/", TdxrelProgram.Path, "man").Ok().Output);
        var man = Tool.Run(temp.Path, "man", "--warnings", "-E", "UTF-8", "-l", "tdxrel.1").Ok();
        Assert.Equal("", man.Errors);
        Assert.Contains("tdxrel keys create", man.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tdxrel veri", "verify")]
    [InlineData("tdxrel keys cr", "create")]
    [InlineData("tdxrel plan x --runn", "--running --running-svn")]
    [InlineData("tdxrel verify --report sa", "sarif")]
    [InlineData("tdxrel verify ", "")]
    public void Bash_completes(string typed, string want)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["tdxrel.bash"], Tool.Run("/", TdxrelProgram.Path, "completion").Ok().Output);
        Tool.Run(temp.Path, "shellcheck", "-s", "bash", "tdxrel.bash").Ok();
        const string Ask = """. ./tdxrel.bash; line=$1; read -ra COMP_WORDS <<< "$line"; [[ $line == *' ' ]] && COMP_WORDS+=(''); """
            + """COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tdxrel; echo "${COMPREPLY[*]}" """;
        Assert.Equal(want, Tool.Run(temp.Path, "bash", "-c", Ask, "bash", typed).Ok().Output.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("veri", "verify")]
    [InlineData("keys cr", "create")]
    [InlineData("plan x --running-s", "--running-svn")]
    [InlineData("verify --report sa", "sarif")]
    public void Fish_completes(string typed, string want)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["tdxrel.fish"], Tool.Run("/", TdxrelProgram.Path, "completion", "fish").Ok().Output);
        var home = new Dictionary<string, string> { ["HOME"] = temp.Path, ["XDG_CONFIG_HOME"] = temp.Path, ["XDG_DATA_HOME"] = temp.Path };
        var found = Tool.RunWith(temp.Path, home, "fish", "--no-config", "-c", $"source tdxrel.fish; complete -C 'tdxrel {typed}'").Ok();
        Assert.Equal(want, Assert.Single(found.Output.TrimEnd('\n').Split('\n')).Split('\t')[0]);
    }

    [Theory]
    [InlineData("veri", "verify ")]
    [InlineData("keys cr", "keys create ")]
    [InlineData("plan x --running-s", "plan x --running-svn ")]
    [InlineData("verify --report sa", "verify --report sarif ")]
    public void Zsh_completes(string typed, string want)
    {
        using var temp = new TempFolder();
        Directory.CreateDirectory(temp["functions"]);
        File.WriteAllText(temp["functions/_tdxrel"], Tool.Run("/", TdxrelProgram.Path, "completion", "zsh").Ok().Output);

        // A shell on a terminal of its own: completion is the line editor's.
        const string Ask = """
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z "PS1=; fpath=($PWD/functions \$fpath); autoload -Uz compinit; compinit -u -D; stty -echo; print -- READY"
            zpty -r -m z seen $'*READY\r\n*'
            zpty -w z "print-buffer() { print -r -- \"GOT<\$BUFFER>\"; BUFFER= ; zle accept-line }; zle -N print-buffer;" \
              "bindkey '^X' print-buffer; print -- SET"
            zpty -r -m z seen $'*SET\r\n*'
            zpty -w -n z "tdxrel $1"$'\t\x18'
            zpty -r -m z seen '*GOT<*>*'
            print -r -- "${${seen#*GOT<tdxrel }%%>*}"
            """;
        Assert.Equal(want, Tool.Run(temp.Path, "timeout", "60", "zsh", "-f", "-c", Ask, "zsh", typed).Ok().Output.TrimEnd('\n'));
    }

    [Fact]
    public void Packages_of_a_program_name_its_architecture()
    {
        using var temp = new TempFolder();
        var spec = SamplePackage.Spec() with { Architecture = PackageArchitecture.X64 };
        foreach (var writer in (IPackageWriter[])[new DebWriter(Compression.Gzip), new RpmWriter(Compression.Gzip)])
        {
            using var file = File.Create(temp[writer.FileName(spec)]);
            writer.Write(spec, file);
        }

        Assert.Equal("amd64",
            Tool.Run(temp.Path, "dpkg-deb", "-f", "intel-tdx-module_20260210-1_amd64.deb", "Architecture").Ok().Output.Trim());
        Assert.Equal("x86_64",
            Tool.Run(temp.Path, "rpm", "-qp", "--nosignature", "--qf", "%{ARCH}", "intel-tdx-module-20260210-1.x86_64.rpm").Ok()
            .Output.Trim());
    }
}
