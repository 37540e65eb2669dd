namespace SensorGrid.Bench.Cluster;

/// <summary>Tells when a figure that is looked at again and again has stopped moving: the last looks lie within a part of each other.</summary>
internal sealed class SettledFigure(int looks, double within)
{
    private readonly Queue<long> _last = new();

    /// <returns>Whether it has settled.</returns>
    public bool Look(long value)
    {
        _last.Enqueue(value);
        if (_last.Count > looks)
        {
            _last.Dequeue();
        }
        return _last.Count == looks && _last.Max() - _last.Min() <= within * _last.Max();
    }
}
