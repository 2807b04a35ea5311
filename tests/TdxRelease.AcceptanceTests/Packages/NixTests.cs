using TdxRelease.Archives.Codecs;
using TdxRelease.SourcePackages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>
/// Nix itself evaluates the flake and builds it in its sandbox. nixpkgs is a stand-in with the few names that are asked of it: the real one
/// would have to be fetched.
/// </summary>
public sealed class NixTests
{
    private const string Nixpkgs = """
        { system, config }:
        let
          pkgs = {
            lib = { licenses.unfreeRedistributableFirmware = { free = false; }; sourceTypes.binaryFirmware = { }; };
            callPackage = path: more: import path (builtins.intersectAttrs (builtins.functionArgs (import path)) (pkgs // more));
            fetchurl = file: builtins.path { path = UPSTREAM + "/${file.name}"; sha256 = file.hash; recursive = false; };
            stdenvNoCC.mkDerivation = package:
              assert package.meta.license.free || config.allowUnfreePredicate package;
              derivation (builtins.removeAttrs package [ "meta" ] // {
                inherit system;
                name = "${package.pname}-${package.version}";
                builder = "/bin/sh";
                args = [ "-euc" "PATH=/usr/bin:/bin; mkdir w; cd w; tar -xf $src; cd *; eval \"$buildPhase\"; eval \"$installPhase\"" ];
              });
          };
        in
        pkgs
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_flake_is_evaluated_and_built(bool withBinaries)
    {
        using var temp = new TempFolder();
        var source = FirmwareSample.Source("20260210", 2, withBinaries: withBinaries);
        var archive = SourceTarball.Build(source, Compression.FastXz);
        foreach (var folder in (string[])["flake", "nixpkgs", "upstream", "home"])
        {
            Directory.CreateDirectory(temp[folder]);
        }

        File.WriteAllText(temp[$"flake/{NixExpression.FileName}"], NixExpression.Write(source, archive));
        File.WriteAllText(temp["flake/flake.nix"], NixExpression.Flake(source));
        File.WriteAllBytes(temp[$"flake/{archive.FileName}"], archive.Content);
        File.WriteAllText(temp["nixpkgs/flake.nix"], "{ outputs = { self }: { }; }\n");
        File.WriteAllText(temp["nixpkgs/default.nix"], Nixpkgs.Replace("UPSTREAM", temp["upstream"], StringComparison.Ordinal));
        foreach (var (path, content) in FirmwareSample.Upstream(2))
        {
            File.WriteAllBytes(temp[$"upstream/{path.Replace('/', '_')}"], content);
        }

        var shown = Nix(temp, "flake", "show", "--json").Output;
        Assert.Contains($"{source.Package.Name}-{source.Package.Version}", shown, StringComparison.Ordinal);
        Nix(temp, "build", "--impure", "--out-link", temp["result"]);
        var built = temp[$"store{File.ResolveLinkTarget(temp["result"], returnFinalTarget: false)!.FullName}"];
        foreach (var file in source.Package.Files.Where(f => f.Path.StartsWith("usr/lib/", StringComparison.Ordinal)))
        {
            Assert.Equal(file.Content.ToArray(), File.ReadAllBytes(Path.Combine(built, file.Path[4..])));
        }
    }

    private static ToolResult Nix(TempFolder temp, string verb, params string[] arguments)
    {
        string[] common = ["--override-input", "nixpkgs", $"path:{temp["nixpkgs"]}", "--offline", "--store", temp["store"],
            "--extra-experimental-features", "nix-command flakes", "--option", "build-users-group", "",
            "--option", "sandbox-paths", "/bin /usr /lib /lib64 /etc/alternatives"];
        var (first, rest) = verb == "flake" ? (arguments[..1], arguments[1..]) : ([], arguments);
        return Tool.RunWith(temp.Path, new Dictionary<string, string> { ["HOME"] = temp["home"] }, "nix",
            [verb, .. first, $"path:{temp["flake"]}", .. rest, .. common]).Ok();
    }
}
