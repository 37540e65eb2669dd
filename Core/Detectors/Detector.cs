using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// Judges one sensor's readings as they come, in time order and without look-ahead. A detector holds parameters only and serves
/// any number of sensors at once; what it remembers of a sensor lies in a few bytes that the sensor's twin keeps, zero at first.
/// What it says depends on these bytes and the reading alone, so that a replay says the same.
/// </summary>
public abstract class Detector
{
    /// <summary>Its name, unique among the detectors of a sensor; a sensor has at most one open flag of each name.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of state a sensor, a multiple of 8.</summary>
    public abstract int StateSize { get; }

    /// <summary>Raised when the layout or meaning of the state changes: an older snapshot's state is then dropped.</summary>
    public abstract int StateVersion { get; }

    /// <summary>A hash of its parameters, the same in every process: a snapshot's state serves only the detector that it was learnt by.</summary>
    public abstract ulong SettingsHash { get; }

    /// <summary>Whether bad readings are judged as well, by their time alone; false: usable ones (good or uncertain) only.</summary>
    public virtual bool JudgesBad => false;

    /// <summary>Judges a reading newer than all before it.</summary>
    /// <exception cref="ArgumentException">The state is shorter than <see cref="StateSize"/>.</exception>
    public Verdict Judge(in Reading reading, Span<byte> state)
    {
        if (state.Length < StateSize)
        {
            throw new ArgumentException("less than the detector's state", nameof(state));
        }
        return Judge(reading, ref MemoryMarshal.GetReference(state));
    }

    /// <summary>
    /// Judges the absence of readings: the machine's clock has reached <paramref name="now"/>. Called now and then, never between a reading's arrival and its judgement.
    /// </summary>
    public virtual Verdict JudgeSilence(long now, Span<byte> state) => Verdict.None;

    /// <summary>The same for a caller that has seen to the <see cref="StateSize"/> bytes: this is done for every reading.</summary>
    internal abstract Verdict Judge(in Reading reading, ref byte state);

    /// <summary>The machine as a whole sent nothing for so long, in microseconds: what waits for readings does not count that time.</summary>
    public virtual void Excuse(long duration, Span<byte> state)
    {
    }
}

/// <summary>A detector whose state is a struct without references.</summary>
public abstract class Detector<TState> : Detector
    where TState : unmanaged
{
    public sealed override int StateSize => (Unsafe.SizeOf<TState>() + 7) & ~7;


    public sealed override Verdict JudgeSilence(long now, Span<byte> state) =>
        JudgeSilence(now, ref MemoryMarshal.AsRef<TState>(state));

    public sealed override void Excuse(long duration, Span<byte> state) => Excuse(duration, ref MemoryMarshal.AsRef<TState>(state));

    protected static ref TState As(ref byte state) => ref Unsafe.As<byte, TState>(ref state);

    protected virtual Verdict JudgeSilence(long now, ref TState state) => Verdict.None;

    protected virtual void Excuse(long duration, ref TState state)
    {
    }
}
