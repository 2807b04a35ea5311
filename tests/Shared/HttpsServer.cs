using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TdxRelease.Testing;

/// <summary>A request as the test server sees it.</summary>
internal sealed record HttpsRequest(string Path, IReadOnlyDictionary<string, string> Headers);

/// <summary>
/// An https server on loopback with a certification authority of its own. The test answers each request by writing the raw response itself,
/// faults included;
/// every connection serves one request and is closed.
/// </summary>
internal sealed class HttpsServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly X509Certificate2 certificate;
    private readonly Func<HttpsRequest, Stream, Task> answer;

    /// <param name="folder">Where the authority's certificate is written for the client.</param>
    /// <param name="answer">Writes the response; what it throws resets the connection.</param>
    /// <param name="expired">Whether the server's certificate ended yesterday.</param>
    public HttpsServer(string folder, Func<HttpsRequest, Stream, Task> answer, bool expired = false)
    {
        this.answer = answer;
        var now = DateTimeOffset.UtcNow;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tdxrel TEST authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
        certificate = Issue(authority, now.AddDays(-20), expired ? now.AddDays(-1) : now.AddDays(20));
        AuthoritiesFile = System.IO.Path.Combine(folder, "authority.pem");
        File.WriteAllText(AuthoritiesFile, authority.ExportCertificatePem());
        listener.Start();
        _ = AcceptAsync();
    }

    public string AuthoritiesFile { get; }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"https://localhost:{Port}";

    public List<HttpsRequest> Requests { get; } = [];

    /// <summary>An answer with a body and a length.</summary>
    public static async Task Respond(Stream stream, int status, byte[] body, params string[] headers)
    {
        await Head(stream, status, [$"Content-Length: {body.Length}", .. headers]);
        await stream.WriteAsync(body);
    }

    /// <summary>Status line and headers only.</summary>
    public static async Task Head(Stream stream, int status, params string[] headers)
    {
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\n{string.Concat(headers.Select(h => $"{h}\r\n"))}Connection: close\r\n\r\n"));
        await stream.FlushAsync();
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        certificate.Dispose();
        stop.Dispose();
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, from, to, [1, 2, 3, 4]);
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(certificate);
                var request = await ReadAsync(tls);
                lock (Requests)
                {
                    Requests.Add(request);
                }

                await answer(request, tls);
                await tls.ShutdownAsync();
            }
            catch (Exception)
            {
                client.Client.LingerState = new LingerOption(true, 0); // reset instead of an orderly end
            }
        }
    }

    private static async Task<HttpsRequest> ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var path = (await reader.ReadLineAsync())!.Split(' ')[1];
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        return new HttpsRequest(path, headers);
    }
}
