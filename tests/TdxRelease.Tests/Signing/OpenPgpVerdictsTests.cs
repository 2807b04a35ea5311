using System.Text;
using TdxRelease.Signing;
using TdxRelease.Signing.OpenPgp;
using TdxRelease.Testing;
using TdxRelease.Testing.PgpCases;

namespace TdxRelease.Tests.Signing;

/// <summary>Our column of the record of verdicts, and the page made from it; the acceptance tests compare gpgv's and sqv's.</summary>
public class OpenPgpVerdictsTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RsaPublicKey Key = TestRelease.Certificate.PublicKey;
    private static readonly IReadOnlyList<PgpVerdict> Record = PgpVerdict.Read();

    [Fact]
    public void Every_case_has_the_verdict_of_the_record_and_says_why()
    {
        var said = new StringBuilder();
        var verdicts = new List<string>();
        foreach (var one in PgpCase.All)
        {
            verdicts.Add($"{one.Name}: {one.Judge(Now, out var message)}");
            var byKey = new RsaOpenPgpVerifier(Key, Now).VerifyDetached(Pgp.Content, one.Signature);
            said.Append(one.Name).Append(": ").Append(message).Append("; by the key alone: ").Append(byKey.Message)
                .Append(DetachedSignature.IsCovered(one.Signature) ? "; covered" : "")
                .Append(RsaOpenPgpVerifier.IsRigid(one.Signature) ? "; rigid" : "").Append('\n');
        }

        Assert.Equal(PgpCase.All.Select(c => c.Name).Distinct(), Record.Select(v => v.Name));
        Assert.Equal(Record.Select(v => $"{v.Name}: {v.Here}"), verdicts);
        GoldenFile.Equal("tests/TdxRelease.Tests/Signing/golden/openpgp-messages.txt", said.ToString());
    }

    [Fact]
    public void Nothing_is_taken_that_both_gpgv_and_sqv_refuse() =>
        Assert.Empty(Record.Where(v => v.Good && !v.Gpgv && !v.Sqv).Select(v => v.Name));

    [Fact]
    public void Every_difference_has_one_reason_and_no_reason_stands_without_one()
    {
        Assert.Equal(Record.Where(v => !v.Agrees).Select(v => v.Name).Order(StringComparer.Ordinal),
            Reasons.All.SelectMany(r => r.Cases).Order(StringComparer.Ordinal));
        GoldenFile.Equal(PgpVerdict.Page, PgpVerdict.Render(Record));
    }
}
