namespace TdxRelease.Packages;

/// <summary>One package format. The same two methods for deb, rpm, Arch and tar.</summary>
public interface IPackageWriter
{
    /// <summary>The conventional file name of the package in this format, without a folder.</summary>
    string FileName(PackageSpec spec);

    /// <summary>Writes the whole package to the stream. The same spec gives the same bytes, everywhere.</summary>
    void Write(PackageSpec spec, Stream output);
}
