using TdxRelease.Archives.Codecs;

namespace TdxRelease.Repositories;

/// <summary>What a dnf repository is called and where it will be served from.</summary>
/// <param name="Id">Id of the repository in dnf: letters, digits and <c>._:-</c>. Also the name of the <c>.repo</c> file.</param>
/// <param name="Name">Name for people, one line.</param>
/// <param name="BaseUrl">URL of the folder, https or file, without a slash at the end.</param>
/// <param name="Time">SOURCE_DATE_EPOCH: revision and timestamps of the metadata, and time of the signature.</param>
/// <param name="Compression">Compression of the metadata: gzip or zstd.</param>
public sealed record DnfRepositoryOptions(string Id, string Name, string BaseUrl, DateTimeOffset Time, Compression Compression);

/// <summary>A package that a repository carries.</summary>
/// <param name="FileName">Its name in the repository's <c>Packages</c> folder.</param>
/// <param name="Content">The whole package.</param>
public sealed record DnfPackage(string FileName, ReadOnlyMemory<byte> Content);
