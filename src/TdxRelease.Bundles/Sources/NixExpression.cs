using System.Globalization;
using System.Text;
using TdxRelease.Bundles.Packages;
using TdxRelease.Modules.Findings;

namespace TdxRelease.Bundles.Sources;

/// <summary>Writes a Nix expression (a function for <c>callPackage</c>) that installs the same files. Beside it belongs the source archive.</summary>
/// <param name="variant">With upstream's bytes in the archive, or fetched file by file with their hashes.</param>
public sealed class NixExpression(SourceVariant variant)
{
    /// <summary>Name of the expression's file.</summary>
    public string FileName => "package.nix";

    /// <summary>Name of the archive that the expression unpacks, in the same folder.</summary>
    public string ArchiveName(SourceForm form) => $"{form.Spec.Name}-{form.Spec.Version}.tar.gz";

    /// <summary>The archive.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public byte[] Archive(SourceForm form) => SourceAssembly.Archive(form.Checked(), variant);

    /// <summary>The expression.</summary>
    /// <exception cref="TdxException">Exit 3.</exception>
    public string Write(SourceForm form)
    {
        SpecRules.Require(form.Checked().Spec);
        var text = new StringBuilder();
        var fetch = variant == SourceVariant.FetchAtBuild;
        text.Append(fetch ? "{ lib, stdenvNoCC, fetchurl }:\n\n" : "{ lib, stdenvNoCC }:\n\n");
        if (fetch)
        {
            Fetches(text, form);
        }

        text.Append(CultureInfo.InvariantCulture, $$"""
            stdenvNoCC.mkDerivation {
              pname = {{Quote(form.Spec.Name)}};
              version = {{Quote(form.Spec.Version)}};
              src = ./. + {{Quote($"/{ArchiveName(form)}")}};

              # Firmware must reach the processor unchanged.
              dontFixup = true;
              dontConfigure = true;


            """);
        Phase(text, "buildPhase", Build(form, fetch));
        Phase(text, "installPhase", Install(form));
        Meta(text, form.Spec);
        return text.ToString();
    }

    private static void Fetches(StringBuilder text, SourceForm form)
    {
        text.Append("let\n");
        text.Append(CultureInfo.InvariantCulture, $"  fetch = path: hash: fetchurl {{\n    url = {Quote(form.RawUrl)} + path;\n    name = builtins.replaceStrings [ \"/\" ] [ \"_\" ] path;\n    inherit hash;\n  }};\n  upstream = {{\n");
        foreach (var file in form.UpstreamFiles)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {Quote(SourceForm.FlatName(file))} = fetch {Quote(file.Path)} \"sha256-{Convert.ToBase64String(Convert.FromHexString(file.Sha256))}\";\n");
        }

        text.Append("  };\nin\n");
    }

    private static IEnumerable<string> Build(SourceForm form, bool fetch)
    {
        if (fetch)
        {
            foreach (var line in form.Recipes.SelectMany(r => SourceAssembly.Commands(r, r.InstalledPath, f => $"${{upstream.{Quote(SourceForm.FlatName(f))}}}")))
            {
                yield return line;
            }
        }

        yield return "sha256sum -c --strict --quiet - <<'END'";
        foreach (var line in SourceAssembly.InstalledSums(form, p => p))
        {
            yield return line;
        }

        yield return "END";
    }

    /// <summary>NixOS looks below <c>$out/lib/firmware</c>, and knows no usr.</summary>
    private static IEnumerable<string> Install(SourceForm form)
    {
        yield return "mkdir -p $out";
        foreach (var folder in PackageTree.AtLicenseFolder(form.Spec).Select(f => f.Path.Split('/')).Where(p => p.Length > 2 && p[0] == "usr").Select(p => p[1]).Distinct().Order(StringComparer.Ordinal))
        {
            yield return folder == "sbin" ? "cp -r usr/sbin $out/bin" : $"cp -r usr/{folder} $out/{folder}";
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
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("${", "\\${", StringComparison.Ordinal)}\"";
}
