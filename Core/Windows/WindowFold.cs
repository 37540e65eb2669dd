using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Windows;

/// <summary>
/// Folds the readings of one sensor, in the order of time, into windows of all sizes. A reading is added to the window of the
/// smallest size only; a window that closes (a reading at or after its end has come) is reported and appended to the open window
/// of the next size. So a window's bits depend on its readings alone: not on batching, on saving and loading, or on what was
/// before. Scratch space for any number of sensors, one after the other; not thread-safe.
/// </summary>
public sealed class WindowFold
{
    /// <summary>Version of the saved form, its first byte.</summary>
    public const byte StateVersion = 1;

    private readonly WindowSizes _sizes;
    private readonly IWindowSink _sink;
    private readonly WindowStatistics[] _windows;
    private readonly WindowStatistics[] _closed;
    private readonly WindowStatistics _scratch = new();
    private readonly Range[] _packed;
    private byte[] _loaded = new byte[1024];
    private byte[] _saved = new byte[1024];
    private WindowStatistics _pane;
    private long _paneStart;
    private long _paneSize;

    public WindowFold(WindowSizes sizes, IWindowSink sink)
    {
        _sizes = sizes;
        _sink = sink;
        _packed = new Range[sizes.Count];
        _windows = [.. Enumerable.Range(0, sizes.Count).Select(level => new WindowStatistics(0, sizes[level]))];
        _closed = [.. Enumerable.Range(0, sizes.Count).Select(_ => new WindowStatistics())];
        _pane = _windows[0];
    }

    /// <summary>Whether no reading has come yet.</summary>
    public bool IsEmpty => _paneSize == 0;

    /// <summary>Takes up where <see cref="Save"/> left a sensor; nothing saved is a sensor without readings.</summary>
    /// <exception cref="InvalidDataException">
    /// The bytes are damaged or of another version; damage in the larger windows may show only in a later call. Load again before
    /// anything else.
    /// </exception>
    public void Load(ReadOnlySpan<byte> state)
    {
        Clear();
        if (state.IsEmpty)
        {
            return;
        }
        if (_loaded.Length < state.Length)
        {
            _loaded = new byte[state.Length * 2];
        }
        state.CopyTo(_loaded);
        var reader = new PackedReader(state);
        var version = reader.ReadByte();
        int levels = reader.ReadByte();
        var pane = reader.ReadUnsigned();
        if (version != StateVersion || (levels & 1) == 0 || levels >> _sizes.Count != 0 || pane > (ulong)(EventTime.Max / _sizes[0]))
        {
            PackedReader.ThrowInvalid();
        }
        for (var level = 0; level < _sizes.Count; level++)
        {
            if ((levels & (1 << level)) != 0)
            {
                var length = reader.ReadBytes((int)Math.Min(reader.ReadUnsigned(), int.MaxValue)).Length;
                _packed[level] = (reader.Position - length)..reader.Position;
            }
        }
        _paneSize = _sizes[0];
        _paneStart = (long)pane * _paneSize;
        Window(0);
    }

    /// <summary>Adds a reading that is not older than any before it; reports the windows that it closes.</summary>
    /// <exception cref="ArgumentException">The reading is older than the open window of the smallest size.</exception>
    public void Add(in Reading reading)
    {
        if ((ulong)(reading.Time - _paneStart) >= (ulong)_paneSize)
        {
            MoveTo(reading.Time);
        }
        _pane.Add(reading);
    }

    /// <summary>
    /// Fills in the open window of a size as of now, with the bits it would be reported with if nothing more came; its count is 0
    /// where no reading has come at all.
    /// </summary>
    public void Current(int level, WindowStatistics into)
    {
        into.CopyFrom(_pane);
        for (var larger = 1; larger <= level; larger++)
        {
            _scratch.CopyFrom(Window(larger));
            _scratch.Append(into);
            into.CopyFrom(_scratch);
        }
        into.Place(_sizes.Start(level, _paneStart), _sizes[level]);
    }

    /// <summary>
    /// The state in packed form, empty where no reading has come; valid until the next call of any member. It can only be loaded
    /// under the same window sizes.
    /// </summary>
    public ReadOnlySpan<byte> Save()
    {
        if (IsEmpty)
        {
            return [];
        }
        var bound = 16 + _loaded.Length;
        var levels = 0;
        for (var level = 0; level < _windows.Length; level++)
        {
            bound += 5 + _windows[level].PackedBound;
            levels |= IsPacked(level) || _windows[level].Count > 0 ? 1 << level : 0;
        }
        if (_saved.Length < 2 * bound)
        {
            _saved = new byte[4 * bound];
        }
        var writer = new PackedWriter(_saved);
        writer.WriteByte(StateVersion);
        writer.WriteByte((byte)levels);
        writer.WriteUnsigned((ulong)(_paneStart / _paneSize));
        for (var level = 0; level < _windows.Length; level++)
        {
            if ((levels & (1 << level)) != 0)
            {
                Write(ref writer, level, _saved.AsSpan(_saved.Length / 2));
            }
        }
        return _saved.AsSpan(0, writer.Position);
    }

    private void Write(ref PackedWriter writer, int level, Span<byte> scratch)
    {
        ReadOnlySpan<byte> bytes = IsPacked(level)
            ? _loaded.AsSpan(_packed[level])
            : scratch[.._windows[level].WriteTo(scratch)];
        writer.WriteUnsigned((ulong)bytes.Length);
        writer.WriteBytes(bytes);
    }

    private bool IsPacked(int level) => !_packed[level].Equals(default(Range));

    // Larger windows stay packed until they are needed, which for most of them is seldom.
    private WindowStatistics Window(int level)
    {
        var window = _windows[level];
        if (IsPacked(level))
        {
            window.Read(_sizes.Start(level, _paneStart), _sizes[level], _loaded.AsSpan(_packed[level]));
            _packed[level] = default;
        }
        return window;
    }

    private void Clear()
    {
        for (var level = 0; level < _windows.Length; level++)
        {
            _windows[level].Reset(0, _sizes[level]);
            _packed[level] = default;
        }
        _paneStart = 0;
        _paneSize = 0;
    }

    private void MoveTo(long time)
    {
        if (time < _paneStart)
        {
            throw new ArgumentException(
                $"the reading of {EventTime.Format(time)} is older than the open window from {EventTime.Format(_paneStart)}", nameof(time));
        }
        var closing = _paneStart;
        for (var level = 0; level < _windows.Length && !IsEmpty; level++)
        {
            if (_sizes.Start(level, time) == _sizes.Start(level, closing))
            {
                break;
            }
            Close(level, closing);
        }
        _paneSize = _sizes[0];
        _paneStart = _sizes.Start(0, time);
        _pane = _windows[0];
        _pane.Place(_paneStart, _paneSize);
    }

    private void Close(int level, long time)
    {
        var window = Window(level);
        _sink.Closed(level, window);
        if (level + 1 < _windows.Length)
        {
            var larger = Window(level + 1);
            larger.Place(_sizes.Start(level + 1, time), _sizes[level + 1]);
            larger.Append(window);
        }
        // It stays as it is until the next one of its level closes.
        (_windows[level], _closed[level]) = (_closed[level], window);
        _windows[level].Reset(0, _sizes[level]);
    }
}
