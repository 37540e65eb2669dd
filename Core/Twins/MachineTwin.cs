using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Rules;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

/// <summary>
/// The live state of a machine as a whole: how far its readings have come, and whether it is silent. A machine of several sensors that falls silent
/// gets one flag, under its own path, and its sensors none: the time does not count for them. Not thread-safe.
/// </summary>
public sealed class MachineTwin(Machine machine)
{
    private const byte StateVersion = 1;
    private const double ToleranceMemory = 7.0 * EventTime.Day;

    private SilenceDetector? _silence;
    private byte[] _silenceState = [];
    private OpenFlag? _open;
    private (long Since, FlagChange Change)? _lastSilence;
    private long _tolerance;
    private bool _isDisordered;

    public Machine Machine { get; } = machine;

    /// <summary>Where its host keeps it: the host's business.</summary>
    public int Slot { get; set; }

    /// <summary>How many of its sensors have been heard. One is counted once its first reading has been heard: it may be what ends a silence of the others.</summary>
    public int Sensors { get; set; }

    /// <summary>
    /// Whether all its readings came in order of time, those of different sensors too. Where they did not, a replay in order may judge its silence otherwise.
    /// </summary>
    public bool IsInOrder => !_isDisordered && _tolerance == 0;

    /// <summary>The newest time of all its readings; the least possible value before the first.</summary>
    public long Watermark { get; private set; } = long.MinValue;

    /// <summary>Its flag, while it is silent.</summary>
    public OpenFlag? OpenFlag => _open;

    public Arrivals Arrivals { get; } = new();

    public bool HasChanged { get; set; }

    public int MaxStateSize => 144 + _silenceState.Length + Arrivals.MaxSize;

    /// <summary>
    /// Puts the silence detector of these rules to work: rules that match any sensor of the machine count for the machine too. One with the same parameters
    /// keeps what it knows; else the flag closes.
    /// </summary>
    public void Use(RuleSet rules, ITwinSink sink)
    {
        var silence = SilenceOf(rules);
        if (Equals(silence, _silence))
        {
            return;
        }
        _silence = silence;
        _silenceState = silence is null ? [] : new byte[silence.StateSize];
        Close(Watermark, sink);
        HasChanged = true;
    }

    /// <summary>A reading of any of its sensors.</summary>
    /// <returns>How long the machine as a whole had been silent, to be excused for each of its sensors; 0 where it had not.</returns>
    public long Hear(long time, ITwinSink sink)
    {
        if (time <= Watermark)
        {
            HearOld(time, sink);
            return 0;
        }
        var before = Watermark;
        Watermark = time;
        HasChanged = true;
        if (before != long.MinValue && _tolerance > 0)
        {
            _tolerance -= (long)(_tolerance * Math.Min(1, (time - before) / ToleranceMemory));
        }
        return Judge(before, time, sink) ? time - before : 0;
    }

    /// <summary>Judges that nothing came from any of its sensors for so long, by the wall clock.</summary>
    public void JudgeSilence(long quiet, ITwinSink sink)
    {
        if (_silence is null || Sensors < 2 || !Arrivals.IsOverdue(quiet, Watermark, _silence.Settings.After is not null))
        {
            return;
        }
        // Its own clock as it would be by now.
        var verdict = _silence.JudgeSilence(Watermark + quiet, _silenceState);
        if (verdict.Kind == VerdictKind.Raise)
        {
            _open = new OpenFlag(_silence.Name, verdict.Severity, verdict.Time, verdict.Score);
            HasChanged = true;
            sink.Flagged(this, new FlagChange(_silence.Name, verdict.Severity, verdict.Time, null, verdict.Score));
        }
    }

    /// <summary>
    /// The time up to which its sensors may be asked where their readings are. For several sensors it is the machine's watermark, less the lag by which
    /// some were seen to be delivered behind the others; a sensor alone is its machine, and the wall clock counts.
    /// </summary>
    /// <param name="now">The wall clock.</param>
    /// <param name="quiet">How long nothing has come from the machine.</param>
    public long ClockFor(SensorTwin sensor, long now, long quiet)
    {
        if (Sensors < 2)
        {
            return Arrivals.IsOverdue(quiet, Watermark, sensor.HasFixedSilence) ? Watermark + quiet : Watermark;
        }
        // No sensor's clock that is ahead makes the others late.
        return Math.Min(Watermark, now) - (Arrivals.IsSettled(quiet) ? 0 : _tolerance);
    }

    /// <summary>
    /// The time up to which its sensors are judged before its own silence, which has just ended, is excused for them: theirs may have begun before.
    /// </summary>
    /// <param name="silent">What <see cref="Hear"/> gave.</param>
    public long ClockBefore(long silent) => Watermark - silent - _tolerance;

    /// <summary>The silence of one of its sensors was none: readings of that time came late.</summary>
    internal void Contradicted(long time)
    {
        var lag = Math.Min(2 * (Watermark - time), Math.Max(EventTime.Minute, 8 * _tolerance));
        if (lag > _tolerance)
        {
            _tolerance = lag;
            HasChanged = true;
        }
    }

    /// <summary>Writes its state, and then what the wall clock told. The same readings in the same order give the same bytes, but for the latter.</summary>
    /// <returns>The bytes written in all, and the first of the arrivals.</returns>
    public (int Length, int Arrivals) SaveState(Span<byte> destination)
    {
        var writer = new PackedWriter(destination);
        writer.WriteByte(StateVersion);
        writer.WriteSigned(Watermark);
        writer.WriteUnsigned((ulong)_tolerance);
        writer.WriteUnsigned((ulong)(_silence?.StateVersion ?? 0));
        writer.WriteUnsigned(_silence?.SettingsHash ?? 0);
        writer.WriteUnsigned((ulong)_silenceState.Length);
        writer.WriteBytes(_silenceState);
        writer.WriteByte((byte)((_open is null ? 0 : 1) | (_lastSilence is null ? 0 : 2) | (_isDisordered ? 4 : 0)));
        if (_open is { } open)
        {
            writer.WriteByte((byte)open.Severity);
            writer.WriteSigned(open.From);
            writer.WriteDouble(open.Score);
        }
        if (_lastSilence is var (since, last))
        {
            writer.WriteSigned(since);
            writer.WriteByte((byte)last.Severity);
            writer.WriteSigned(last.From);
            writer.WriteSigned(last.To!.Value);
            writer.WriteDouble(last.Score);
        }
        var arrivals = writer.Position;
        Arrivals.Save(ref writer);
        return (writer.Position, arrivals);
    }

    /// <summary>Puts the machine back as it was saved, under the rules of now: a flag whose detector they have changed closes.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged or of another version.</exception>
    public void Restore(ReadOnlySpan<byte> saved, RuleSet rules, ITwinSink sink)
    {
        var reader = new PackedReader(saved);
        if (reader.ReadByte() != StateVersion)
        {
            PackedReader.ThrowInvalid();
        }
        Watermark = reader.ReadSigned();
        _tolerance = (long)reader.ReadUnsigned();
        var version = reader.ReadUnsigned();
        var hash = reader.ReadUnsigned();
        var state = reader.ReadBytes((int)reader.ReadUnsigned());
        var flags = reader.ReadByte();
        if ((flags & 1) != 0)
        {
            _open = new OpenFlag(SilenceDetector.FlagName, (Severity)reader.ReadByte(), reader.ReadSigned(), reader.ReadDouble());
        }
        if ((flags & 2) != 0)
        {
            _ = Remember(reader.ReadSigned(), (Severity)reader.ReadByte(), reader.ReadSigned(), reader.ReadSigned(), reader.ReadDouble());
        }
        _isDisordered = (flags & 4) != 0;
        Arrivals.Restore(ref reader);
        _silence = SilenceOf(rules);
        _silenceState = _silence is null ? [] : new byte[_silence.StateSize];
        if (_silence is not null && (ulong)_silence.StateVersion == version && _silence.SettingsHash == hash && _silenceState.Length == state.Length)
        {
            state.CopyTo(_silenceState);
        }
        else
        {
            Close(Watermark, sink);
        }
    }

    /// <summary>
    /// Makes up for a lost state, as far as that can be: what it knows of silence is learnt from some last times of its readings, and its flag goes on or,
    /// where that does not make its detector see silence, closes. How late its sensors may be is learnt anew.
    /// </summary>
    /// <param name="times">Ascending.</param>
    /// <param name="known">The flag that it had open.</param>
    /// <param name="now">The wall clock.</param>
    public void Rebuild(IEnumerable<long> times, OpenFlag? known, RuleSet rules, ITwinSink sink, long now)
    {
        HasChanged = true;
        // Nobody knows in which order its readings came.
        _isDisordered = true;
        _silence = SilenceOf(rules);
        _silenceState = _silence is null ? [] : new byte[_silence.StateSize];
        foreach (var time in times)
        {
            Watermark = time;
            _ = _silence?.Judge(new Reading(time, 0), _silenceState);
        }
        if (Watermark != long.MinValue)
        {
            Arrivals.Assume(Watermark, now);
        }
        _open = known;
        if (known is not null && _silence?.JudgeSilence(EventTime.Max, _silenceState).Kind != VerdictKind.Raise)
        {
            Close(Watermark, sink);
        }
    }

    private void HearOld(long time, ITwinSink sink)
    {
        if (time < Watermark && !_isDisordered)
        {
            _isDisordered = true;
            HasChanged = true;
        }
        if (_open is not null)
        {
            // It was not silent: what it had to say was on its way.
            Judge(Watermark, Watermark, sink);
        }
        else if (_lastSilence is var (since, silence) && time > since && time < silence.To)
        {
            // It ended earlier; if before the flag, it was none.
            var change = silence with { To = Math.Max(time, silence.From) };
            _lastSilence = time > silence.From ? (since, change) : null;
            HasChanged = true;
            sink.Flagged(this, change);
        }
    }

    // Whether the machine was silent until this reading.
    private bool Judge(long before, long time, ITwinSink sink)
    {
        if (_silence is null)
        {
            return false;
        }
        var verdict = _silence.Judge(new Reading(time, 0), _silenceState);
        if (verdict.Kind == VerdictKind.Clear && _open is { } open)
        {
            Close(verdict.Time, sink);
            return verdict.Time == time && open.From < time && Remember(before, open.Severity, open.From, time, open.Score);
        }
        if (verdict.Kind != VerdictKind.Interval || Sensors < 2)
        {
            return false;
        }
        Remember(before, verdict.Severity, verdict.Time, time, verdict.Score);
        sink.Flagged(this, _lastSilence!.Value.Change);
        return true;
    }

    // Readings from that time may still come, and prove it wrong.
    private bool Remember(long since, Severity severity, long from, long to, double score)
    {
        _lastSilence = (since, new FlagChange(SilenceDetector.FlagName, severity, from, to, score));
        return true;
    }

    private void Close(long time, ITwinSink sink)
    {
        if (_open is { } open)
        {
            _open = null;
            HasChanged = true;
            sink.Flagged(this, new FlagChange(open.Detector, open.Severity, open.From, Math.Max(time, open.From), open.Score));
        }
    }

    private SilenceDetector? SilenceOf(RuleSet rules) =>
        rules.DetectorsFor(Machine.Factory.Name, Machine.Name, "", "").Detectors.ToArray().OfType<SilenceDetector>().FirstOrDefault();
}
