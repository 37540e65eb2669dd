using System.Buffers;
using System.Text;

namespace SensorGrid.Core.Catalog;

/// <summary>
/// The rule for each part of a path: 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>, but neither <c>.</c> nor <c>..</c>, which clients and
/// servers take out of URLs (RFC 3986, 5.2.4): nothing of such a name could be asked for.
/// </summary>
public static class PathPart
{
    public const int MaxLength = 128;

    private const string Allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";

    private static readonly SearchValues<byte> AllowedBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Allowed));

    private static readonly SearchValues<char> AllowedChars = SearchValues.Create(Allowed);

    public static bool IsValid(ReadOnlySpan<byte> part) =>
        part.Length is > 0 and <= MaxLength && part.IndexOfAnyExcept(AllowedBytes) < 0 && part is not ([(byte)'.'] or [(byte)'.', (byte)'.']);

    public static bool IsValid(ReadOnlySpan<char> part) =>
        part.Length is > 0 and <= MaxLength && HasOnlyAllowed(part) && part is not (['.'] or ['.', '.']);

    public static bool HasOnlyAllowed(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(AllowedChars) < 0;

    /// <summary>What is wrong with a part, for people: <paramref name="what"/> is "factory", "machine" or "sensor".</summary>
    public static string Fault(string what, ReadOnlySpan<byte> part) => part.Length switch
    {
        0 => $"the {what} is empty",
        > MaxLength => $"the {what} has {part.Length} characters, at most {MaxLength} are allowed",
        1 or 2 when part is [(byte)'.', .. [] or [(byte)'.']] => $"the {what} is . or .., which no URL can name",
        _ => $"the {what} has a character other than A-Z a-z 0-9 . _ : -",
    };
}
