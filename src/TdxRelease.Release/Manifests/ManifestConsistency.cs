using TdxRelease.Core.Findings;
using TdxRelease.Core.Json;

namespace TdxRelease.Release.Manifests;

/// <summary>What must hold between the parts of one manifest.</summary>
internal static class ManifestConsistency
{
    public static void Require(Manifest manifest, string name)
    {
        if (manifest.Expires <= manifest.Created)
        {
            throw Bad(name, $"expires {Rfc3339.Write(manifest.Expires)}, not after it was created, {Rfc3339.Write(manifest.Created)}");
        }

        RequireFiles(manifest, name);
        RequireModules(manifest, name);
        var license = manifest.Files.FirstOrDefault(f => f.Path == manifest.License.Path)
            ?? throw Bad(name, $"the licence \"{manifest.License.Path}\" is not among the files");
        if (license.Sha256 != manifest.License.Sha256)
        {
            throw Bad(name, $"the licence \"{license.Path}\" has two hashes: {manifest.License.Sha256} "
                + $"and, among the files, {license.Sha256}");
        }
    }

    private static void RequireFiles(Manifest manifest, string name)
    {
        var folded = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < manifest.Files.Count; i++)
        {
            var path = manifest.Files[i].Path;
            if (path is Manifest.FileName or Manifest.SignatureName or Manifest.OpenPgpSignatureName)
            {
                throw Bad(name, $"files[{i}]: \"{path}\" cannot list itself");
            }

            if (i > 0 && string.CompareOrdinal(manifest.Files[i - 1].Path, path) >= 0)
            {
                throw Bad(name, $"files[{i}]: \"{path}\" is out of order or there twice");
            }

            if (!folded.Add(path))
            {
                throw Bad(name, $"files[{i}]: \"{path}\" differs from another path in case only");
            }
        }
    }

    private static void RequireModules(Manifest manifest, string name)
    {
        var paths = manifest.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < manifest.Modules.Count; i++)
        {
            var module = manifest.Modules[i];
            if (i > 0 && manifest.Modules[i - 1].Version >= module.Version)
            {
                throw Bad(name, $"modules[{i}]: {module.Version} is out of order or there twice");
            }

            if (!paths.Contains(module.Image))
            {
                throw Bad(name, $"modules[{i}]: the image \"{module.Image}\" is not among the files");
            }
        }
    }

    private static TdxException Bad(string name, string what) => new(ExitCode.BadInput, $"{name}: {what}");
}
