using System.Globalization;
using System.Text;
using TdxRelease.Packages;

namespace TdxRelease.SourcePackages;

/// <summary>
/// Writes a Nix expression (a function for <c>callPackage</c>) that installs the same files. Beside it belongs the source tarball, under
/// its own name.
/// </summary>
public static class NixExpression
{
    /// <summary>Name of the expression's file.</summary>
    public const string FileName = "package.nix";

    /// <summary>The expression.</summary>
    /// <exception cref="TdxRelease.Core.Findings.TdxException">Exit 3.</exception>
    public static string Write(SourceSpec source, SourceArchive archive)
    {
        SourceTarball.Require(source);
        var spec = source.Installed;
        var text = new StringBuilder();
        var fetch = source.Fetched.Count > 0;
        text.Append(fetch ? "{ lib, stdenvNoCC, fetchurl }:\n\n" : "{ lib, stdenvNoCC }:\n\n");
        if (fetch)
        {
            Fetches(text, source);
        }

        text.Append(CultureInfo.InvariantCulture, $$"""
            stdenvNoCC.mkDerivation {
              pname = {{Quote(spec.Name)}};
              version = {{Quote(spec.Version)}};
              src = ./. + {{Quote($"/{archive.FileName}")}};

              # Firmware must reach the processor unchanged.
              dontFixup = true;
              dontConfigure = true;


            """);
        Phase(text, "buildPhase", Build(source));
        Phase(text, "installPhase", Install(spec));
        Meta(text, spec);
        return text.ToString();
    }

    /// <summary>
    /// The <c>flake.nix</c> beside it: nixpkgs is its one input. It takes the licence, which is not free, for this one package; who wants
    /// to be asked calls the function.
    /// </summary>
    public static string Flake(SourceSpec source) => $$"""
        {
          description = {{Quote(source.Installed.Summary)}};

          inputs.nixpkgs.url = "nixpkgs";

          outputs = { self, nixpkgs }:
            let
              pkgs = import nixpkgs {
                system = "x86_64-linux";
                config.allowUnfreePredicate = package: package.pname or "" == {{Quote(source.Installed.Name)}};
              };
            in
            {
              packages.x86_64-linux.default = pkgs.callPackage ./{{FileName}} { };
            };
        }

        """;

    private static void Fetches(StringBuilder text, SourceSpec source)
    {
        text.Append("let\n  fetch = path: hash: fetchurl {\n");
        text.Append(CultureInfo.InvariantCulture, $"    url = {Quote($"{source.BaseUrl}/")} + path;\n");
        text.Append("    name = builtins.replaceStrings [ \"/\" ] [ \"_\" ] path;\n    inherit hash;\n  };\n  upstream = {\n");
        foreach (var part in source.Fetched)
        {
            var hash = Convert.ToBase64String(Convert.FromHexString(part.Sha256));
            text.Append(CultureInfo.InvariantCulture,
                $"    {Quote(SourceTarball.Flat(part))} = fetch {Quote(part.Path)} \"sha256-{hash}\";\n");
        }

        text.Append("  };\nin\n");
    }

    private static IEnumerable<string> Build(SourceSpec source)
    {
        if (source.Fetched.Count > 0)
        {
            yield return "mkdir -p parts";
            foreach (var flat in source.Fetched.Select(SourceTarball.Flat))
            {
                yield return $"cp ${{upstream.{Quote(flat)}}} parts/{flat}";
            }
        }

        yield return "sh ./build.sh prepare";
        yield return "sha256sum -c --strict --quiet - <<'END'";
        foreach (var line in SourceTarball.Sums(source))
        {
            yield return line;
        }

        yield return "END";
    }

    /// <summary>NixOS looks below <c>$out/lib/firmware</c>, and knows no usr.</summary>
    private static IEnumerable<string> Install(PackageSpec spec)
    {
        yield return "mkdir -p $out";
        foreach (var folder in SpecRules.Others(spec).Select(f => f.Path.Split('/')).Where(p => p.Length > 2 && p[0] == "usr")
            .Select(p => p[1]).Distinct().Order(StringComparer.Ordinal))
        {
            yield return folder == "sbin" ? "cp -r tree/usr/sbin $out/bin" : $"cp -r tree/usr/{folder} $out/{folder}";
        }

        if (SpecRules.Licenses(spec).Any())
        {
            yield return $"mkdir -p $out/share/licenses/{spec.Name}";
            yield return $"cp licenses/* $out/share/licenses/{spec.Name}/";
        }
    }

    private static void Phase(StringBuilder text, string name, IEnumerable<string> lines)
    {
        // The heredoc's lines stand in the first column: Nix strips the common indentation only, and the mark must be bare.
        text.Append(CultureInfo.InvariantCulture, $"  {name} = ''\n").AppendJoin('\n', lines).Append("\n  '';\n\n");
    }

    private static void Meta(StringBuilder text, PackageSpec spec) =>
        text.Append(CultureInfo.InvariantCulture, $$"""
              meta = {
                description = {{Quote(spec.Summary)}};
                homepage = {{Quote(spec.Homepage)}};
                license = lib.licenses.unfreeRedistributableFirmware;
                sourceProvenance = [ lib.sourceTypes.binaryFirmware ];
                platforms = [ "x86_64-linux" ];
              };
            }

            """);

    private static string Quote(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("${", "\\${", StringComparison.Ordinal) + "\"";
}
