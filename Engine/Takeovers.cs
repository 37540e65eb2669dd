using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>Tells that other processes have taken partitions over. Where the log is not shared that is a fault like others, which ends the process.</summary>
internal sealed class Takeovers(bool isShared)
{
    /// <summary>Raised from any thread, and again for the same partition as long as it is worked on.</summary>
    public event Action<int>? Lost;

    /// <summary>Whether the fault says so; whoever is concerned has been told then.</summary>
    public bool Note(Exception fault)
    {
        if (!isShared || fault is not WriterReplacedException replaced)
        {
            return false;
        }
        foreach (var partition in replaced.Partitions)
        {
            Lost?.Invoke(partition);
        }
        return true;
    }
}
