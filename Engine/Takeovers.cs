using SensorGrid.Historian;

namespace SensorGrid.Engine;

/// <summary>Tells that other processes have taken partitions over. Where the log is not shared that is a fault like others, which ends the process.</summary>
internal sealed class Takeovers(bool isShared)
{
    /// <summary>Raised from any thread, once for each.</summary>
    public event Action<int>? Lost;

    /// <summary>Whether the fault says so, or that a partition was given up meanwhile; whoever is concerned has been told then.</summary>
    public bool Note(Exception fault)
    {
        if (!isShared || fault is not WriterReplacedException replaced)
        {
            return false;
        }
        foreach (var partition in replaced.TakenOver)
        {
            Lost?.Invoke(partition);
        }
        return true;
    }
}
