using SensorGrid.Core.Detectors;
using SensorGrid.Core.Readings;

namespace SensorGrid.Core.Tests.Detectors;

public class DetectorSetTests
{
    [Fact]
    public void Equal_detectors_carry_their_state_over_and_others_start_fresh()
    {
        var older = new DetectorSet([new SpikeDetector(new()), new FlatLineDetector(new()), new SilenceDetector(new())]);
        var newer = new DetectorSet([new SilenceDetector(new()), new SpikeDetector(new() { Threshold = 7 }), new FlatLineDetector(new())]);
        var olderStates = new byte[older.StateSize];
        for (var i = 0; i < 100; i++)
        {
            for (var d = 0; d < 3; d++)
            {
                older.Detectors[d].Judge(new Reading(i * EventTime.Second, i % 7), older.State(d, olderStates));
            }
        }
        var states = Enumerable.Repeat((byte)0xFF, newer.StateSize).ToArray();

        newer.CarryState(older, olderStates, states);

        Assert.Equal([2, -1, 1], Enumerable.Range(0, 3).Select(d => newer.IndexIn(older, d)));
        Assert.Equal(older.State(2, olderStates), newer.State(0, states));
        Assert.All(newer.State(1, states).ToArray(), value => Assert.Equal(0, value));
        Assert.Equal(older.State(1, olderStates), newer.State(2, states));
    }

    [Fact]
    public void Detectors_are_equal_by_type_and_settings()
    {
        Assert.Equal(new LimitDetector(new() { High = 1 }), new LimitDetector(new() { High = 1 }));
        Assert.NotEqual(new LimitDetector(new() { High = 1 }), new LimitDetector(new() { High = 2 }));
        Assert.NotEqual<Detector>(new SpikeDetector(new()), new SilenceDetector(new()));
    }
}
