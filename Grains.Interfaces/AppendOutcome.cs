namespace SensorGrid.Grains;

public enum AppendOutcome
{
    /// <summary>On disk.</summary>
    Durable = 0,

    /// <summary>Not taken: too much is under way.</summary>
    Busy = 1,

    /// <summary>Not taken, or not known to be: the store is away. Appending it again does no harm.</summary>
    Unavailable = 2,

    /// <summary>Not taken: the partition is on its way to another silo, or the append came too late.</summary>
    Away = 3,
}
