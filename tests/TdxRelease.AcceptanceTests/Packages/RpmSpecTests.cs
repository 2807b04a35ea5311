using TdxRelease.Archives.Codecs;
using TdxRelease.Packages;
using TdxRelease.Packages.Rpm;
using TdxRelease.SourcePackages;
using TdxRelease.Testing;

namespace TdxRelease.AcceptanceTests.Packages;

/// <summary>The spec file of a package with units, configuration and a system program, as a distribution would build it.</summary>
public sealed class RpmSpecTests : IDisposable
{
    // What Fedora 43 defines, in our words: rpm's redhat-rpm-config, systemd-rpm-macros and filesystem.
    private const string Fedora = """
        %_vendor redhat
        %fedora 43
        %dist .fc43
        %_sbindir %{_bindir}
        %_unitdir %{_prefix}/lib/systemd/system
        %_metainfodir %{_datadir}/metainfo
        %systemd_post() /usr/lib/systemd/systemd-update-helper install-system-units %{*} || :
        %systemd_preun() /usr/lib/systemd/systemd-update-helper remove-system-units %{*} || :
        %systemd_postun() %{nil}

        """;

    private static readonly RpmFormat Format = new();

    private readonly TempFolder temp = new();

    public void Dispose() => temp.Dispose();

    [Fact]
    public void Rpmbuild_makes_the_emitted_package_where_no_macros_of_systemd_are()
    {
        var rebuilt = Rebuild("debian");
        var emitted = Emitted();
        Assert.Equal(emitted.Files, rebuilt.Files);
        Assert.Equal(Named(emitted, RpmDependencyTags.Provides), Named(rebuilt, RpmDependencyTags.Provides));
        Assert.Equal(Named(emitted, RpmDependencyTags.Requires), Named(rebuilt, RpmDependencyTags.Requires));
        Assert.Contains(Named(rebuilt, RpmDependencyTags.Provides),
            p => p.StartsWith("config(tdx-module-firmware) ", StringComparison.Ordinal));
        foreach (var tag in (RpmTag[])[RpmTag.Name, RpmTag.Version, RpmTag.Release, RpmTag.Summary, RpmTag.License, RpmTag.Url])
        {
            Assert.Equal(emitted.Header.Text(tag), rebuilt.Header.Text(tag));
        }

        Assert.Equal(emitted.Header.Text(RpmTag.PreUn).TrimEnd(), rebuilt.Header.Text(RpmTag.PreUn).TrimEnd());
        Assert.False(rebuilt.Header.Has(RpmTag.PostIn));
        Assert.Equal(emitted.Header.Texts(RpmTag.ChangelogText), rebuilt.Header.Texts(RpmTag.ChangelogText));
        Assert.Equal(emitted.Header.Texts(RpmTag.ChangelogName), rebuilt.Header.Texts(RpmTag.ChangelogName));
    }

    [Fact]
    public void Rpmbuild_with_Fedoras_macros_makes_the_same_files_and_Fedoras_scripts()
    {
        File.WriteAllText(temp["fedora.macros"], Fedora);
        var rebuilt = Rebuild("fedora", "--nodeps", $"--load={temp["fedora.macros"]}");
        Assert.Equal("1.fc43", rebuilt.Header.Text(RpmTag.Release));
        Assert.Equal(
            Emitted().Files.Select(f => f with { Path = f.Path.Replace("usr/sbin/", "usr/bin/", StringComparison.Ordinal) })
                .OrderBy(f => f.Path, StringComparer.Ordinal),
            rebuilt.Files);
        const string Units = "tdx-module-report.timer tdx-module-update.service";
        Assert.Contains($"install-system-units {Units} ", rebuilt.Header.Text(RpmTag.PostIn), StringComparison.Ordinal);
        Assert.Contains($"remove-system-units {Units} ", rebuilt.Header.Text(RpmTag.PreUn), StringComparison.Ordinal);
        Assert.Contains(new RpmDependency("config(tdx-module-firmware)", RpmSense.Config | RpmSense.Equal, "20260210-1.fc43"),
            rebuilt.Dependencies(RpmDependencyTags.Provides));
    }

    [Fact]
    public void Rpmbuild_asks_for_the_macros_of_systemd_elsewhere_than_on_Debian()
    {
        File.WriteAllText(temp["fedora.macros"], Fedora);
        var top = Source("asks");
        Tool.Run(top, "rpmbuild", "-D", $"_topdir {top}", $"--load={temp["fedora.macros"]}", "--rebuild", Path.Combine(top, "a.src.rpm"))
            .Refused("systemd-rpm-macros is needed by");
        Assert.Contains("systemd-rpm-macros\n",
            Tool.Run(top, "rpm", "--dbpath", top, "-qp", "--requires", Path.Combine(top, "a.src.rpm")).Ok().Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rpmlint_takes_the_spec_file()
    {
        var source = WithUpdater();
        File.WriteAllText(temp[$"{FirmwareSample.Name}.spec"],
            new RpmSourceWriter(Compression.Zstd).SpecFile(source, SourceTarball.Build(source, Compression.FastXz)));
        var found = Tool.Run(temp.Path, "rpmlint", $"{FirmwareSample.Name}.spec").All;
        Assert.Contains("0 packages and 1 specfiles checked; 0 errors", found, StringComparison.Ordinal);
        var explained = File.ReadAllText(Path.Combine(TestData.Checkout, "docs/packaging-rpm.md"));
        Assert.All(found.Split('\n').Where(l => l.Contains(": W: ", StringComparison.Ordinal)),
            l => Assert.Contains($"`{l.Split(": W: ")[1].Split(' ')[0]}`", explained, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_build_services_own_tools_take_its_files(bool withBinaries)
    {
        var source = WithUpdater() with { WithBinaries = withBinaries };
        foreach (var (name, content) in ObsSource.Build(source, SourceTarball.Build(source, Compression.FastXz)))
        {
            File.WriteAllBytes(temp[name], content);
        }

        // obs-build replaces what stands behind %changelog with what this prints, and rpmbuild goes on from there.
        var changes = File.ReadAllText(temp[$"{FirmwareSample.Name}.changes"]);
        Assert.All(changes.Split('\n'), l => Assert.InRange(l.Length, 0, 67));
        var converted = Tool.Run(temp.Path, "/usr/lib/obs-build/changelog2spec", temp[$"{FirmwareSample.Name}.changes"]).Ok();
        Assert.Equal("", converted.Errors);
        Assert.StartsWith(
            "* Tue Feb 10 2026 TDX Release <release@tdxrel.invalid>\n- Version 20260210-1\n  * Add module 2.0.08: 100%% synthetic\n",
            converted.Output, StringComparison.Ordinal);
        File.AppendAllText(temp[$"{FirmwareSample.Name}.spec"], converted.Output);
        Directory.CreateDirectory(temp["SOURCES"]);
        File.Copy(temp[$"{FirmwareSample.Name}-20260210{(withBinaries ? "" : "+ds")}.tar.xz"],
            temp[$"SOURCES/{FirmwareSample.Name}-20260210{(withBinaries ? "" : "+ds")}.tar.xz"]);
        if (!withBinaries)
        {
            RpmSourceTests.Fetch(temp.Path);
            var service = System.Xml.Linq.XDocument.Load(temp["_service"]).Root!.Elements().Single();
            Assert.Equal(("service", "download_files", "manual"),
                (service.Name.LocalName, service.Attribute("name")!.Value, service.Attribute("mode")!.Value));
        }

        Assert.Equal(!withBinaries, File.Exists(temp["_service"]));
        Tool.Run(temp.Path, "rpmbuild", "-D", $"_topdir {temp.Path}", "-bb", $"{FirmwareSample.Name}.spec").Ok();
        var built = Directory.GetFiles(temp["RPMS"], "*.rpm", SearchOption.AllDirectories).Single();
        Assert.Equal(Emitted().Files, RpmReader.Read(File.ReadAllBytes(built), built).Files);
    }

    private static SourceSpec WithUpdater()
    {
        var source = FirmwareSample.Source("20260210", 2, Format.Scripts(["tdx-module-update.service", "tdx-module-report.timer"]));
        PackageFile[] updater =
        [
            new("usr/sbin/tdx-module-update", "#!/bin/sh\nexit 0\n"u8.ToArray(), 0x1ED),
            new("usr/lib/systemd/system/tdx-module-update.service", "[Unit]\n\n[Install]\nWantedBy=multi-user.target\n"u8.ToArray()),
            new("usr/lib/systemd/system/tdx-module-report.timer", "[Timer]\n\n[Install]\nWantedBy=timers.target\n"u8.ToArray()),
            new("usr/lib/systemd/system/tdx-module-report.service", "[Service]\nExecStart=/bin/true\n"u8.ToArray()),
            new("etc/tdx-module-update/config", "quiesce=always\n"u8.ToArray(), Role: FileRole.Configuration),
            PackageFile.Folder("etc/tdx-module-update/pre.d"),
        ];
        var files = source.Files.Concat(updater.Select(f => new SourceFile(f, []))).ToList();
        return source with
        {
            Files = files,
            Package = source.Package with
            {
                Files = [.. files.Select(f => f.File)],
                Relations = PackageRelations.None with { Depends = [.. Format.Depends], Conflicts = ["tdx-module-sample"] },
            },
        };
    }

    private static RpmPackage Emitted()
    {
        var package = RpmReader.Read(RpmFixture.Pack(WithUpdater().Package, Compression.Zstd).Content, "emitted");
        package.Verify();
        return package;
    }

    // The flags of scripts and of the generator that found the program differ; what is asked for does not.
    private static IEnumerable<string> Named(RpmPackage package, RpmDependencyTags tags) => package.Dependencies(tags)
        .Where(d => !d.Name.StartsWith("rpmlib(", StringComparison.Ordinal))
        .Select(d => $"{d.Name} {(long)(d.Flags & (RpmSense.Config | RpmSense.Equal | RpmSense.Less | RpmSense.Greater))} {d.Version}")
        .Distinct().Order(StringComparer.Ordinal);

    private string Source(string name)
    {
        var top = Directory.CreateDirectory(temp[name]).FullName;
        File.WriteAllBytes(Path.Combine(top, "a.src.rpm"), RpmFixture.Pack(WithUpdater()).Content.ToArray());
        return top;
    }

    private RpmPackage Rebuild(string name, params string[] options)
    {
        var top = Source(name);
        Tool.Run(top, "rpmbuild", ["-D", $"_topdir {top}", .. options, "--rebuild", Path.Combine(top, "a.src.rpm")]).Ok();
        var file = Directory.GetFiles(Path.Combine(top, "RPMS"), "*.rpm", SearchOption.AllDirectories).Single();
        var package = RpmReader.Read(File.ReadAllBytes(file), file);
        package.Verify();
        return package;
    }
}
