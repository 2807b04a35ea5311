using System.Globalization;
using NuGet.Versioning;
using TdxRelease.Core.Findings;
using TdxRelease.Planning.Plans;
using TdxRelease.Planning.Rules;
using TdxRelease.Planning.Site;
using TdxRelease.Verification.Cpu;
using TdxRelease.Verification.Versions;

namespace TdxRelease.Planning.Exports;

/// <summary>An image as it lies in a bundle.</summary>
/// <param name="Path">Path in the bundle.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
public readonly record struct ImageFile(string Path, long Length, string Sha256);

/// <summary>steps.tsv: the planner's answers as a table that a shell script can read (docs/steps-table.md).</summary>
/// <param name="releases">The releases of the bundle.</param>
/// <param name="site">Rules of the site to bake in, or null.</param>
public sealed class StepsTable(ReleaseSet releases, SitePolicy? site = null)
{
    /// <summary>Writes the table.</summary>
    /// <param name="output">Where to; lines end in a line feed whatever its own idea of one.</param>
    /// <param name="images">The image of every release.</param>
    /// <param name="stamp">Sequence and times, as in the manifest.</param>
    /// <exception cref="TdxException">A release has no image, or its path holds a control character.</exception>
    public void Write(TextWriter output, IReadOnlyDictionary<ModuleVersion, ImageFile> images, DocumentStamp stamp)
    {
        var lines = 0;
        void Line(params ReadOnlySpan<string> fields)
        {
            for (var i = 0; i < fields.Length; i++)
            {
                output.Write(i > 0 ? "\t" : "");
                output.Write(fields[i].Length == 0 ? "-" : fields[i]);
            }

            output.Write('\n');
            lines++;
        }

        Line("tdxrel-steps", "1", Number(stamp.Sequence), DocumentStamp.Format(stamp.Created), DocumentStamp.Format(stamp.Expires));
        foreach (var release in releases.Releases)
        {
            var image = images.TryGetValue(release.Version, out var found) ? found
                : throw new TdxException(ExitCode.BadInput, $"release \"{release.Spelling}\" has no image");
            if (image.Path.Any(char.IsControl))
            {
                throw new TdxException(ExitCode.BadInput,
                    $"release \"{release.Spelling}\": the path of its image contains a control character");
            }

            var cpus = string.Join(',', release.Cpus.Select(c => c.Family).Distinct().Order());
            Line("image", release.Version.ToString(), release.Svn.ToString(), release.MrSeam, $"0x{release.Features0:X}", cpus, image.Path,
                Number(image.Length), image.Sha256);
        }

        var rows = Rows().ToList();
        foreach (var kind in new[] { "step", "newest", "none" })
        {
            foreach (var row in rows.Where(r => r[0] == kind))
            {
                Line(row);
            }
        }

        Line("end", Number(lines));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string[]> Rows()
    {
        foreach (var family in releases.Families)
        {
            foreach (var loader in releases.LoaderClasses(family.Signature))
            {
                foreach (var (running, name) in Runnings(family.Signature))
                {
                    foreach (var policy in Policies())
                    {
                        foreach (var row in Rows([family.Signature.ToString(), loader.ToString(), name, policy.Name],
                            new(family.Signature, loader, running) { Policy = policy }))
                        {
                            yield return row;
                        }
                    }
                }
            }
        }
    }

    private IEnumerable<string[]> Rows(string[] key, PlanRequest request)
    {
        var search = new PlanSearch(releases, request);
        ReleaseFacts? newest = null;
        foreach (var path in search.Paths())
        {
            newest = path[^1].To;
            var risks = string.Join(',', path[0].Risks.Select(r => r.Id));
            yield return ["step", .. key, newest.Version.ToString(), path[0].To.Version.ToString(), path[0].Tier.Word(), Number(path.Count),
                risks];
        }

        yield return newest is not null ? ["newest", .. key, newest.Version.ToString()]
            : ["none", .. key, Reason(search, IsLooser(request))];
    }

    private bool IsLooser(PlanRequest request) =>
        request.Policy.Tier != TierPolicy.TdPreserving
        && new PlanSearch(releases, request with { Policy = request.Policy with { Tier = TierPolicy.TdPreserving } }).Path().Count > 0;

    /// <summary>Short, as it is repeated often: the whole account is what <c>tdxrel plan --why-not</c> prints.</summary>
    private static string Reason(PlanSearch search, bool looser)
    {
        if (!search.Newer.Any())
        {
            return "nothing newer is released for this processor";
        }

        return looser ? "only with tier td-preserving" : search.Newest is { } newest ? $"{newest.Version} only after a reboot"
            : "the loader is too old for anything newer";
    }

    private IEnumerable<PlanPolicy> Policies()
    {
        foreach (var prefer in new[] { Preference.Fewest, Preference.Smallest })
        {
            foreach (var tier in new[] { TierPolicy.Default, TierPolicy.Strict, TierPolicy.TdPreserving })
            {
                yield return new PlanPolicy { Prefer = prefer, Tier = tier, Site = site };
            }
        }
    }

    /// <summary>
    /// The running versions of the lines that a family has releases on: each point at which
    /// an answer can change, by itself and, where room is, as <c>point+</c> for what lies
    /// between it and the next: no rule tells two versions of one gap apart.
    /// </summary>
    private IEnumerable<(ModuleVersion Running, string Name)> Runnings(CpuSignature family)
    {
        foreach (var line in releases.Releases.Where(r => r.Fits(family)).Select(r => r.Version.Line).Distinct())
        {
            var points = Points(family).Where(p => p.Line == line).Distinct().Order().ToList();
            for (var i = 0; i < points.Count; i++)
            {
                yield return (points[i], points[i].ToString());
                var last = i + 1 == points.Count;
                if (points[i].Update < ushort.MaxValue && (last || points[i + 1].Update > points[i].Update + 1))
                {
                    yield return (points[i] with { Update = (ushort)(points[i].Update + 1) }, $"{points[i]}+");
                }
            }
        }
    }

    private IEnumerable<ModuleVersion> Points(CpuSignature family)
    {
        foreach (var release in releases.Releases)
        {
            yield return release.Version;
            if (release.Fits(family))
            {
                yield return release.MinModule;
                foreach (var source in release.StrictCompat ?? [])
                {
                    yield return source;
                }
            }
        }

        foreach (var version in site is null ? [] : SitePoints(site))
        {
            yield return version;
        }
    }

    private static IEnumerable<ModuleVersion> SitePoints(SitePolicy site)
    {
        var bounds = site.Blocked.SelectMany(b => new[] { b.From.MinVersion, b.From.MaxVersion }).OfType<NuGetVersion>();
        var versions = bounds.Where(b => Math.Max(b.Major, Math.Max(b.Minor, b.Patch)) <= ushort.MaxValue)
            .Select(b => new ModuleVersion((ushort)b.Major, (ushort)b.Minor, (ushort)b.Patch));
        return versions.Concat(site.Barriers.Select(b => b.Version)).Concat(site.DeadEnds.Select(e => e.Version));
    }
}
