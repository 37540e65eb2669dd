namespace SensorGrid.Core.Detectors;

/// <summary>The detectors that watch a sensor, with where each keeps its state. Shared by all sensors that the same rules match.</summary>
public sealed class DetectorSet
{
    public static readonly DetectorSet Empty = new([]);

    private readonly Detector[] _detectors;
    private readonly int[] _offsets;
    private readonly Seat[] _seats;

    /// <exception cref="ArgumentException">Two detectors have the same name.</exception>
    public DetectorSet(IReadOnlyList<Detector> detectors)
    {
        _detectors = [.. detectors];
        _offsets = new int[_detectors.Length + 1];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < _detectors.Length; i++)
        {
            if (!names.Add(_detectors[i].Name))
            {
                throw new ArgumentException($"two detectors are named {_detectors[i].Name}", nameof(detectors));
            }
            _offsets[i + 1] = _offsets[i] + _detectors[i].StateSize;
            HasFixedSilence |= _detectors[i] is SilenceDetector { Settings.After: not null };
        }
        _seats = [.. _detectors.Select((detector, i) => new Seat(detector, _offsets[i], detector.JudgesBad))];
    }

    public ReadOnlySpan<Detector> Detectors => _detectors;

    /// <summary>All that it takes to judge a reading.</summary>
    internal ReadOnlySpan<Seat> Seats => _seats;

    /// <summary>Bytes of state a sensor, all detectors together.</summary>
    public int StateSize => _offsets[^1];

    /// <summary>Whether silence has a threshold that somebody set.</summary>
    public bool HasFixedSilence { get; }

    /// <summary>Where the state of a detector lies in the sensor's bytes.</summary>
    public Span<byte> State(int detector, Span<byte> states) => states[_offsets[detector].._offsets[detector + 1]];

    /// <summary>
    /// The detector of <paramref name="older"/> that equals this set's <paramref name="detector"/> (same type and parameters) and
    /// whose state it can go on with; -1 where there is none. A flag that is open under a name whose detector does not go on has
    /// nobody left to close it.
    /// </summary>
    public int IndexIn(DetectorSet older, int detector) => Array.IndexOf(older._detectors, _detectors[detector]);

    /// <summary>Fills a sensor's state for this set: taken over from an older set where the detector is the same, else fresh.</summary>
    public void CarryState(DetectorSet older, Span<byte> olderStates, Span<byte> states)
    {
        states[..StateSize].Clear();
        for (var i = 0; i < _detectors.Length; i++)
        {
            var from = IndexIn(older, i);
            if (from >= 0)
            {
                older.State(from, olderStates).CopyTo(State(i, states));
            }
        }
    }

    /// <param name="State">Where its state begins in the sensor's bytes.</param>
    internal readonly record struct Seat(Detector Detector, int State, bool JudgesBad);
}
