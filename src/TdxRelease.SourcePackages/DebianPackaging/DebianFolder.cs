using System.Text;
using TdxRelease.Archives;
using TdxRelease.Packages;
using TdxRelease.Packages.Deb;

namespace TdxRelease.SourcePackages.DebianPackaging;

/// <summary>The folder <c>debian</c> of a source package: what a maintainer keeps in git.</summary>
/// <param name="source">What to build from.</param>
/// <param name="upstream">URL of upstream's git repository; null where it is not known.</param>
internal sealed class DebianFolder(SourceSpec source, string? upstream)
{
    internal const string StandardsVersion = "4.6.2";
    internal const string BuildDepends = "debhelper-compat (= 13)";
    private const string Overrides = "usr/share/lintian/overrides/";
    private const string Changelog = "packed-changelog.gz";
    private const string Forge = "https://github.com/";

    private readonly PackageSpec spec = source.Installed;

    /// <summary>Whether there is an autopkgtest.</summary>
    public bool HasTest => spec.InstalledTest is not null;

    /// <summary>The files, with the folder in front.</summary>
    public IEnumerable<TarEntry> Entries()
    {
        var entries = new List<TarEntry>
        {
            Text("build.sh", BuildScript.InDebian(), TarEntry.FolderMode),
            Text("changelog", DebianText.Changelog(spec)),
            Text("control", Control()),
            Text("copyright", DebianCopyright.Of(spec)),
            Text("files.tsv", string.Concat(Installed().Where(f => f.File.IsRegular).Select(f =>
                SourceTarball.Line(f.File, Location(f.File), f.Parts)).Concat(LicenseLines()))),
            Text(Changelog, DebianText.PackedChangelog(spec)),
            Text("rules", Rules(), TarEntry.FolderMode),
            Text("source/format", "3.0 (quilt)\n"),
            Text("source/lintian-overrides", SourceOverrides),
        };
        AddScript(entries, "postinst", spec.Scripts.PostInstall);
        AddScript(entries, "prerm", spec.Scripts.PreRemove);
        AddScript(entries, "postrm", spec.Scripts.PostRemove);
        AddMetadata(entries);
        entries.AddRange(Installed().Where(f => f.Parts.Count == 0)
            .Select(f => PackageTree.Entry(f.File) with { Path = Location(f.File) }));
        entries.AddRange(spec.Files.Where(f => f.Path.StartsWith(Overrides, StringComparison.Ordinal))
            .Select(f => Text($"{spec.Name}.lintian-overrides", f.Content)));

        // dpkg-source takes a file that is no text only where it is named here.
        var binaries = entries.Where(e => e.Kind == TarEntryKind.File && e.Content.Span.ContainsAnyExceptInRange((byte)'\t', (byte)'~'))
            .Select(e => $"{e.Path}\n").Order(StringComparer.Ordinal);
        entries.Add(Text("source/include-binaries", string.Concat(binaries)));
        return entries;
    }

    /// <summary>Whether buildds may build it, which packages outside of main have to say (developer's reference 5.10.5).</summary>
    public static string Autobuild(PackageSpec spec) => spec.Section.StartsWith("non-free", StringComparison.Ordinal) ? "yes" : "";

    /// <summary>Where the packaging is kept.</summary>
    public static void VcsFields(StringBuilder text, PackageSpec spec)
    {
        DebianText.Field(text, "Vcs-Browser", spec.Vcs.EndsWith(".git", StringComparison.Ordinal) ? spec.Vcs[..^4] : spec.Vcs);
        DebianText.Field(text, "Vcs-Git", spec.Vcs);
    }

    // What debhelper installs of itself is not in the tree.
    private IEnumerable<SourceFile> Installed() => source.Files
        .Where(f => f.File.Role != FileRole.License && !f.File.Path.StartsWith(Overrides, StringComparison.Ordinal))
        .OrderBy(f => f.File.Path, StringComparer.Ordinal);

    private static string Location(PackageFile file) => $"debian/tree/{file.Path}";

    // Upstream's licence must be the one that was accepted.
    private IEnumerable<string> LicenseLines() => source.Files
        .Where(f => f.File.Role == FileRole.License && f.Parts.Count == 1)
        .Select(f => SourceTarball.Line(f.File, f.Parts[0].Path, []));

    private string Control()
    {
        var text = new StringBuilder();
        DebianText.Field(text, "Source", spec.Name);
        DebianText.Field(text, "Section", spec.Section);
        DebianText.Field(text, "Priority", "optional");
        DebianText.Field(text, "Maintainer", spec.Maintainer);
        DebianText.Field(text, "Build-Depends", BuildDepends);
        DebianText.Field(text, "Standards-Version", StandardsVersion);
        DebianText.Field(text, "Homepage", spec.Homepage);
        VcsFields(text, spec);
        DebianText.Field(text, "Rules-Requires-Root", "no");
        DebianText.Field(text, "XS-Autobuild", Autobuild(spec));
        text.Append('\n');
        DebianText.Field(text, "Package", spec.Name);
        DebianText.Field(text, "Architecture", "all");
        DebianText.Relations(text, spec.Relations with { Depends = ["${misc:Depends}", .. spec.Relations.Depends] });
        DebianText.Description(text, spec);
        return text.ToString();
    }

    private const string SourceOverrides = """
        # Intel publishes the module as a signed binary and nothing else: hence non-free-firmware.
        source-is-missing [separate_files/*]
        source-contains-prebuilt-binary [separate_files/*]

        """;

    // Firmware is data: nothing is stripped, compressed or renamed on the way.
    private string Rules() => $"""
        #!/usr/bin/make -f

        %:
        {"\t"}dh $@

        override_dh_auto_build:
        {"\t"}sh debian/build.sh prepare

        override_dh_auto_install:
        {"\t"}sh debian/build.sh install debian/{spec.Name}

        override_dh_auto_clean override_dh_auto_configure override_dh_auto_test override_dh_strip override_dh_dwz override_dh_installman:

        # The maintainer scripts are written out, the same whatever debhelper builds them.
        override_dh_installsystemd:

        # The published package has the same changelog; another compressor would make another file of it.
        override_dh_installchangelogs:
        {"\t"}dh_installchangelogs
        {"\t"}if zcat debian/{Changelog} | cmp -s - debian/changelog; then \
        {"\t\t"}rm debian/{spec.Name}/usr/share/doc/{spec.Name}/changelog.Debian; \
        {"\t\t"}cp debian/{Changelog} debian/{spec.Name}/usr/share/doc/{spec.Name}/changelog.Debian.gz; \
        {"\t"}fi

        """;

    private void AddMetadata(List<TarEntry> entries)
    {
        entries.Add(Text("clean", string.Concat(Installed().Where(f => f.Parts.Count > 0).Select(f => $"{Location(f.File)}\n"))));
        if (spec.InstalledTest is { } command)
        {
            entries.Add(Text("tests/control", $"Test-Command: {command}\nDepends: @\nFeatures: test-name=verify\n"));
        }

        if (upstream is null)
        {
            return;
        }

        // Upstream has no releases: a version is the day of the newest commit, UTC.
        entries.Add(Text("watch", $"""
            version=4
            opts="mode=git, pretty=%cd, date=%Y%m%d, pgpmode=none, compression=xz" \
            {upstream} HEAD

            """));
        if (upstream.StartsWith(Forge, StringComparison.Ordinal))
        {
            var page = upstream.EndsWith(".git", StringComparison.Ordinal) ? upstream[..^4] : upstream.TrimEnd('/');
            entries.Add(Text("upstream/metadata",
                $"Bug-Database: {page}/issues\nBug-Submit: {page}/issues/new\nRepository: {page}.git\nRepository-Browse: {page}\n"));
        }
    }

    // debhelper puts nothing in place of its token, which leaves the emitted package's script.
    private static void AddScript(List<TarEntry> entries, string name, string? body)
    {
        if (body is not null)
        {
            entries.Add(Text(name, DebianText.Script(body, "#DEBHELPER#"), TarEntry.FolderMode));
        }
    }

    private static TarEntry Text(string path, string content, int mode = TarEntry.FileMode) =>
        Text(path, Encoding.UTF8.GetBytes(content), mode);

    private static TarEntry Text(string path, ReadOnlyMemory<byte> content, int mode = TarEntry.FileMode) =>
        new($"debian/{path}", content, mode);
}
