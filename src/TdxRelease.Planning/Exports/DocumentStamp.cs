using System.Globalization;

namespace TdxRelease.Planning.Exports;

/// <summary>What makes a document expire and what makes a rollback visible.</summary>
/// <param name="Sequence">Rises with each publication.</param>
/// <param name="Created">When it was made (SOURCE_DATE_EPOCH).</param>
/// <param name="Expires">When it stops being valid.</param>
public readonly record struct DocumentStamp(long Sequence, DateTimeOffset Created, DateTimeOffset Expires)
{
    /// <summary>RFC 3339, UTC, seconds.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
