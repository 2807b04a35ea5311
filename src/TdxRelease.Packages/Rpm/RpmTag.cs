namespace TdxRelease.Packages.Rpm;

/// <summary>
/// Header tags used here, with the numbers of rpm's <c>rpmtag.h</c>. Signature-header tags and main-header tags share one number space.
/// </summary>
public enum RpmTag
{
    /// <summary>Region of the signature header.</summary>
    HeaderSignatures = 62,
    /// <summary>Region of the main header.</summary>
    HeaderImmutable = 63,
    /// <summary>Locales of the translated strings; always <c>C</c>.</summary>
    HeaderI18nTable = 100,
    /// <summary>Signature header: OpenPGP RSA signature over the main header.</summary>
    RsaHeader = 268,
    /// <summary>Signature header: SHA-256 of the main header in hex.</summary>
    Sha256Header = 273,
    /// <summary>Package name.</summary>
    Name = 1000,
    /// <summary>Upstream version.</summary>
    Version = 1001,
    /// <summary>Packaging revision.</summary>
    Release = 1002,
    /// <summary>One line.</summary>
    Summary = 1004,
    /// <summary>Paragraphs.</summary>
    Description = 1005,
    /// <summary>Seconds since 1970.</summary>
    BuildTime = 1006,
    /// <summary>Never a host's name here.</summary>
    BuildHost = 1007,
    /// <summary>Sum of the regular files' lengths.</summary>
    Size = 1009,
    /// <summary>Licence expression.</summary>
    License = 1014,
    /// <summary>Who packages.</summary>
    Packager = 1015,
    /// <summary>Package group.</summary>
    Group = 1016,
    /// <summary>Names of the sources (source packages).</summary>
    Source = 1018,
    /// <summary>Homepage.</summary>
    Url = 1020,
    /// <summary>Operating system.</summary>
    Os = 1021,
    /// <summary>Architecture.</summary>
    Arch = 1022,
    /// <summary>Script after the files are in place.</summary>
    PostIn = 1024,
    /// <summary>Script before the files go.</summary>
    PreUn = 1025,
    /// <summary>Script after the files went.</summary>
    PostUn = 1026,
    /// <summary>Lengths of the files.</summary>
    FileSizes = 1028,
    /// <summary>Modes with type bits.</summary>
    FileModes = 1030,
    /// <summary>Device numbers of device files.</summary>
    FileRdevs = 1033,
    /// <summary>Modification times.</summary>
    FileMtimes = 1034,
    /// <summary>Digests of the files in hex, empty for what is not a regular file.</summary>
    FileDigests = 1035,
    /// <summary>Targets of symbolic links.</summary>
    FileLinkTos = 1036,
    /// <summary><see cref="RpmFileFlags"/> of the files.</summary>
    FileFlags = 1037,
    /// <summary>Owners.</summary>
    FileUserName = 1039,
    /// <summary>Groups.</summary>
    FileGroupName = 1040,
    /// <summary>File name of the source package; absent in source packages.</summary>
    SourceRpm = 1044,
    /// <summary>What <c>rpm -V</c> compares.</summary>
    FileVerifyFlags = 1045,
    /// <summary>Names provided.</summary>
    ProvideName = 1047,
    /// <summary>Flags of the requirements.</summary>
    RequireFlags = 1048,
    /// <summary>Names required.</summary>
    RequireName = 1049,
    /// <summary>Versions required.</summary>
    RequireVersion = 1050,
    /// <summary>Indexes of the sources that a nosrc package leaves out.</summary>
    NoSource = 1051,
    /// <summary>Flags of the conflicts.</summary>
    ConflictFlags = 1053,
    /// <summary>Names in conflict.</summary>
    ConflictName = 1054,
    /// <summary>Versions in conflict.</summary>
    ConflictVersion = 1055,
    /// <summary>Times of the changelog entries.</summary>
    ChangelogTime = 1080,
    /// <summary>Authors of the changelog entries.</summary>
    ChangelogName = 1081,
    /// <summary>Texts of the changelog entries.</summary>
    ChangelogText = 1082,
    /// <summary>Interpreter of <see cref="PostIn"/>.</summary>
    PostInProg = 1086,
    /// <summary>Interpreter of <see cref="PreUn"/>.</summary>
    PreUnProg = 1087,
    /// <summary>Interpreter of <see cref="PostUn"/>.</summary>
    PostUnProg = 1088,
    /// <summary>Architectures that the spec names (source packages).</summary>
    BuildArchs = 1089,
    /// <summary>Names replaced.</summary>
    ObsoleteName = 1090,
    /// <summary>Devices of the files.</summary>
    FileDevices = 1095,
    /// <summary>Inode numbers of the files.</summary>
    FileInodes = 1096,
    /// <summary>Languages of the files.</summary>
    FileLangs = 1097,
    /// <summary>Present in source packages.</summary>
    SourcePackage = 1106,
    /// <summary>Flags of what is provided.</summary>
    ProvideFlags = 1112,
    /// <summary>Versions provided.</summary>
    ProvideVersion = 1113,
    /// <summary>Flags of what is replaced.</summary>
    ObsoleteFlags = 1114,
    /// <summary>Versions replaced.</summary>
    ObsoleteVersion = 1115,
    /// <summary>Index into <see cref="DirNames"/> for each file.</summary>
    DirIndexes = 1116,
    /// <summary>Last parts of the paths.</summary>
    BaseNames = 1117,
    /// <summary>Folders with a slash at both ends.</summary>
    DirNames = 1118,
    /// <summary><c>cpio</c>.</summary>
    PayloadFormat = 1124,
    /// <summary><c>zstd</c>, <c>xz</c> or <c>gzip</c>.</summary>
    PayloadCompressor = 1125,
    /// <summary>Compression level.</summary>
    PayloadFlags = 1126,
    /// <summary>Digest algorithm of <see cref="FileDigests"/>, as OpenPGP numbers it.</summary>
    FileDigestAlgorithm = 5011,
    /// <summary>Names recommended.</summary>
    RecommendName = 5046,
    /// <summary>Versions recommended.</summary>
    RecommendVersion = 5047,
    /// <summary>Flags of the recommendations.</summary>
    RecommendFlags = 5048,
    /// <summary>Names suggested.</summary>
    SuggestName = 5049,
    /// <summary>Versions suggested.</summary>
    SuggestVersion = 5050,
    /// <summary>Flags of the suggestions.</summary>
    SuggestFlags = 5051,
    /// <summary><c>utf-8</c>.</summary>
    Encoding = 5062,
    /// <summary>SHA-256 of the compressed payload in hex, a string array.</summary>
    PayloadSha256 = 5092,
    /// <summary>Algorithm of <see cref="PayloadSha256"/>.</summary>
    PayloadDigestAlgorithm = 5093,
    /// <summary>SHA-256 of the uncompressed payload in hex, a string array.</summary>
    PayloadSha256Uncompressed = 5097,
}

/// <summary>Tags of the signature header whose numbers mean something else in the main header.</summary>
internal static class RpmSignatureTag
{
    /// <summary>Length of main header and compressed payload, 32 bits.</summary>
    public const RpmTag Size = (RpmTag)1000;

    /// <summary>Length of the uncompressed payload, 32 bits.</summary>
    public const RpmTag PayloadSize = (RpmTag)1007;
}

/// <summary>Types of header values.</summary>
public enum RpmType
{
    /// <summary>Bytes; also the type of a region.</summary>
    Char = 1,
    /// <summary>8 bits.</summary>
    Int8 = 2,
    /// <summary>16 bits, big-endian, 2-aligned.</summary>
    Int16 = 3,
    /// <summary>32 bits, big-endian, 4-aligned.</summary>
    Int32 = 4,
    /// <summary>64 bits, big-endian, 8-aligned.</summary>
    Int64 = 5,
    /// <summary>One NUL-terminated string.</summary>
    Text = 6,
    /// <summary>Raw bytes.</summary>
    Binary = 7,
    /// <summary>NUL-terminated strings.</summary>
    TextArray = 8,
    /// <summary>NUL-terminated strings, one for each locale of <see cref="RpmTag.HeaderI18nTable"/>.</summary>
    TranslatedText = 9,
}

/// <summary>What a file is for (rpm's <c>rpmfileAttrs</c>).</summary>
[Flags]
public enum RpmFileFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,
    /// <summary><c>%config</c>.</summary>
    Config = 1 << 0,
    /// <summary><c>%doc</c>.</summary>
    Documentation = 1 << 1,
    /// <summary><c>noreplace</c> of <c>%config</c>.</summary>
    NoReplace = 1 << 4,
    /// <summary>The spec file of a source package.</summary>
    SpecFile = 1 << 5,
    /// <summary><c>%license</c>.</summary>
    License = 1 << 7,
}

/// <summary>How a dependency compares and where it comes from (rpm's <c>rpmsenseFlags</c>).</summary>
[Flags]
public enum RpmSense
{
    /// <summary>Any version.</summary>
    Any = 0,
    /// <summary>Older.</summary>
    Less = 1 << 1,
    /// <summary>Newer.</summary>
    Greater = 1 << 2,
    /// <summary>The same.</summary>
    Equal = 1 << 3,
    /// <summary>The interpreter of a script.</summary>
    Interpreter = 1 << 8,
    /// <summary>Needed by the script after installation.</summary>
    ScriptPostIn = 1 << 10,
    /// <summary>Needed by the script before removal.</summary>
    ScriptPreUn = 1 << 11,
    /// <summary>Needed by the script after removal.</summary>
    ScriptPostUn = 1 << 12,
    /// <summary>A feature of rpm itself.</summary>
    RpmLib = 1 << 24,
    /// <summary>The configuration files' own provide.</summary>
    Config = 1 << 28,
}
