using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;

namespace TdxRelease.AcceptanceTests.Signing;

/// <summary>
/// What gpgv, sqv and we say of the same certificates and signatures, against the committed record; the fast tests hold the reasons to it.
/// </summary>
public class OpenPgpVerdictsTests
{
    [Fact]
    public void Gpgv_sqv_and_we_say_what_the_record_says()
    {
        using var folder = new GpgFolder();
        File.WriteAllBytes(folder["content"], Pgp.Content);
        var verdicts = PgpCase.All.Select(one => Verdict(folder, one)).ToList();
        Assert.True(verdicts.Count >= 150, $"{verdicts.Count} cases");
        GoldenFile.Equal(PgpVerdict.Path, string.Concat(verdicts.Select(v => v + "\n")));
    }

    private static PgpVerdict Verdict(GpgFolder folder, PgpCase one)
    {
        File.WriteAllBytes(folder["certificate"], one.Certificate);
        File.WriteAllBytes(folder["signature"], one.Signature);
        var gpgv = Tool.Run(folder.Path, "gpgv", "--status-fd", "1", "--keyring", folder["certificate"], "signature", "content");
        var sqv = Tool.Run(folder.Path, "sqv", "--keyring", "certificate", "signature", "content");
        return new PgpVerdict(one.Name, gpgv.Exit == 0 && SaysGood(gpgv.Output), sqv.Exit == 0, one.Judge(DateTimeOffset.UtcNow, out _));
    }

    private static bool SaysGood(string status) =>
        status.Contains("] GOODSIG ", StringComparison.Ordinal)
        && !new[] { "] EXPKEYSIG ", "] REVKEYSIG ", "] EXPSIG ", "] BADSIG ",
        "] ERRSIG " }.Any(word => status.Contains(word, StringComparison.Ordinal));
}
