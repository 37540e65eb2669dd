namespace SensorGrid.Core.Catalog;

/// <summary>What a sensor measures. Roll-ups group by it.</summary>
public static class Kind
{
    /// <summary>
    /// The default kind: the sensor's name less a trailing number and the separator before it (<c>temperature-03</c> and
    /// <c>temperature3</c> are <c>temperature</c>); a name of digits alone is its own kind.
    /// </summary>
    public static string Of(string sensor)
    {
        var end = sensor.AsSpan().TrimEnd("0123456789").Length;
        if (end == sensor.Length)
        {
            return sensor;
        }
        end = sensor.AsSpan(0, end).TrimEnd("._:-").Length;
        return end == 0 ? sensor : sensor[..end];
    }
}
