using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Twins;

public sealed partial class SensorTwin
{
    /// <summary>
    /// Applies readings that ascend, for a host that has many of one sensor at once: the twin's state is what one after the other would give, but they are
    /// folded into the windows together, so that these are unpacked and packed once. The sink gets what is sealed of the run in one piece.
    /// </summary>
    /// <param name="run">Of any length; at most 4,096 where the sink keeps what is sealed as blocks of a segment, which hold no more.</param>
    public void Apply(ReadOnlySpan<Reading> run, TwinContext context)
    {
        var (capacity, keep) = context.Seal;
        if (run.IsEmpty || run[0].Time <= _lastTime || _tailCount > capacity)
        {
            foreach (ref readonly var reading in run)
            {
                Apply(reading, context);
            }
            return;
        }
        _readings += run.Length;
        _lastTime = run[^1].Time;
        HasChanged = true;
        foreach (ref readonly var reading in run)
        {
            Judge(reading, context);
        }
        var surplus = _tailCount + run.Length - capacity;
        if (surplus > 0)
        {
            run = SealAhead((surplus + capacity - keep - 1) / (capacity - keep) * (capacity - keep), run, context);
        }
        if (_tailCapacity < _tailCount + run.Length)
        {
            ResizeTail(capacity);
        }
        run.CopyTo(_tail.AsSpan(_tailCount));
        _tailCount += run.Length;
    }

    // Seals so many, first of the tail and then of what would follow it; returns what stays of the latter.
    private ReadOnlySpan<Reading> SealAhead(int count, ReadOnlySpan<Reading> run, TwinContext context)
    {
        var ofTail = Math.Min(count, _tailCount);
        if (ofTail > 0)
        {
            Seal(ofTail, context);
        }
        var ofRun = run[..(count - ofTail)];
        if (!ofRun.IsEmpty)
        {
            context.FoldSealed(this, ofRun, ref _state);
            _sealedUntil = ofRun[^1].Time;
            context.Sink.Sealed(this, ofRun);
        }
        return run[ofRun.Length..];
    }
}
