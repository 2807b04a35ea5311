namespace TdxRelease.Tests.Cli;

/// <summary>What a word of a command line names.</summary>
internal enum Named
{
    /// <summary>No path.</summary>
    Value,

    /// <summary>A file that is read.</summary>
    Input,

    /// <summary>A folder that is read.</summary>
    InputFolder,

    /// <summary>A folder of answers that grows file by file (<c>--record</c>), or repositories that grow (<c>--repository</c>).</summary>
    Growing,

    /// <summary>A folder that is replaced as a whole.</summary>
    Folder,

    /// <summary>A file that is written.</summary>
    File,

    /// <summary>A file that is read and written.</summary>
    State,

    /// <summary>The beginning of several names, none of which may exist.</summary>
    Prefix,
}

/// <summary>
/// Every option with a value and every argument of every command. A new one fails the test until it stands here, and with it in the tables
/// of inputs and outputs.
/// </summary>
internal static class NamedThings
{
    private static readonly string[] Signing =
    [
        "--signing-key", "--certificate", "--passphrase", "--signing-public-key", "--second-key", "--second-passphrase", "--keyring",
    ];

    public static IReadOnlyDictionary<string, Named> All { get; } = Build();

    private static Dictionary<string, Named> Build()
    {
        var all = new Dictionary<string, Named>(StringComparer.Ordinal);
        void Add(string command, Named kind, params IEnumerable<string> names)
        {
            foreach (var name in names)
            {
                all.Add($"tdxrel {command} {name}", kind);
            }
        }

        Add("validate", Named.Input, "SNAPSHOT|MAPPING");
        Add("validate", Named.Value, "--report");
        Add("verify", Named.InputFolder, "SNAPSHOT");
        Add("verify", Named.Input, "--policy", "--published");
        Add("verify", Named.Value, "--report", "--upstream-url");
        Add("image join", Named.Input, "--bin", "--sigstruct");
        Add("image join", Named.Value, "--format");
        Add("image join", Named.File, "--out");
        Add("image inspect", Named.Input, "FILE");
        Add("fetch", Named.Input, "--source", "--policy");
        Add("fetch", Named.Value, "--ref", "--witness-repository", "--upstream-url");
        Add("fetch", Named.State, "--lock");
        Add("fetch", Named.Folder, "--out");
        Add("fetch", Named.Growing, "--record");
        Add("fetch", Named.InputFolder, "--replay");
        Add("sample create", Named.Folder, "DIR");
        Add("graph", Named.InputFolder, "SNAPSHOT");
        Add("graph", Named.Value, "--cpu", "--seamldr", "--format");
        Add("graph", Named.Input, "--policy");
        Add("plan", Named.InputFolder, "SNAPSHOT");
        Add("plan", Named.Value, "--cpu", "--seamldr", "--running", "--running-svn", "--remaining", "--why-not", "--tier", "--prefer",
            "--to", "--require-features", "--used-features", "--allow", "--deny", "--inventory-format", "--format", "--only", "--group-by");
        Add("plan", Named.Input, "--inventory", "--site-policy", "--policy");
        Add("plan", Named.File, "--summary");
        Add("rollout", Named.Input, "PLANS", "--values", "--key", "--policy");
        Add("rollout", Named.Value, "--wave", "--group-by", "--max-parallel", "--max-failed", "--rack-column", "--measurement");
        Add("rollout", Named.Folder, "--out");
        Add("wave", Named.Input, "ROLLOUT", "--plans");
        Add("wave", Named.State, "--state");
        Add("wave", Named.Value, "--format");
        Add("bundle", Named.InputFolder, "SNAPSHOT");
        Add("bundle", Named.Value, "--accept-license", "--formats", "--base-url", "--signing-command", "--signing-input", "--upstream-url");
        Add("bundle", Named.Value, "--revision", "--package-version", "--version-date", "--lifetime-days", "--index-days");
        Add("bundle", Named.Growing, "--repository");
        Add("bundle", Named.Input, [.. Signing, "--metadata", "--history", "--policy"]);
        Add("bundle", Named.Folder, "--out");
        Add("audit", Named.Input, "BUNDLE", "--key", "--certificate", "--attestation", "--policy");
        Add("audit", Named.Value, "--cpu", "--report");
        Add("audit", Named.State, "--state");
        Add("diff", Named.Input, "A", "B", "--modules");
        Add("diff", Named.Value, "--report");
        Add("check", Named.Input, "--source", "--lock", "--policy");
        Add("check", Named.Value, "--ref", "--witness-repository");
        Add("check", Named.Folder, "--out");
        Add("check", Named.Growing, "--record");
        Add("check", Named.InputFolder, "--replay");
        Add("rebuild", Named.Input, ["PROVENANCE", "--key", "--policy", .. Signing, "--metadata", "--history"]);
        Add("rebuild", Named.InputFolder, "--source", "--against");
        Add("rebuild", Named.Value, "--base-url", "--signing-command", "--signing-input");
        Add("refresh", Named.Growing, "REPOSITORY|RELEASE");
        Add("refresh", Named.Input, Signing);
        Add("refresh", Named.Value, "--index-days", "--signing-command", "--signing-input");
        Add("report html", Named.Input, "SUBJECT", "--lock", "--key", "--policy");
        Add("report html", Named.Folder, "--out");
        Add("report reference-values", Named.Input, "SUBJECT", "--key", "--policy");
        Add("report reference-values", Named.Value, "--cpu", "--plan", "--format");
        Add("report reference-values", Named.Folder, "--out");
        Add("completion", Named.Value, "SHELL");
        Add("keys create", Named.Prefix, "--out");
        Add("keys create", Named.Value, "--user-id", "--created", "--expires", "--bits");
        Add("keys create", Named.Input, "--passphrase");
        Add("keys certificate", Named.Prefix, "--out");
        Add("keys certificate", Named.Value, "--user-id", "--created", "--expires", "--signing-command", "--signing-input");
        Add("keys certificate", Named.Input, "--signing-key", "--passphrase", "--signing-public-key");
        Add("keys public", Named.Input, "CERTIFICATE");
        return all;
    }
}
