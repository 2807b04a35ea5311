using System.Globalization;
using System.Text;
using TdxRelease.Testing;

namespace TdxRelease.Testing.PgpCases;

/// <summary>What gpgv, sqv and we say of a case: a line of the committed record.</summary>
/// <param name="Name">The case.</param>
/// <param name="Gpgv">Whether gpgv takes it as apt reads gpgv: exit 0, GOODSIG, and nothing about an expired or revoked key.</param>
/// <param name="Sqv">Whether sqv exits 0.</param>
/// <param name="Here">Our verdict by its name.</param>
internal sealed record PgpVerdict(string Name, bool Gpgv, bool Sqv, string Here)
{
    /// <summary>The record of all cases, one a line, fields apart by tabs.</summary>
    public const string Path = "tests/fixtures/openpgp/verdicts.tsv";

    /// <summary>The page that is made from it.</summary>
    public const string Page = "docs/openpgp-verdicts.md";

    public bool Good => Here == "Good";

    public bool Agrees => Good == Gpgv && Good == Sqv;

    public override string ToString() => $"{Name}\t{Word(Gpgv)}\t{Word(Sqv)}\t{Here}";

    public static IReadOnlyList<PgpVerdict> Read() =>
        [.. File.ReadAllLines(System.IO.Path.Combine(TestData.Checkout, Path)).Select(line => line.Split('\t'))
            .Select(f => new PgpVerdict(f[0], f[1] == "takes", f[2] == "takes", f[3]))];

    /// <summary>The page: how many, and every difference under its reason.</summary>
    public static string Render(IReadOnlyList<PgpVerdict> verdicts)
    {
        int Count(Func<PgpVerdict, bool> which) => verdicts.Count(which);
        var made = Count(v => v.Name.StartsWith("made by", StringComparison.Ordinal));
        var written = $"{verdicts.Count - made} written packet by packet by the tests (`tests/Shared/PgpCases`)";
        var tests = "The fast tests compare our column of it, the acceptance tests all three";
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # OpenPGP: gpgv, sqv and tdxrel

            {verdicts.Count} certificates and signatures, each unusual in one way, judged by gpgv 2.2.40, sqv 1.1.0 and `tdxrel`:
            {written}, {made} made with gpg and sq (`tests/fixtures/openpgp/make.sh`).
            The record of all is `{Path}`. {tests}; this page is written by the tests (`TDXREL_UPDATE=1`).

            | | cases |
            |---|---|
            | all three take it | {Count(v => v.Agrees && v.Good)} |
            | all three refuse it | {Count(v => v.Agrees && !v.Good)} |
            | gpgv and sqv take it, refused here | {Count(v => !v.Good && v.Gpgv && v.Sqv)} |
            | only gpgv takes it | {Count(v => !v.Good && v.Gpgv && !v.Sqv)} |
            | only sqv takes it | {Count(v => !v.Good && !v.Gpgv && v.Sqv)} |
            | taken here and by sqv, gpgv refuses it | {Count(v => v.Good && !v.Gpgv && v.Sqv)} |
            | taken here and by gpgv, sqv refuses it | {Count(v => v.Good && v.Gpgv && !v.Sqv)} |
            | taken here, gpgv and sqv refuse it | {Count(v => v.Good && !v.Gpgv && !v.Sqv)} |

            gpgv "takes" a signature as apt reads it: exit 0, GOODSIG, nothing about an expired or revoked key.

            ## Where we differ, and why

            """);
        foreach (var (why, cases) in Reasons.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n{why}\n\n| case | gpgv | sqv | tdxrel |\n|---|---|---|---|\n");
            foreach (var v in cases.Select(name => verdicts.FirstOrDefault(v => v.Name == name)).OfType<PgpVerdict>())
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"| {v.Name} | {Word(v.Gpgv)} | {Word(v.Sqv)} | {(v.Good ? "takes" : "refuses: " + v.Here)} |\n");
            }
        }

        return page.ToString();
    }

    private static string Word(bool takes) => takes ? "takes" : "refuses";
}
