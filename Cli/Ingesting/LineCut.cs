namespace SensorGrid.Cli.Ingesting;

/// <summary>Where a piece of line protocol may end.</summary>
internal static class LineCut
{
    /// <summary>
    /// The end of the last whole line: behind the last newline that is in no string, since strings may have newlines in them. Where that would
    /// leave less than half, a quote is not closed: then behind the last newline. 0 where there is none.
    /// </summary>
    public static int Last(ReadOnlySpan<byte> text)
    {
        var last = text.LastIndexOf((byte)'\n') + 1;
        if (!text.Contains((byte)'"'))
        {
            return last;
        }
        var cut = 0;
        var inString = false;
        var at = 0;
        while (true)
        {
            var found = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            var end = found < 0 ? text.Length : at + found;
            if (!inString)
            {
                var newline = text[at..end].LastIndexOf((byte)'\n');
                cut = newline < 0 ? cut : at + newline + 1;
            }
            if (found < 0)
            {
                return cut < text.Length / 2 ? last : cut;
            }
            inString ^= text[end] == '"';
            at = Math.Min(end + (text[end] == '"' ? 1 : 2), text.Length);
        }
    }
}
