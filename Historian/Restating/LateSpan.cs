namespace SensorGrid.Historian.Restating;

/// <summary>Times of a sensor's late readings that no detector has judged, both ends inclusive; what came in order between them is judged with them.</summary>
public readonly record struct LateSpan(int Sensor, long From, long To)
{
    private const long Near = Core.Readings.EventTime.Minute;

    /// <summary>Whether a later time is so close to its end that it belongs to it whatever lies between.</summary>
    public bool IsNear(long time) => time - To <= Near;
}
