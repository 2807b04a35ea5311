using System.CommandLine;
using TdxRelease.Core.Files;
using TdxRelease.Core.Findings;
using TdxRelease.Packages.Metadata;
using TdxRelease.Pipeline;
using TdxRelease.Release.Composition;
using TdxRelease.Release.History;
using TdxRelease.Release.Rebuild;
using TdxRelease.Signing;
using TdxRelease.Upstream.Fetching;

namespace TdxRelease.Cli.Commands;

/// <summary><c>tdxrel rebuild PROVENANCE --source SNAPSHOT</c>.</summary>
internal sealed class RebuildCommand
{
    private readonly Argument<string> provenance = new("PROVENANCE")
    {
        Description = "NAME.intoto.json or NAME.sigstore.json of a release",
    };
    private readonly Option<string> source = new("--source")
    {
        Required = true,
        HelpName = "SNAPSHOT",
        Description = "the upstream source: a directory in upstream's layout",
    };
    private readonly Option<string?> against = new("--against")
    {
        HelpName = "DIR",
        Description = "the published output directory, to compare every file; "
            + "default: the directory above the provenance's, where it contains the release",
    };
    private readonly Option<string?> publicKey = new("--key")
    {
        HelpName = "PEM",
        Description = "check the provenance's signature with this public key first",
    };
    private readonly Option<string?> baseUrl = new("--base-url")
    {
        HelpName = "URL",
        Description = "base URL that the repositories were made with; default: the recorded one",
    };
    private readonly SigningOptions signing = new();
    private readonly PackagingOptions packaging = new();
    private readonly Option<string?> policy = Options.Policy();
    private readonly Option<bool> lenient = Options.Lenient();
    private readonly Option<bool> json = Options.Json();

    public static Command Create(Terminal terminal) => new RebuildCommand().Build(terminal);

    private Command Build(Terminal terminal)
    {
        var command = new Command("rebuild",
            "Build a release again from its provenance and the upstream source, and compare byte for byte.\n\n"
            + "Example: tdxrel rebuild out/provenance/tdx-module-20260210.intoto.json --source ./snapshot")
        {
            provenance, source, against, publicKey, baseUrl, policy, lenient, json,
        };
        signing.AddTo(command);
        packaging.AddTo(command);
        command.SetAction(parse => Run(terminal, parse));
        return command;
    }

    private int Run(Terminal terminal, ParseResult parse)
    {
        var trust = Policies.Load(parse.GetValue(policy));
        var testKey = parse.GetValue(policy) == FetchStage.SampleSource;
        using var signer = Signers.Open(signing.Key(parse), trust.MinBundleBits, testKey, line => terminal.Note(line));
        var path = parse.GetRequiredValue(provenance);
        var snapshot = LocalSnapshot.Open(parse.GetRequiredValue(source), allowDirty: true);
        var result = RebuildStage.Run(new RebuildRequest(path, snapshot, trust, signer, parse.GetValue(against) ?? Published(path))
        {
            Strictness = Options.Strictness(parse.GetValue(lenient)),
            Key = parse.GetValue(publicKey) is { } pem ? RsaPublicKey.FromPem(InputFile.Read(pem, 1 << 16), pem) : null,
            BaseUrl = parse.GetValue(baseUrl)?.TrimEnd('/'),
            Metadata = packaging.Metadata(parse) is { } file ? BundleMetadata.Load(file) : null,
            History = [.. packaging.History(parse).SelectMany(EarlierRelease.Open)],
            Notice = line => terminal.Note($"note: {line}"),
        });
        if (parse.GetValue(json))
        {
            terminal.Json(writer => RebuildJson.Write(writer, result));
        }
        else
        {
            Print(terminal, result);
        }

        return (int)(result.Reproduced ? ExitCode.Success : ExitCode.VerificationFailed);
    }

    private static string? Published(string provenance)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(provenance));
        return Path.GetFileName(folder) == ProvenanceStage.ProvenanceFolder ? Path.GetDirectoryName(folder) : null;
    }

    private static void Print(Terminal terminal, RebuildResult result)
    {
        foreach (var difference in result.Differences)
        {
            terminal.Line($"differs: {difference.Path}: {difference.Reason}");
        }

        var signatures = result.Signatures ? "signatures included" : result.Parameters.Unsigned ? "an unsigned release"
            : "signatures excluded";
        terminal.Line(result.Reproduced
            ? $"{result.Parameters.Name}: reproduced, {result.Same.Count} files byte for byte the same, {signatures}"
            : $"{result.Parameters.Name}: NOT REPRODUCED, {result.Differences.Count} files differ, "
                + $"{result.Same.Count} are the same, {signatures}");
    }
}
