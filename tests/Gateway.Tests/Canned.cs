using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;

namespace SensorGrid.Gateway.Tests;

internal static class Canned
{
    /// <summary>2026-01-31T12:00:00Z, which is also the time of the tests' clock.</summary>
    public const long Noon = 1_769_860_800_000_000;

    public static readonly WindowView Closed = new(
        EventTime.Minute, Noon, true, 6, 5, 12.5, 2.5, -1, 1e21, 0.1, 1, 2, 2.25, 2.5, 4.75, 5e-324);

    public static readonly WindowView Empty = new(
        EventTime.Minute, Noon + EventTime.Minute, false, 1, 0, null, null, null, null, null, null, null, null, null, null, double.NaN);

    public static readonly Flag Flag = new(
        "00000000000000ff", "f1/m1/temp1", "limits", Severity.Alarm, Noon, null, 1.5, AlarmState.Active);

    public static readonly Reading[] Readings =
    [
        new(0, 0.1),
        new(Noon + 1, -0.0, Quality.Uncertain),
        new(Noon + EventTime.Day - 1, 1.7976931348623157E+308, Quality.Bad),
        new(EventTime.Max, 5e-324),
    ];

    public static readonly SensorView Sensor = new(
        "f1/m1/temp1", "temp", new Reading(Noon + 123_456, 81.25), [Closed, Empty], [Flag], new Counters(10, 1, 2, 3));

    public static readonly SensorView NewSensor = new("f1/m1/new", "new", null, [], [], default);

    public static readonly MachineView Machine = new(
        "f1/m1",
        Noon,
        [new("temp1", "temp", new Reading(Noon, 1, Quality.Bad), 1), new("new", "new", null, 0)],
        [new("temp", 1, [Closed])],
        [Flag],
        new Counters(10, 1, 2, 3));

    public static readonly FactoryView Factory = new(
        "f1", [new("m1", 2, Noon, 1), new("m2", 0, null, 0)], [new("temp", 1, [])], [], new Counters(10, 1, 2, 3));
}
