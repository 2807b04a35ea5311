using System.CommandLine;
using System.Security.Cryptography;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Images;
using TdxRelease.Verification.Sigstructs;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel image join|inspect</c>.</summary>
internal static class ImageCommand
{
    public static Command Create(Terminal terminal) =>
        new("image", "Join and inspect module images (\"blobs\").") { Join(terminal), Inspect(terminal) };

    private static Command Join(Terminal terminal)
    {
        var bin = new Option<string>("--bin") { Required = true, HelpName = "FILE", Description = "the module" };
        var sigstruct = new Option<string>("--sigstruct") { Required = true, HelpName = "FILE", Description = "its sigstruct" };
        var format = new Option<string>("--format")
        {
            DefaultValueFactory = _ => "v2",
            HelpName = "v1|v2",
            Description = "image format; Linux 7.2 takes only v2"
        };
        format.AcceptOnlyFromAmong("v1", "v2");
        var output = new Option<string>("--out") { Required = true, HelpName = "FILE", Description = "the image; '-' is stdout" };
        var command = new Command("join",
            "Join a module and its sigstruct to an image.\n\n"
            + "Example: tdxrel image join --bin m.bin --sigstruct m.sigstruct --format v2 --out m.blob") { bin, sigstruct, format, output };
        command.SetAction(parse =>
        {
            var (binPath, sigstructPath) = (parse.GetRequiredValue(bin), parse.GetRequiredValue(sigstruct));
            var module = InputFile.ReadNamed(binPath, (int)Image.MaxModulePages * Image.Page);
            var findings = new List<Finding>();
            ImageChecker.CheckModule(module.Length, binPath, null, findings);
            var structure = InputFile.ReadNamed(sigstructPath, Image.Page);
            if (Sigstruct.Read(structure) is null)
            {
                findings.Add(new Finding(SigstructRules.Length,
                    $"the file has {structure.Length} bytes, want {SigstructLayout.IntelRsa3072.Length}", new Location(sigstructPath)));
            }

            if (findings.Count > 0)
            {
                throw new TdxException(ExitCode.BadInput, findings[0].ToString());
            }

            OutputPath.RequireApart(parse.GetRequiredValue(output), binPath, sigstructPath);
            terminal.Save(parse.GetRequiredValue(output),
                ImageWriter.Join(module, structure, parse.GetValue(format) == "v1" ? ImageFormat.V1 : ImageFormat.V2));
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static Command Inspect(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "an image, v1 or v2; '-' reads stdin" };
        var json = Options.Json();
        var command = new Command("inspect",
            "Show what an image contains and what is wrong with its structure; verify checks signatures.\n\n"
            + "Example: tdxrel image inspect tdx_module_1.5.16.blob") { file, json };
        command.SetAction(parse =>
        {
            var path = parse.GetRequiredValue(file);
            var bytes = InputFile.ReadNamed(path, 16 << 20);
            var findings = new List<Finding>();
            var sound = ImageChecker.Check(bytes, path, null, findings);
            var fields = sound ? Fields(bytes, findings, path) : [];
            if (parse.GetValue(json))
            {
                terminal.Json(writer => Write(writer, fields, findings));
            }
            else
            {
                terminal.Table(fields.Select(f => (IReadOnlyList<string>)[f.Name, f.Value]).DefaultIfEmpty(["image", "unsound"]));
                terminal.Findings(findings);
            }

            return (int)(findings.Exists(f => f.Fails) ? ExitCode.BadInput : ExitCode.Success);
        });
        return command;
    }

    private static List<(string Name, string Value)> Fields(byte[] bytes, List<Finding> findings, string path)
    {
        _ = Image.TryRead(bytes, out var image);
        var sigstruct = Sigstruct.Read(bytes.AsMemory(Image.Page, ImageChecker.SigstructLength(image.SigstructPart)))!;
        new SigstructChecker(sigstruct, path, null, findings).Check(image.ModulePart.Length, line: null);
        var hash = SHA384.HashData(image.ModulePart);
        return
        [
            ("format", image.Format == ImageFormat.V1 ? "v1" : "v2"),
            ("kernels", image.Format == ImageFormat.V1 ? "none (Linux 7.2 refuses v1; Intel's UEFI loader takes it)"
                : "Linux 7.2 and later"),
            ("modulePages", $"{image.ModulePages}"),
            ("svn", sigstruct.SeamSvn.ToString()),
            ("date", sigstruct.Date?.ToString("yyyy-MM-dd") ?? "malformed"),
            ("debug", sigstruct.IsDebug ? "yes" : "no"),
            ("key", $"RSA-{sigstruct.Layout.KeyBits}"),
            ("signerSha384", Convert.ToHexStringLower(SHA384.HashData(sigstruct.Modulus))),
            ("cpus", string.Join(", ", sigstruct.Cpus.Select(c => CpuFamily.Of(c).Name))),
            ("mrseam", Convert.ToHexStringLower(sigstruct.SeamHash)),
            ("seamhashMatches", hash.AsSpan().SequenceEqual(sigstruct.SeamHash) ? "yes" : "no"),
        ];
    }

    // schemas/image.schema.json
    private static void Write(System.Text.Json.Utf8JsonWriter json, List<(string Name, string Value)> fields, List<Finding> findings)
    {
        json.WriteStartObject();
        json.WriteString("format", "tdxrel-image/1");
        json.WriteBoolean("sound", !findings.Exists(f => f.Fails));
        json.WriteStartObject("image");
        fields.ForEach(f => json.WriteString(f.Name, f.Value));
        json.WriteEndObject();
        json.WriteStartArray("findings");
        findings.ForEach(f => json.WriteStringValue(f.ToString()));
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
