using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TdxRelease.Bundles.Archives;
using TdxRelease.Files;
using TdxRelease.Modules.Findings;
using TdxRelease.Upstream.Snapshots;

namespace TdxRelease.Stages.Reuse;

/// <summary>Identity of everything that decides what this program makes of an input: another build of it, another runtime or compressor is another tool.</summary>
public static class ToolId
{
    /// <summary>SHA-256, lower-case hex, of the module version ids of our assemblies (deterministic builds derive them from the code and the versions it refers to), the runtime, and the system's compressors.</summary>
    public static string Sha256 { get; } = Compute();

    private static string Compute()
    {
        var text = new StringBuilder();
        Assembly?[] own = [typeof(RuleCatalog).Assembly, typeof(AtomicFile).Assembly, typeof(Snapshot).Assembly, typeof(Compressor).Assembly, typeof(ToolId).Assembly, Assembly.GetEntryAssembly()];
        foreach (var assembly in own.OfType<Assembly>().Distinct().OrderBy(a => a.FullName, StringComparer.Ordinal))
        {
            text.Append($"{assembly.FullName} {assembly.ManifestModule.ModuleVersionId}\n");
        }

        text.Append($"{RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}\n{Compressor.Libraries}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
