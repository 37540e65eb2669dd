namespace SensorGrid.Ingest;

/// <summary>What was refused of one request. Keeps the first <see cref="MaxKept"/> pieces whole and counts them all, so that it stays bounded.</summary>
public sealed class Rejections
{
    public const int MaxRaw = 4096;
    public const int MaxKept = 1000;

    private readonly List<Rejection> _kept = [];

    /// <summary>All pieces refused, kept or not.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<Rejection> Kept => _kept;

    public void Add(int line, string reason, ReadOnlySpan<byte> raw)
    {
        Count++;
        if (_kept.Count < MaxKept)
        {
            _kept.Add(new Rejection(line, reason, raw[..Math.Min(raw.Length, MaxRaw)].ToArray()));
        }
    }
}
