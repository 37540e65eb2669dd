namespace SensorGrid.Core.Rules;

/// <summary>Says what somebody may have meant.</summary>
public static class NearestName
{
    /// <summary>What to say of a name that is not among those known, with the nearest one where there is one.</summary>
    public static string Unknown(string what, string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        var nearest = names.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Max(2, nearest.Length / 3)
            ? $"unknown {what}; did you mean \"{nearest}\"?"
            : $"unknown {what}; known are {string.Join(", ", names)}";
    }

    /// <summary>Levenshtein's distance (1966), letters of either case alike.</summary>
    private static int Distance(string left, string right)
    {
        if (left.Length > 64)
        {
            return int.MaxValue;
        }
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = previous[j - 1] + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[right.Length];
    }
}
