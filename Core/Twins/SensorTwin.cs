using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Twins;

/// <summary>
/// The live state of one sensor. Its newest readings lie raw in the tail, sorted by time; older ones are folded into its windows, which rest packed
/// between two uses. A reading in order costs one comparison, one store and its detectors; windows are folded once for many readings, when
/// the tail is sealed. Not thread-safe: one thread at a time.
/// </summary>
public sealed partial class SensorTwin
{
    /// <summary>Some more than an object of this class takes.</summary>
    private const int FieldBytes = 160;

    private Reading[] _tail = [];
    private int _tailCount;
    private int _tailCapacity;
    private long _lastTime = long.MinValue;
    private long _sealedUntil = long.MinValue;
    private PackedState _state;
    private DetectorSet _detectors;
    private OpenFlag[] _openFlags = [];
    private long _readings;
    private Disorder? _disorder;

    public SensorTwin(Sensor sensor, DetectorSet detectors)
    {
        Sensor = sensor;
        _detectors = detectors;
        _state = new PackedState(stackalloc byte[detectors.StateSize]);
    }

    public Sensor Sensor { get; }

    /// <summary>Where its host keeps it: the host's business.</summary>
    public int Slot { get; set; }

    /// <summary>The twin of its machine, which learns from it how late sensors may be; null where nobody judges silence.</summary>
    public MachineTwin? Machine { get; set; }

    public Counters Counters => new(_readings, _disorder?.Duplicates ?? 0, _disorder?.Late ?? 0, _disorder?.Corrections ?? 0);

    /// <summary>The newest reading; null before the first.</summary>
    public Reading? Last => _tailCount == 0 ? null : _tail[_tailCount - 1];

    /// <summary>The time of the newest reading, also where the tail is lost; the least possible value before the first.</summary>
    public long LastTime => _lastTime;

    /// <summary>The newest readings in time order; all older ones are sealed.</summary>
    public ReadOnlySpan<Reading> Tail => _tail.AsSpan(0, _tailCount);

    /// <summary>The time of the newest sealed reading; the least possible value where none is.</summary>
    public long SealedUntil => _sealedUntil;

    /// <summary>
    /// The newest time for which a reading came after it had been sealed: windows kept here that begin at or before it lack that reading, and only the
    /// history has them right. The least possible value where none came.
    /// </summary>
    public long LateUntil => _disorder?.LateUntil ?? long.MinValue;

    /// <summary>Whether anything of it changed since this was last set to false.</summary>
    public bool HasChanged { get; set; }

    /// <summary>How many readings have come after their time had been sealed, since it was made or restored.</summary>
    internal long PassedBy => _disorder?.PassedBy ?? 0;

    /// <summary>Its windows as of the last sealed reading; <see cref="TwinContext"/> reads them.</summary>
    internal ReadOnlySpan<byte> PackedOpenWindows => _state.Open;

    internal ReadOnlySpan<byte> PackedClosedWindows => _state.Closed;

    /// <summary>
    /// Fetches a twin into the processor's cache, for a host that applies other sensors' readings before it comes to this one: call it some readings before
    /// <see cref="FetchState"/>.
    /// </summary>
    public static unsafe void Fetch(SensorTwin twin) => FetchLines((byte*)Unsafe.As<SensorTwin, nint>(ref twin), FieldBytes);

    /// <summary>Fetches what its next reading touches; the twin itself should have come already.</summary>
    public unsafe void FetchState()
    {
        if (_tailCount == 0)
        {
            return;
        }
        var tail = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tail));
        var state = (byte*)Unsafe.AsPointer(ref _state.First);
        if (_tailCount < _tailCapacity)
        {
            FetchLines(tail + (_tailCount * sizeof(Reading)), sizeof(Reading));
            FetchLines(state, _state.DetectorBytes);
            return;
        }
        // It is sealed then.
        FetchLines(tail, _tailCount * sizeof(Reading));
        FetchLines(state, _state.Length);
    }

    private static unsafe void FetchLines(byte* from, int bytes)
    {
        const int Line = 64;
        if (Sse.IsSupported)
        {
            for (var line = (byte*)((nuint)from & ~(nuint)(Line - 1)); line < from + bytes; line += Line)
            {
                Sse.Prefetch0(line);
            }
        }
    }

    public void Apply(in Reading reading, TwinContext context)
    {
        _readings++;
        HasChanged = true;
        if (reading.Time <= _lastTime)
        {
            ApplyOutOfOrder(reading, context);
            return;
        }
        if (_tailCount >= _tailCapacity)
        {
            MakeRoom(context);
        }
        // Without looking at the array's length, which lies far from its end.
        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_tail), _tailCount++) = reading;
        _lastTime = reading.Time;
        Judge(reading, context);
    }

    /// <summary>Puts its windows right: as they are with the late readings in them.</summary>
    internal void Repair(ReadOnlySpan<byte> openWindows, ReadOnlySpan<byte> closedWindows)
    {
        _state.SetWindows(openWindows, closedWindows);
        ForgetLate();
    }

    /// <summary>Nothing that it keeps lacks late readings.</summary>
    internal void ForgetLate()
    {
        _disorder?.LateUntil = long.MinValue;
        HasChanged = true;
    }

    private void ApplyOutOfOrder(in Reading reading, TwinContext context)
    {
        var disorder = _disorder ??= new Disorder();
        if (reading.Time < _lastTime)
        {
            disorder.Late++;
        }
        if (reading.Time <= _sealedUntil)
        {
            PassBy(disorder, reading, context);
            return;
        }
        var at = FindInTail(reading.Time);
        if (at >= 0)
        {
            if (_tail[at] == reading)
            {
                disorder.Duplicates++;
                return;
            }
            disorder.Corrections++;
            _tail[at] = reading;
            context.Sink.Inserted(this, reading);
            return;
        }
        Insert(~at, reading, disorder, context);
    }

    private void Insert(int at, in Reading reading, Disorder disorder, TwinContext context)
    {
        if (_tailCount == _tailCapacity)
        {
            MakeRoom(context);
            at = ~FindInTail(reading.Time);
            if (reading.Time <= _sealedUntil)
            {
                // Making room sealed readings on both sides of it.
                PassBy(disorder, reading, context);
                return;
            }
        }
        Array.Copy(_tail, at, _tail, at + 1, _tailCount - at);
        _tail[at] = reading;
        _tailCount++;
        context.Sink.Inserted(this, reading);
    }

    private void PassBy(Disorder disorder, in Reading reading, TwinContext context)
    {
        disorder.LateUntil = Math.Max(disorder.LateUntil, reading.Time);
        disorder.PassedBy++;
        context.Sink.Late(this, reading);
    }

    // The index of the reading at a time, or the complement of where it would go.
    private int FindInTail(long time)
    {
        var low = 0;
        var high = _tailCount - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var there = _tail[middle].Time;
            if (there == time)
            {
                return middle;
            }
            if (there < time)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return ~low;
    }

    private void MakeRoom(TwinContext context)
    {
        if (_tailCapacity < context.Seal.Capacity)
        {
            ResizeTail(context.Seal.Capacity);
            return;
        }
        Seal(_tailCount - context.Seal.Keep, context);
    }

    // At once, not by doubling: what a million sensors outgrow together is garbage of the oldest generation, and stays long.
    private void ResizeTail(int capacity)
    {
        Array.Resize(ref _tail, capacity);
        _tailCapacity = capacity;
    }

    private void Seal(int count, TwinContext context)
    {
        var readings = _tail.AsSpan(0, count);
        context.FoldSealed(this, readings, ref _state);
        _sealedUntil = readings[^1].Time;
        context.Sink.Sealed(this, readings);
        _tailCount -= count;
        Array.Copy(_tail, count, _tail, 0, _tailCount);
        if (_tailCapacity > context.Seal.Capacity && _tailCount <= context.Seal.Capacity)
        {
            // It was restored from a time when tails were longer.
            ResizeTail(context.Seal.Capacity);
        }
    }

    /// <summary>What most sensors never need.</summary>
    private sealed class Disorder
    {
        public long Duplicates { get; set; }

        public long Late { get; set; }

        public long Corrections { get; set; }

        public long LateUntil { get; set; } = long.MinValue;

        public long PassedBy { get; set; }

        /// <summary>Null where there is nothing of it.</summary>
        public static Disorder? Of(in Counters counters, long lateUntil) =>
            (counters.Duplicates | counters.Late | counters.Corrections) == 0 && lateUntil == long.MinValue
                ? null
                : new Disorder { Duplicates = counters.Duplicates, Late = counters.Late, Corrections = counters.Corrections, LateUntil = lateUntil };
    }
}
