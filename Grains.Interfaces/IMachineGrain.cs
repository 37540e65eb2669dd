using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A machine. The key is its path, <c>factory/machine</c>. Answers hold all that was acknowledged before the question.</summary>
public interface IMachineGrain : IGrainWithStringKey
{
    /// <exception cref="UnknownPathException">There is no such machine; the grain is gone again.</exception>
    Task<MachineView> GetTwinAsync();

    /// <inheritdoc cref="IGrid.GetStatisticsAsync"/>
    /// <exception cref="UnknownPathException">There is no such machine; the grain is gone again.</exception>
    Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize);

    /// <summary>The flags of the machine and of its sensors that are open.</summary>
    /// <exception cref="UnknownPathException">There is no such machine; the grain is gone again.</exception>
    Task<Flag[]> GetOpenFlagsAsync();
}
