using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// What the twins of one thread share while they work: where they give off what they produce, and the scratch memory for folding
/// windows. Not thread-safe.
/// </summary>
public sealed class TwinContext : IWindowSink
{
    private readonly WindowFold _fold;
    private readonly WindowStatistics[] _closed;
    private readonly bool[] _hasClosed;
    private byte[] _scratch = new byte[4096];
    private SensorTwin? _sealing;

    public TwinContext(ITwinSink sink, WindowSizes sizes, SealPolicy seal)
    {
        Sink = sink;
        Seal = seal;
        Sizes = sizes;
        _fold = new WindowFold(sizes, this);
        _closed = [.. Enumerable.Range(0, sizes.Count).Select(_ => new WindowStatistics())];
        _hasClosed = new bool[sizes.Count];
    }

    public ITwinSink Sink { get; }

    public SealPolicy Seal { get; }

    public WindowSizes Sizes { get; }

    /// <summary>Folds readings that leave a twin's tail into its windows and reports those that close.</summary>
    internal void FoldSealed(SensorTwin twin, ReadOnlySpan<Reading> readings, ref PackedState state)
    {
        Array.Clear(_hasClosed);
        _sealing = twin;
        _fold.Load(state.Open);
        foreach (ref readonly var reading in readings)
        {
            _fold.Add(reading);
        }
        var open = _fold.Save();
        _sealing = null;
        if (Array.IndexOf(_hasClosed, true) < 0)
        {
            state.SetOpen(open);
            return;
        }
        UnpackClosed(state.Closed);
        state.SetWindows(open, PackClosed());
    }

    /// <summary>Gives the windows of a twin as of its last reading: of each level the last closed one and the open one, where there is one.</summary>
    public void Windows(SensorTwin twin, Action<int, WindowStatistics, bool> take)
    {
        if (twin.Tail.IsEmpty)
        {
            return;
        }
        Array.Clear(_hasClosed);
        _fold.Load(twin.PackedOpenWindows);
        foreach (ref readonly var reading in twin.Tail)
        {
            _fold.Add(reading);
        }
        UnpackClosed(twin.PackedClosedWindows);
        var open = new WindowStatistics();
        for (var level = 0; level < Sizes.Count; level++)
        {
            if (_hasClosed[level])
            {
                take(level, _closed[level], true);
            }
            _fold.Current(level, open);
            take(level, open, false);
        }
    }

    void IWindowSink.Closed(int level, WindowStatistics window)
    {
        _closed[level].CopyFrom(window);
        _hasClosed[level] = true;
        if (_sealing is not null)
        {
            Sink.Closed(_sealing, level, window);
        }
    }

    // The last closed window of each level: its level, start and packed statistics. What closed since then is newer and stays.
    private void UnpackClosed(ReadOnlySpan<byte> packed)
    {
        var reader = new PackedReader(packed);
        while (reader.Position < packed.Length)
        {
            var level = reader.ReadByte();
            var start = reader.ReadSigned();
            var bytes = reader.ReadBytes((int)Math.Min(reader.ReadUnsigned(), int.MaxValue));
            if (level >= _closed.Length)
            {
                PackedReader.ThrowInvalid();
            }
            if (!_hasClosed[level])
            {
                _closed[level].Read(start, Sizes[level], bytes);
                _hasClosed[level] = true;
            }
        }
    }

    private ReadOnlySpan<byte> PackClosed()
    {
        var bound = 0;
        var largest = 0;
        foreach (var window in _closed)
        {
            bound += 24 + window.PackedBound;
            largest = Math.Max(largest, window.PackedBound);
        }
        if (_scratch.Length < bound + largest)
        {
            _scratch = new byte[2 * (bound + largest)];
        }
        var writer = new PackedWriter(_scratch.AsSpan(0, bound));
        var packed = _scratch.AsSpan(bound);
        for (var level = 0; level < _closed.Length; level++)
        {
            if (_hasClosed[level])
            {
                writer.WriteByte((byte)level);
                writer.WriteSigned(_closed[level].Start);
                var length = _closed[level].WriteTo(packed);
                writer.WriteUnsigned((ulong)length);
                writer.WriteBytes(packed[..length]);
            }
        }
        return _scratch.AsSpan(0, writer.Position);
    }
}
